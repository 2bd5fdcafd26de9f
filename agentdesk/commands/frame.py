"""What the commands share: the settings option, and how a command ends."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from agentdesk import locations
from agentdesk.domain.errors import DeskError

EXPECTED_ERROR = 2
INTERRUPTED = 130

SettingsFile = Annotated[
    Path,
    typer.Option(
        "--settings",
        metavar="FILE",
        envvar="AGENTDESK_SETTINGS",
        default_factory=locations.settings_file,
        show_default="settings.toml in your configuration folder",
        help="The settings to use.",
    ),
]


def finish(work: Callable[[], int]) -> NoReturn:
    """Do *work* and exit with its code; expected errors become one sentence."""
    try:
        code = work()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except DeskError as error:
        typer.echo(str(error), err=True)
        code = EXPECTED_ERROR
    raise typer.Exit(code)
