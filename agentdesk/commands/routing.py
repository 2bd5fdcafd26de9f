"""`agentdesk routing …`: its commands and options. The work is in `commands.routing_setup`."""

from typing import Annotated

import typer

from agentdesk.commands.frame import AsLogin, SettingsFile, Yes, finish, group
from agentdesk.commands.help_page import Command

app = group(
    """
Examples:
  agentdesk routing export > routing.toml      the agents, queues and rules in force
  agentdesk routing check routing.toml         what is wrong with a changed file
  agentdesk routing import routing.toml        put it in force
  agentdesk routing history                    who changed it, and when
  agentdesk routing try 'customer.vip'         which of the newest interactions meet a condition
"""
)

Document = Annotated[
    str,
    typer.Argument(metavar="FILE", show_default=False, help="A TOML file; - for standard input."),
]


@app.command(
    cls=Command,
    short_help="Print the routing in force as TOML.",
    epilog="""
Examples:
  agentdesk routing export > routing.toml
  agentdesk routing export 12                  as it was in version 12 of the history
""",
)
def export(
    *,
    version: Annotated[
        int | None,
        typer.Argument(metavar="VERSION", show_default=False, help="A number of the history."),
    ] = None,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Print the sections of settings.toml on routing, as they are in force now."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.routing_setup import run_export

        return run_export(Wanted(settings, login), version)

    finish(work)


@app.command(
    "import",
    cls=Command,
    short_help="Put the routing of a file in force.",
    epilog="""
Examples:
  agentdesk routing import routing.toml --dry-run    only say what would change
  agentdesk routing import routing.toml
  agentdesk routing import - --yes < routing.toml
""",
)
def import_(
    *,
    file: Document,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    yes: Yes = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Check the file as a whole, say what it changes, ask, and put it in force on every desk.

    Sections that are not about routing are passed over, so that a settings.toml can be imported, too.
    """

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.routing_setup import run_import

        return run_import(Wanted(settings, login), file, dry_run=dry_run, yes=yes)

    finish(work)


@app.command(
    cls=Command,
    short_help="Say what is wrong or odd, and change nothing.",
    epilog="""
Examples:
  agentdesk routing check                      the routing in force
  agentdesk routing check routing.toml
""",
)
def check(
    *,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", show_default=False, help="A TOML file; without it, what is in force."
        ),
    ] = "",
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Say what is wrong, what is odd (such as a queue that nobody can serve), and what would change.

    Exits with 1 when something is wrong.
    """

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.routing_setup import run_check

        return run_check(Wanted(settings, login), file)

    finish(work)


@app.command(
    cls=Command,
    short_help="Who changed the routing, and when.",
    epilog="""
Example:
  agentdesk routing history --json | jq '.[0].by'
""",
)
def history(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """List the versions that are kept, the newest first."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.routing_setup import run_history

        return run_history(Wanted(settings, login), as_json=as_json)

    finish(work)


@app.command(
    "try",
    cls=Command,
    short_help="Which of the newest interactions meet a condition.",
    epilog="""
Examples:
  agentdesk routing try 'customer.vip and subject contains "refund"'
  agentdesk routing try 'header["list-id"] is not empty' --last 500
""",
)
def try_(
    *,
    condition: Annotated[
        str, typer.Argument(metavar="CONDITION", show_default=False, help="As in docs/routing.md.")
    ],
    last: Annotated[
        int, typer.Option("--last", min=1, max=1000, help="How many of the newest are looked at.")
    ] = 50,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Print the numbers of those that meet it. Nothing is changed."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.routing_setup import run_try

        return run_try(Wanted(settings, login), condition, last)

    finish(work)


@app.command(
    cls=Command,
    short_help="Put an earlier version in force again.",
    epilog="""
Example:
  agentdesk routing restore 12
""",
)
def restore(
    *,
    version: Annotated[
        int, typer.Argument(metavar="VERSION", show_default=False, help="A number of the history.")
    ],
    yes: Yes = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Put the routing in force as it was then, as a new version."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.routing_setup import run_restore

        return run_restore(Wanted(settings, login), version, yes=yes)

    finish(work)
