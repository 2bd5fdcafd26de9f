"""`agentdesk people …`: its commands and options. The work is in `commands.records`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agentdesk.commands.frame import AsJson, AsLogin, SettingsFile, finish, group
from agentdesk.commands.help_page import Command

app = group(
    """
Examples:
  agentdesk people find mara fjord             by beginnings of words, in any order
  agentdesk people import list.csv --dry-run   what would happen, and which lines are refused
  agentdesk people export people.vcf           everybody but guests, as vCards
  agentdesk people erase 17                    name, addresses and all that was written, for good
"""
)


class Form(StrEnum):
    """How a file is written."""

    CSV = "csv"
    VCARD = "vcard"


@app.command(
    cls=Command,
    short_help="Find people and accounts.",
    epilog="""
Examples:
  agentdesk people find ols mar
  agentdesk people find @fjordline.example --json | jq '.[].id'
""",
)
def find(
    *,
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS", show_default=False, help="Beginnings of words."),
    ],
    limit: Annotated[int, typer.Option(min=1, max=500, help="So many at most.")] = 20,
    as_json: AsJson = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Find people by name, address and account. Exits with 1 when nobody is found."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.records import run_find

        return run_find(Wanted(settings, login), " ".join(words), limit, as_json=as_json)

    finish(work)


@app.command(
    "import",
    cls=Command,
    short_help="Take people in from a CSV or vCard file.",
    epilog="""
Examples:
  agentdesk people import list.csv --dry-run
  agentdesk people import contacts.vcf
  agentdesk people import - < list.csv
""",
)
def import_people(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="A file, or - for input.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen; nothing is written.")
    ] = False,
    as_json: AsJson = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Import people. Those who are known by an address are updated in what the file says.

    Exits with 1 when some lines were refused.
    """

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.records import run_import

        return run_import(Wanted(settings, login), file, dry_run=dry_run, as_json=as_json)

    finish(work)


@app.command(
    cls=Command,
    short_help="Write people to a CSV or vCard file.",
    epilog="""
Examples:
  agentdesk people export people.csv
  agentdesk people export people.vcf --guests
  agentdesk people export - --form csv | head
""",
)
def export(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="A file, or - for output.")
    ],
    form: Annotated[
        Form | None,
        typer.Option("--form", show_default="by the name of the file", help="How it is written."),
    ] = None,
    guests: Annotated[
        bool, typer.Option("--guests", help="Also those who only wrote to us.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that exists.")] = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Export contacts and consumers, in a file that only you can read."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.records import run_export

        how = form.value if form is not None else ""
        return run_export(Wanted(settings, login), file, how, guests=guests, replace=replace)

    finish(work)


@app.command(
    cls=Command,
    short_help="Erase a person for good.",
    epilog="""
Examples:
  agentdesk people find olsen --json           says the ids
  agentdesk people erase 17
  agentdesk people erase 17 --yes --compact    and leave nothing in SQLite's file
""",
)
def erase(
    *,
    person: Annotated[
        int, typer.Argument(metavar="ID", show_default=False, help="The person's id.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    compact: Annotated[
        bool,
        typer.Option("--compact", help="Write SQLite's file anew; nobody can work meanwhile."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Erase a person's name, addresses, and everything that was written. Counts stay."""

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.records import Erasure, run_erase
        from agentdesk.domain.ids import CustomerId

        what = Erasure(CustomerId(person), yes, compact, dry_run)
        return run_erase(Wanted(settings, login), what, as_json=as_json)

    finish(work)
