"""What the shell may complete after an option. Reads files only, and never complains."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import typer

from agentdesk import locations


def logins(context: typer.Context, incomplete: str) -> list[str]:
    """The logins in the settings."""
    return [login for login in _listed(context, "agents", "login") if login.startswith(incomplete)]


def _listed(context: typer.Context, section: str, key: str) -> list[str]:
    path = Path(context.params.get("settings") or locations.settings_file())
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))[section]
        return [str(table[key]) for table in tables]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def mail_accounts(context: typer.Context, incomplete: str) -> list[str]:
    """The keys of the mail accounts in the settings."""
    return [key for key in _listed(context, "mail_accounts", "key") if key.startswith(incomplete)]


def contact_centres(context: typer.Context, incomplete: str) -> list[str]:
    """The keys of the contact centres in the settings."""
    keys = _listed(context, "contact_centres", "key")
    return [key for key in keys if key.startswith(incomplete)]


def themes(incomplete: str) -> list[str]:
    """The themes that come with the program."""
    return sorted(name for name in _theme_names() if name.startswith(incomplete))


def _theme_names() -> Iterator[str]:
    package = Path(__file__).parent.parent
    for folder in (package / "_themes", package.parent / "themes"):
        yield from (path.stem for path in folder.glob("*.toml"))
