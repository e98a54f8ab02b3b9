"""The order of the packages is a promise: imports only go down (README, "De pakketten en hun volgorde")."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.web import ROOT

ORDER = (
    ("lib",),
    ("config", "faults", "db", "web", "revision", "lists"),
    ("audit",),
    ("notifications",),
    ("access",),
    ("factors",),
    ("sso",),
    ("releases",),
    ("documents",),
    ("compare",),
    ("flow",),
    ("search",),
    ("publishing",),
    ("handbook",),
    ("editions",),
    ("bulletins",),
    ("links",),
    ("desk",),
    ("admin",),
    ("schema", "demonstration", "server", "app", "cli", "__init__", "__main__"),
)
"""From the ground up. A package may import from its own line and from the lines above it."""
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
TOP_LEVEL = {
    *("portal", "content", "templates", "migrations", "tests", "wsgi.py", "pyproject.toml", "README.md"),
    *("Makefile", "requirements.txt", "requirements-dev.txt", ".ci", ".gitignore", "docs", "bench"),
}
NOT_OURS = {".git", ".venv", "instance", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "build"}


def modules() -> Iterator[Path]:
    yield from sorted((ROOT / "portal").rglob("*.py"))


def package_of(file: Path) -> str:
    first = file.relative_to(ROOT / "portal").parts[0]
    return first.removesuffix(".py")


def imported(file: Path) -> Iterator[tuple[str, int]]:
    """Give every package of ours that a file imports, at whatever depth of the code, with the line."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = node.module.split(".")
            if parts == ["portal"]:
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif parts[0] == "portal":
                yield parts[1], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise AssertionError(f"{file}:{node.lineno} imports relatively; write the whole name")
        elif isinstance(node, ast.Import):
            yield from ((a.name.split(".")[1], node.lineno) for a in node.names if a.name.startswith("portal."))


def test_every_package_has_its_place_in_the_order() -> None:
    assert {package_of(file) for file in modules()} == set(LEVEL)


def test_imports_only_go_down() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports portal.{package}"
        for file in modules()
        for package, line in imported(file)
        if LEVEL.get(package, -1) > LEVEL[package_of(file)]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{file.relative_to(ROOT)}:{inner.lineno}"
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


def test_views_of_one_feature_are_not_imported_by_another() -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {node.module}"
        for file in modules()
        if LEVEL[package_of(file)] < LEVEL["cli"]
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith((".views", ".forms"))
        and (node.module or "").split(".")[1] != package_of(file)
    ]
    assert not wrong


def test_the_readme_tells_the_same_order() -> None:
    readme = (ROOT / "README.md").read_text()
    table = readme[readme.index("## De pakketten en hun volgorde") :]
    places = [table.index(f"`{name}`") for names in ORDER[:-1] for name in names]
    assert places == sorted(places)


def test_the_top_level_holds_what_was_agreed() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.endswith(".egg-info")}
    assert found - NOT_OURS <= TOP_LEVEL


@pytest.mark.parametrize("name", ["bleach"])
def test_a_replaceable_library_is_used_in_one_file(name: str) -> None:
    using = [file for file in modules() if f"import {name}" in file.read_text() or f"from {name}" in file.read_text()]
    assert [file.name for file in using] == ["clean.py"]
