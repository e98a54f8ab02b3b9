"""The same from a terminal: a command reads its arguments, calls an operation and prints one line.

Each module here holds commands that need about the same libraries. The module of a command is only loaded when that
command is given: ``serve`` starts in half the time and its processes stay small without what reads Word files and
changes tables (click's manual calls this lazily loading subcommands).
"""

from importlib import import_module

import click

MODULES = {
    "serving": ("serve", "demo"),
    "handbook": ("import", "export", "check", "reindex"),
    "editions": ("edition", "verify"),
    "people": ("init", "person", "organisation", "link"),
    "partners": ("sso",),
    "upkeep": ("migrate", "outbox"),
    "log": ("audit",),
}
"""Modules of this package with the commands in their ``COMMANDS``."""


class Commands(click.Group):
    """The commands of ``MODULES``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(name for names in MODULES.values() for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None when there is no such command."""
        for module, names in MODULES.items():
            if cmd_name in names:
                commands: dict[str, click.Command] = import_module(f"{__name__}.{module}").COMMANDS
                return commands[cmd_name]
        return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Beheer van het portaal voor het digitale handboek HMD/HOV."""
