"""`agentdesk ccaas sign-in`, `sign-out` and `secret`: the commands by which people and the service get in."""

from typing import Annotated

import typer

from agentdesk.commands import completion
from agentdesk.commands.frame import SettingsFile, finish
from agentdesk.commands.help_page import Command

CentreKey = Annotated[
    str,
    typer.Argument(
        metavar="CENTRE",
        autocompletion=completion.contact_centres,
        help="The contact centre's key in the settings.",
    ),
]
Login = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="LOGIN",
        autocompletion=completion.logins,
        show_default=False,
        help="Whose sign-in; without it yours.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Give them to the group `ccaas`."""
    app.command(
        "sign-in",
        cls=Command,
        short_help="Sign an agent in at a contact centre, in the browser.",
        epilog="""
Examples:
  agentdesk ccaas sign-in genesys              as yourself
  agentdesk ccaas sign-in genesys --as ben     as Ben, beside others on this machine
""",
    )(sign_in)
    app.command(
        "sign-out",
        cls=Command,
        short_help="Forget an agent's sign-in at a contact centre.",
        epilog="""
Example:
  agentdesk ccaas sign-out genesys
""",
    )(sign_out)
    app.command(
        "secret",
        cls=Command,
        short_help="Store the secret of a contact centre's service.",
        epilog="""
Example:
  agentdesk ccaas secret genesys
""",
    )(secret)


def sign_in(centre: CentreKey, settings: SettingsFile, login: Login = "") -> None:
    """Sign in as an agent. The tokens go to the keyring, and are refreshed by themselves.

    Whoever the browser signs in must be the agent whom the login stands for.
    """

    def work() -> int:
        from agentdesk.commands.centre_sign_in import run_sign_in

        return run_sign_in(settings, centre, login)

    finish(work)


def sign_out(centre: CentreKey, settings: SettingsFile, login: Login = "") -> None:
    """Forget the tokens of an agent on this machine."""

    def work() -> int:
        from agentdesk.commands.centre_sign_in import run_sign_out

        return run_sign_out(settings, centre, login)

    finish(work)


def secret(centre: CentreKey, settings: SettingsFile) -> None:
    """Put the secret of the service at a contact centre into the keyring of this machine."""

    def work() -> int:
        from agentdesk.commands.centre_sign_in import run_secret

        return run_secret(settings, centre)

    finish(work)
