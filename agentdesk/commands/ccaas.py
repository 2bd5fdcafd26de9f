"""`agentdesk ccaas …`: contact centres elsewhere. The work is in `agentdesk.sandbox`."""

from pathlib import Path
from typing import Annotated

import typer

from agentdesk.commands.frame import finish, group
from agentdesk.commands.help_page import Command

app = group(
    """
Examples:
  agentdesk ccaas sandbox                      a contact centre on this machine
  agentdesk ccaas sandbox --data centre.db     keep it, and go on next time
"""
)


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
