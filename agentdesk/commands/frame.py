"""What the commands share: options, how a group of them reads, and how a command ends."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from agentdesk import locations
from agentdesk.commands import completion
from agentdesk.commands.help_page import Group
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

AsLogin = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="LOGIN",
        autocompletion=completion.logins,
        show_default=False,
        help="Whose doing it is; without it, that of this machine's user.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def group(examples: str) -> typer.Typer:
    """Commands below a word of their own; *examples* end its help page."""
    return typer.Typer(
        cls=Group,
        no_args_is_help=True,
        rich_markup_mode=None,  # plain text: at once, and legible in every terminal
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
        epilog=examples,
    )


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
