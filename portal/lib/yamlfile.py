"""YAML as the handbook's files are written: one form, so that reading and writing gives the same bytes."""

from collections.abc import Mapping
from typing import Any

import yaml

_Reader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same in C, where PyYAML was built with it: ten times as fast."""


class _Writer(yaml.SafeDumper):
    """Block style, two spaces, lists indented under their key, texts of more lines as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _write_text)


def dump(data: Mapping[str, Any]) -> str:
    """Return the one YAML text for this data; keys keep their order."""
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False)


def load(text: str) -> dict[str, Any]:
    """Return the mapping a YAML text holds; raises ValueError with the place when it is not one."""
    try:
        data = yaml.load(text, Loader=_Reader)  # noqa: S506 # safe: it makes nothing but plain data
    except yaml.YAMLError as error:
        raise ValueError(f"geen geldige YAML: {error}") from error
    if not isinstance(data, dict):
        raise ValueError("de inhoud moet beginnen met sleutels, zoals 'schema: 1'")
    return data
