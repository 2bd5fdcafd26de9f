"""Who sits at the desk, when `agentdesk run` is not told."""

import getpass
from difflib import get_close_matches
from pathlib import Path

from agentdesk.domain.errors import BadInput
from agentdesk.settings import Settings, load


def who(path: Path, login: str) -> str:
    """The agent's login: the one given, the only one there is, or this machine's user name.

    Raises `BadInput` where it is none of these, `SettingsError`.
    """
    settings = load(path)
    logins = [agent.login for agent in settings.agents]
    if login and login not in logins:
        logins = _in_force(settings) or logins
    if not logins:
        raise BadInput(f"{path} names no agents: add an [[agents]] table, or run agentdesk init.")
    if login:
        return _known(login, logins)
    if len(logins) == 1:
        return logins[0]
    if (user := user_name()) in logins:
        return user
    raise BadInput(f"Say who you are with --as LOGIN; there are {', '.join(logins)}.")


def _in_force(settings: Settings) -> list[str]:
    """The logins that an admin made on the screen, too; none where there is no desk yet."""
    from agentdesk.bootstrap.existing import logins

    return logins(settings)


def _known(login: str, logins: list[str]) -> str:
    if login in logins:
        return login
    close = get_close_matches(login, logins, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(logins)}."
    raise BadInput(f"No agent has the login {login}. {hint}")


def user_name() -> str:
    """This machine's name for whoever runs the program; empty if it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
