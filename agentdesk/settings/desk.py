"""The sections [desk] and [database]: the screen, and where everything is stored."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainSerializer, ValidationInfo, model_validator

from agentdesk import locations
from agentdesk.settings.section import Section, Text, from_folder, refuse

Keymap = Annotated[
    Mapping[str, str],
    AfterValidator(MappingProxyType),
    PlainSerializer(dict, return_type=dict[str, str]),
]

CardField = Literal[
    "subject", "customer", "queue", "priority", "preview", "account", "waited", "number"
]


def _zone(name: str) -> str:
    if name == "local":
        return name
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        refuse('is not a known time zone; use "local" or a name such as "Europe/Madrid"')
    return name


class Desk(Section):
    """How the desk looks and behaves for its agents."""

    name: Text = "agentdesk"
    """The desk's name, first in the line at the top."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "local"
    """The time zone in which times are shown, such as Europe/Madrid; "local" is this machine's."""
    theme: Text = "slate"
    """The colour theme."""
    bell: bool = True
    """Ring the terminal bell when something needs the agent."""
    notify: Literal["auto", "off", "osc9", "osc777", "osc99"] = "auto"
    """Show a notification of the desktop, too, where the terminal can: auto finds out how, osc9,
    osc777 and osc99 are the ways that terminals know."""
    card_fields: tuple[CardField, ...] = ("subject", "customer", "queue", "preview")
    """What the cards of the inbox show, up to five; the first one is the title."""
    wall_s: Annotated[int, Field(ge=5, le=600)] = 15
    """Seconds that each page stays on the wall, the supervisor's screen for a whole room."""
    undo_send_s: Annotated[int, Field(ge=0, le=600)] = 10
    """Seconds in which a sent mail can be taken back; 0 sends at once."""
    hold_after_send: bool = True
    """Put an interaction on hold after each sent mail; it takes no capacity while it waits."""
    keymap: Keymap = Field(default_factory=lambda: MappingProxyType({}))
    """Other keys for actions: the action's name (shown by ? on the desk), then its key."""

    @model_validator(mode="after")
    def _a_card_has_room(self) -> Self:
        if not 1 <= len(self.card_fields) <= 5 or len(set(self.card_fields)) < len(
            self.card_fields
        ):
            refuse("must name one to five fields, each once", key="card_fields")
        return self


SQLITE = "sqlite:///"


def default_url() -> str:
    """SQLite in this person's data folder."""
    return f"{SQLITE}{locations.data_dir() / 'desk.db'}"


def _url(url: str, info: ValidationInfo) -> str:
    parts = urlsplit(url)
    if url.startswith(SQLITE) and url.removeprefix(SQLITE).strip("/"):
        return f"{SQLITE}{from_folder(Path(url.removeprefix(SQLITE)), info)}"
    if parts.scheme == "postgresql" and parts.hostname and parts.path.strip("/"):
        return url
    refuse(
        'is not a database; use "sqlite:////folder/desk.db" for a file '
        'or "postgresql://user@host/database"'
    )


class Database(Section):
    """Where interactions, mail and everything else is stored."""

    url: Annotated[str, AfterValidator(_url)] = Field(default_factory=default_url)
    """sqlite:///file (relative to this file) or sqlite:////folder/file for one machine,
    postgresql://user@host/database for several. The password of PostgreSQL comes from the variable
    PGPASSWORD, from ~/.pgpass, or from AGENTDESK_DATABASE__URL."""

    @property
    def path(self) -> Path | None:
        """The database file; None for PostgreSQL."""
        return Path(self.url.removeprefix(SQLITE)) if self.url.startswith(SQLITE) else None

    def __repr__(self) -> str:
        """Without a password that came from the environment."""
        parts = urlsplit(self.url)
        secret = f":{parts.password}@" if parts.password else None
        return f"Database(url={self.url.replace(secret, ':…@') if secret else self.url!r})"

    __str__ = __repr__
