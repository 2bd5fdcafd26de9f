"""How `--help` reads: commands in short groups, examples last, plain text."""

import inspect
from typing import Any

from typer.core import TyperCommand, TyperGroup

LINE = 80


def _write_examples(epilog: str | None, formatter: Any) -> None:
    """As they are typed: neither wrapped nor indented further."""
    if epilog:
        formatter.write(f"\n{inspect.cleandoc(epilog)}\n")


class Command(TyperCommand):
    """A command whose epilog is its examples."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples."""
        _write_examples(self.epilog, formatter)


class Group(TyperGroup):
    """Lists commands below the heading that each names as its `rich_help_panel`."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Commands first: that is what people look for."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            panels.setdefault(heading, []).append((name, command.get_short_help_str(LINE)))
        for heading, rows in panels.items():
            with formatter.section(heading):
                formatter.write_dl(rows)
        with formatter.section("Options"):
            records = (param.get_help_record(ctx) for param in self.get_params(ctx))
            formatter.write_dl([record for record in records if record])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples."""
        _write_examples(self.epilog, formatter)
