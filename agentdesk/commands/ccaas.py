"""`agentdesk ccaas …`: its commands and options. The work is in `commands.centre_mapping` and others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agentdesk.commands import ccaas_access
from agentdesk.commands.frame import AsJson, AsLogin, SettingsFile, finish, group
from agentdesk.commands.help_page import Command

app = group(
    """
Examples:
  agentdesk ccaas import                       bring in what the contact centres have
  agentdesk ccaas map genesys                  what stands for what
  agentdesk ccaas check                        whether they answer, and what is missing
  agentdesk ccaas secret genesys               store the secret of its service
  agentdesk ccaas sign-in genesys              sign in there as yourself
  agentdesk ccaas sandbox                      a contact centre on this machine
"""
)

Centre = Annotated[
    str, typer.Argument(metavar="CENTRE", show_default=False, help="Its key in settings.toml.")
]


class MappedKind(StrEnum):
    """What stands for something there; as `domain.ccaas.values.Kind`, which need not be loaded for this."""

    QUEUE = "queue"
    AGENT = "agent"
    PRESENCE = "presence"
    CODE = "code"


@app.callback()
def ccaas() -> None:
    """Contact centres that route mail for the desk."""


@app.command(
    cls=Command,
    short_help="A contact centre on this machine, to try things with.",
    epilog="""
Examples:
  agentdesk ccaas sandbox                      on any free port, forgotten at the end
  agentdesk ccaas sandbox --port 8099 --data centre.db
""",
)
def sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65_535, metavar="NUMBER", help="0: any free one.")
    ] = 0,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Keep it here; else it is forgotten."),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="The same number makes the same office.")
    ] = 1,
) -> None:
    """Run a contact centre that speaks the Genesys Cloud dialect, on 127.0.0.1 only, until Ctrl-C.

    It has agents, queues and wrap-up codes of its own, and a panel to let things go wrong.
    """

    def work() -> int:
        from agentdesk.commands.sandboxed import run_sandbox

        return run_sandbox(data, port, seed)

    finish(work)


@app.command(
    "import",
    cls=Command,
    short_help="Bring in what contact centres have.",
    epilog="""
Examples:
  agentdesk ccaas import                       all of them
  agentdesk ccaas import genesys --json | jq '.[].unmapped'
""",
)
def import_(
    *,
    centre: Centre = "",
    as_json: AsJson = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Read its queues, agents, presences and wrap-up codes, and map those that have the same name as ours,
    agents by their address. What a person mapped or took back stays.
    """

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.centre_mapping import run_import

        return run_import(Wanted(settings, login), centre, as_json=as_json)

    finish(work)


@app.command(
    "map",
    cls=Command,
    short_help="Say what of ours is what of theirs.",
    epilog="""
Examples:
  agentdesk ccaas map genesys                  what stands for what
  agentdesk ccaas map genesys queue claims "Claims EMEA"
  agentdesk ccaas map genesys agent ana ana.ruiz@example.com
  agentdesk ccaas map genesys code no_answer --remove
""",
)
def map_(
    *,
    centre: Centre,
    kind: Annotated[
        MappedKind | None,
        typer.Argument(metavar="KIND", show_default=False, help="What it is."),
    ] = None,
    ours: Annotated[
        str, typer.Argument(metavar="OURS", show_default=False, help="Its key, login or name here.")
    ] = "",
    theirs: Annotated[
        str,
        typer.Argument(metavar="THEIRS", show_default=False, help="Its id, name or address there."),
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it back.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
    login: AsLogin = "",
    settings: SettingsFile,
) -> None:
    """Map one of ours to one of theirs; without OURS, list what stands for what.

    Of queues and agents one is one; of presences and codes several of ours may be one of theirs. What
    waited for it goes on at once.
    """

    def work() -> int:
        from agentdesk.commands.beside import Wanted
        from agentdesk.commands.centre_mapping import run_list, run_map

        wanted = Wanted(settings, login)
        if kind is None or not ours:
            return run_list(wanted, centre, kind.value if kind else "", as_json=as_json)
        return run_map(wanted, centre, kind.value, ours, theirs, remove=remove)

    finish(work)


@app.command(
    cls=Command,
    short_help="Say how contact centres are, and what is missing.",
    epilog="""
Examples:
  agentdesk ccaas check
  agentdesk ccaas check genesys --json
""",
)
def check(*, centre: Centre = "", as_json: AsJson = False, settings: SettingsFile) -> None:
    """Ask each one whether it answers, and say what is unmapped or gone, what waits for a person, and
    whether clocks differ. Changes nothing; exits with 1 when one does not answer.
    """

    def work() -> int:
        from agentdesk.commands.centre_mapping import run_check

        return run_check(settings, centre, as_json=as_json)

    finish(work)


ccaas_access.add_to(app)
