"""The command line. Imports nothing heavy until a command runs, so that help comes at once."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from agentdesk import __version__
from agentdesk.commands import ccaas, completion, evaluate, people, quarantine, routing, templates
from agentdesk.commands.frame import SettingsFile
from agentdesk.commands.frame import finish as _finish
from agentdesk.commands.help_page import Command, Group
from agentdesk.domain.errors import BadInput

EXAMPLES = """
Examples:
  agentdesk demo                 look around, with simulated customers
  agentdesk demo --supervisor    the same, from the supervisor's chair
  agentdesk init                 connect your mailbox
  agentdesk check                see whether everything works
  agentdesk run --as ana         answer mail as Ana
  agentdesk quarantine list      see which mails could not be filed
  agentdesk ccaas sandbox        a contact centre to try things with
"""

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text: at once, and legible in every terminal
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog=EXAMPLES,
)


def main() -> None:
    """Run the command line and exit."""
    app(prog_name="agentdesk")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"agentdesk {__version__}")
        raise typer.Exit


@app.callback()
def agentdesk(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A terminal desktop for people who answer customers' email."""


@app.command(
    cls=Command,
    rich_help_panel="Try",
    short_help="A desk with simulated customers; needs no mailbox.",
    epilog="""
Examples:
  agentdesk demo --speed 10          ten times as fast
  agentdesk demo --data ~/demo       keep it, and go on next time
""",
)
def demo(
    login: Annotated[
        str, typer.Option("--as", metavar="LOGIN", help="Who sits at the desk.")
    ] = "ana",
    supervisor: Annotated[bool, typer.Option("--supervisor", help="Watch the queues.")] = False,
    speed: Annotated[
        float, typer.Option(min=0.1, max=1000, metavar="FACTOR", help="How fast customers write.")
    ] = 1.0,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", file_okay=False, help="Keep the demo here; else it is forgotten."
        ),
    ] = None,
    theme: Annotated[
        str,
        typer.Option(metavar="NAME", autocompletion=completion.themes, help="The colours."),
    ] = "",
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="The same number makes the same customers.")
    ] = 1,
) -> None:
    """Open a desk with simulated customers. It needs no mailbox and sends no mail.

    One of its queues is routed by a contact centre, which plays inside the demo.
    """

    def work() -> int:
        _need_terminal("demo")
        from agentdesk import bootstrap
        from agentdesk.settings.options import DemoOptions

        return bootstrap.run_demo(DemoOptions(login, supervisor, speed, data, theme, seed))

    _finish(work)


@app.command(
    cls=Command,
    rich_help_panel="Work",
    short_help="Open the desk.",
    epilog="""
Examples:
  agentdesk run                      if you are the only agent, or log in by this name
  agentdesk run --as ana             as Ana
  ssh -t desk.example.com agentdesk run --as ana
""",
)
def run(
    *,
    login: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="LOGIN",
            autocompletion=completion.logins,
            show_default=False,
            help="Your login in the settings.",
        ),
    ] = "",
    settings: SettingsFile,
) -> None:
    """Open the desk and work the mail engine beside it."""

    def work() -> int:
        _need_terminal("run")
        from agentdesk import bootstrap
        from agentdesk.commands.signing_in import who

        return bootstrap.run_desk(settings, who(settings, login))

    _finish(work)


@app.command(
    cls=Command,
    rich_help_panel="Work",
    short_help="Receive, route and send mail without a screen.",
    epilog="""
Example:
  agentdesk engine                   keeps the mail going while all desks are closed
""",
)
def engine(settings: SettingsFile) -> None:
    """Receive, route and send mail without a screen, until stopped with Ctrl-C."""

    def work() -> int:
        from agentdesk import bootstrap

        return bootstrap.run_engine(settings)

    _finish(work)


@app.command(
    cls=Command,
    rich_help_panel="Set up",
    short_help="Connect your mailbox, step by step.",
    epilog="""
Example:
  agentdesk init --force             ask again and replace the settings
""",
)
def init(
    settings: SettingsFile,
    force: Annotated[bool, typer.Option("--force", help="Replace settings that exist.")] = False,
) -> None:
    """Ask for your mailbox, try it, and write settings.toml. The password goes to the keyring."""

    def work() -> int:
        from agentdesk.commands.init import run_wizard

        return run_wizard(settings, force=force)

    _finish(work)


Account = Annotated[
    str,
    typer.Argument(
        metavar="ACCOUNT",
        autocompletion=completion.mail_accounts,
        help="The account's key in the settings, or its address.",
    ),
]


@app.command(
    "sign-in",
    cls=Command,
    rich_help_panel="Set up",
    short_help="Sign in to a mail account of Microsoft or Google.",
    epilog="""
Examples:
  agentdesk sign-in support                 a browser where there is one, else a code
  agentdesk sign-in support --device-code   an address and a code for a browser elsewhere
""",
)
def sign_in(
    account: Account,
    settings: SettingsFile,
    browser: Annotated[bool, typer.Option("--browser", help="By a browser.")] = False,
    device_code: Annotated[
        bool, typer.Option("--device-code", help="By a code (Microsoft only).")
    ] = False,
) -> None:
    """Sign in by OAuth2. The tokens go to the keyring, and are refreshed by themselves."""

    def work() -> int:
        if browser and device_code:
            raise BadInput("Choose one of --browser and --device-code.")
        from agentdesk.commands.mail_sign_in import run_sign_in
        from agentdesk.signin.flow import Way

        way = Way.BROWSER if browser else Way.DEVICE_CODE if device_code else None
        return run_sign_in(settings, account, way)

    _finish(work)


@app.command(
    "sign-out",
    cls=Command,
    rich_help_panel="Set up",
    short_help="Forget the sign-in of a mail account.",
    epilog="""
Example:
  agentdesk sign-out support
""",
)
def sign_out(account: Account, settings: SettingsFile) -> None:
    """Forget the tokens of a mail account; Google is told to end them."""

    def work() -> int:
        from agentdesk.commands.mail_sign_in import run_sign_out

        return run_sign_out(settings, account)

    _finish(work)


@app.command(
    "model-key",
    cls=Command,
    rich_help_panel="Set up",
    short_help="Store the key of the model that summarises.",
    epilog="""
Example:
  agentdesk model-key                for the server that [ai] of the settings names
""",
)
def model_key(settings: SettingsFile) -> None:
    """Put the key of the model's server into the keyring of this machine."""

    def work() -> int:
        from agentdesk.commands.model_key import run_model_key

        return run_model_key(settings)

    _finish(work)


@app.command(
    cls=Command,
    rich_help_panel="Set up",
    short_help="See whether settings, mailboxes and database work.",
    epilog="""
Examples:
  agentdesk check
  agentdesk check --json             for monitoring; exits with 1 if something fails
""",
)
def check(
    settings: SettingsFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Try everything that the desk needs, and say what to do where it does not work."""

    def work() -> int:
        from agentdesk.commands.check import run_check

        return run_check(settings, as_json=as_json)

    _finish(work)


@app.command(
    cls=Command,
    rich_help_panel="Look into",
    short_help="Show how the desk understands a mail.",
    epilog="""
Examples:
  agentdesk inspect letter.eml
  agentdesk inspect ~/Maildir --json         a folder: every file below it
  find . -name '*.eml' | agentdesk inspect --json | jq .kind
""",
)
def inspect(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="Mails or folders; - or nothing: paths on standard input, one a line.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="One JSON object a line; exits with 0 also for bad files."),
    ] = False,
    authserv_id: Annotated[
        str,
        typer.Option(
            "--authserv-id",
            metavar="NAME",
            show_default=False,
            help="The server whose Authentication-Results are trusted; without it none is.",
        ),
    ] = "",
    own: Annotated[
        list[str] | None,
        typer.Option(
            "--own",
            metavar="ADDRESS",
            show_default=False,
            help="An address of yours, to tell your own mail coming back; may be repeated.",
        ),
    ] = None,
) -> None:
    """Show how the desk understands mails in files. Needs no settings and no database.

    A file that cannot be read is reported like any other, and the next one follows.
    """

    def work() -> int:
        from agentdesk.commands.inspect import run_inspect
        from agentdesk.commands.inspected import Wanted

        addresses = frozenset(address.strip().lower() for address in own or ())
        return run_inspect([str(f) for f in files or ()], Wanted(as_json, authserv_id, addresses))

    _finish(work)


def _need_terminal(command: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(
            f"agentdesk {command} needs a terminal: start it in a terminal window, "
            "or over SSH with ssh -t."
        )


app.add_typer(
    ccaas.app,
    name="ccaas",
    rich_help_panel="Try",
    short_help="A contact centre on this machine, to try things with.",
    help="Contact centres that route mail for the desk.",
)
app.add_typer(
    evaluate.app,
    name="eval",
    rich_help_panel="Look into",
    short_help="How well mails are linked, measured on a file of yours.",
)
app.add_typer(
    people.app,
    name="people",
    rich_help_panel="Work",
    short_help="Find people, import and export them, erase one.",
    help="Find people and accounts, take lists of them in, write them out, and erase a person.",
)
app.add_typer(
    quarantine.app,
    name="quarantine",
    rich_help_panel="Work",
    short_help="Look after mails that could not be filed.",
    help="Look after mails that could not be filed: each keeps its bytes and its cause.",
)
app.add_typer(
    routing.app,
    name="routing",
    rich_help_panel="Set up",
    short_help="Show and change how work reaches agents.",
    help="Show and change how work reaches agents: one document, checked as a whole.",
)
app.add_typer(
    templates.app,
    name="templates",
    rich_help_panel="Set up",
    short_help="Carry canned replies and notes from desk to desk.",
    help="List, export and import templates: canned replies and notes with variables.",
)
