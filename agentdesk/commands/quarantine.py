"""`agentdesk quarantine …`: its commands and options. The work is in `commands.set_aside`."""

from pathlib import Path
from typing import Annotated

import typer

from agentdesk.commands.frame import AsJson, AsLogin, SettingsFile, Yes, finish, group
from agentdesk.commands.help_page import Command
from agentdesk.domain.quarantine import Cause

app = group(
    """
Examples:
  agentdesk quarantine list                    what could not be filed, and why
  agentdesk quarantine show 17                 one of them, as far as it can be read
  agentdesk quarantine retry --all             after an update, or when the cause is gone
  agentdesk quarantine release 17              file it as plain text, so that it can be answered
"""
)

Ids = Annotated[
    list[int] | None,
    typer.Argument(metavar="ID", show_default=False, help="Numbers from the list."),
]
Id = Annotated[
    int, typer.Argument(metavar="ID", show_default=False, help="The number from the list.")
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
OfCause = Annotated[
    Cause | None, typer.Option("--cause", show_default=False, help="Only those with this cause.")
]


@app.command(
    "list",
    cls=Command,
    short_help="What is set aside, newest first.",
    epilog="""
Examples:
  agentdesk quarantine list --cause too_large
  agentdesk quarantine list --discarded
  agentdesk quarantine list --all --json | jq '.[].id'
""",
)
def list_mails(
    *,
    cause: OfCause = None,
    asked: Annotated[
        bool, typer.Option("--asked", help="Those asked for again from their server.")
    ] = False,
    discarded: Annotated[bool, typer.Option("--discarded", help="Those discarded.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Not only the newest 100.")] = False,
    as_json: AsJson = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """List the mails that could not be filed, each with its number and its cause."""

    def work() -> int:
        from agentdesk.commands.set_aside import Wanted, place, run_list

        wanted = Wanted(settings, login, as_json)
        return run_list(wanted, place(asked=asked, discarded=discarded), cause, every=every)

    finish(work)


@app.command(
    cls=Command,
    short_help="One mail, as far as it can be read.",
    epilog="""
Examples:
  agentdesk quarantine show 17
  agentdesk quarantine show 17 --source        its bytes, everything invisible spelled out
""",
)
def show(
    *,
    mail_id: Id,
    source: Annotated[bool, typer.Option("--source", help="Its bytes instead of text.")] = False,
    as_json: AsJson = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Show why a mail was set aside, what can be read of it, and what was done with it."""

    def work() -> int:
        from agentdesk.commands.set_aside import Wanted, run_show

        return run_show(Wanted(settings, login, as_json), mail_id, source=source)

    finish(work)


@app.command(
    cls=Command,
    short_help="Read and file mails once more.",
    epilog="""
Examples:
  agentdesk quarantine retry 17 18
  agentdesk quarantine retry --all --cause filing
""",
)
def retry(
    *,
    ids: Ids = None,
    every: All = False,
    cause: OfCause = None,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Try mails again. One that was never downloaded is asked for again from its server.

    Exits with 1 when one of them is set aside again.
    """
    finish(lambda: _move("retry", settings, login, ids, every=every, cause=cause))


@app.command(
    cls=Command,
    short_help="File mails as plain text, so that they can be answered.",
    epilog="""
Example:
  agentdesk quarantine release 17
""",
)
def release(
    *,
    ids: Ids = None,
    every: All = False,
    cause: OfCause = None,
    yes: Yes = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """File mails although they cannot be understood, with the text that can be read of them."""
    finish(lambda: _move("release", settings, login, ids, every=every, cause=cause, yes=yes))


@app.command(
    cls=Command,
    short_help="Put mails away; nothing is deleted.",
    epilog="""
Examples:
  agentdesk quarantine discard 17
  agentdesk quarantine restore 17              takes it back
""",
)
def discard(
    *,
    ids: Ids = None,
    every: All = False,
    cause: OfCause = None,
    yes: Yes = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Discard mails: nobody is bothered with them again. Restore takes them back."""
    finish(lambda: _move("discard", settings, login, ids, every=every, cause=cause, yes=yes))


@app.command(
    cls=Command,
    short_help="Take back what was discarded or asked for.",
    epilog="""
Example:
  agentdesk quarantine restore 17
""",
)
def restore(
    *,
    ids: Ids = None,
    every: All = False,
    cause: OfCause = None,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Take mails back into the quarantine as they were."""
    finish(lambda: _move("restore", settings, login, ids, every=every, cause=cause))


@app.command(
    cls=Command,
    short_help="Save a mail as it came.",
    epilog="""
Examples:
  agentdesk quarantine export 17                       into this folder
  agentdesk quarantine export 17 --to /tmp/broken.eml
  agentdesk quarantine export 17 --to - | less         to standard output
""",
)
def export(
    *,
    mail_id: Id,
    to: Annotated[
        Path,
        typer.Option(
            "--to", metavar="FILE", show_default="this folder", help="A file, a folder, or -."
        ),
    ] = Path(),
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that exists.")] = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Save the bytes of a mail as they came, in a file that only you can read."""

    def work() -> int:
        from agentdesk.commands.set_aside import Wanted, run_export

        return run_export(Wanted(settings, login), mail_id, to, replace=replace)

    finish(work)


def _move(
    what: str,
    settings: Path,
    login: str,
    ids: list[int] | None,
    *,
    every: bool,
    cause: Cause | None,
    yes: bool = True,
) -> int:
    from agentdesk.commands.set_aside import Move, Wanted, run_move

    move = Move(what, tuple(ids or ()), every, cause, yes)
    return run_move(Wanted(settings, login), move)
