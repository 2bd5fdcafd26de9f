"""`agentdesk templates …`: its commands and options. The work is in `commands.canned`."""

from typing import Annotated

import typer

from agentdesk.commands.frame import AsLogin, SettingsFile, finish, group
from agentdesk.commands.help_page import Command

app = group(
    """
Examples:
  agentdesk templates list refund              those with a word
  agentdesk templates export > templates.toml  all of them as a file
  agentdesk templates import templates.toml    add and change those that the file names
"""
)


@app.command(
    "list",
    cls=Command,
    short_help="What templates there are.",
    epilog="""
Examples:
  agentdesk templates list
  agentdesk templates list refund --json | jq '.[].key'
""",
)
def list_templates(
    *,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD", show_default=False, help="Only those with all of them."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """List the templates by folder, each with its key and the queues that it is for."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.canned import run_list

        return run_list(Wanted(settings, login), " ".join(words or ()), as_json=as_json)

    finish(work)


@app.command(
    cls=Command,
    short_help="Print all templates as TOML.",
    epilog="""
Example:
  agentdesk templates export > templates.toml
""",
)
def export(*, login: AsLogin = "", settings: SettingsFile) -> None:
    """Print every template as the TOML that an import reads."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.canned import run_export

        return run_export(Wanted(settings, login))

    finish(work)


@app.command(
    "import",
    cls=Command,
    short_help="Add and change the templates that a file names.",
    epilog="""
Examples:
  agentdesk templates import templates.toml --dry-run    only say what would change
  agentdesk templates import templates.toml
  agentdesk templates import - < templates.toml
""",
)
def import_(
    *,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", show_default=False, help="A TOML file; - for standard input."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Take over every template of the file, or, where something is wrong with it, none.

    A template is known by its key; those that the file does not name stay. Exits with 1 when nothing
    was taken over because of a problem.
    """

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.canned import run_import

        return run_import(Wanted(settings, login), file, dry_run=dry_run)

    finish(work)
