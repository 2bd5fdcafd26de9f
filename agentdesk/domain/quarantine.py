"""Mails set aside: why each could not be filed, what a person sees of it, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from agentdesk.domain.ids import LocationId


class Cause(StrEnum):
    """The kind of trouble that kept a mail from being filed."""

    PARSE = "parse"
    TOO_LARGE = "too_large"
    LOOP = "loop"
    DOWNLOAD = "download"
    STORAGE = "storage"
    FILING = "filing"

    @property
    def label(self) -> str:
        """As a person reads it."""
        return LABELS[self]

    @property
    def left_on_server(self) -> bool:
        """Whether such a mail was never downloaded whole, so that trying again asks the server."""
        return self in (Cause.TOO_LARGE, Cause.DOWNLOAD)


LABELS = {
    Cause.PARSE: "Cannot be read",
    Cause.TOO_LARGE: "Too large",
    Cause.LOOP: "Runs in a loop",
    Cause.DOWNLOAD: "Not handed out",
    Cause.STORAGE: "Original missing",
    Cause.FILING: "Cannot be filed",
}


class Place(StrEnum):
    """Where a mail stands that was set aside once; the values are those of `mail_locations.state`."""

    ASIDE = "quarantined"
    ASKED = "wanted"
    DISCARDED = "discarded"

    @property
    def label(self) -> str:
        """As a person reads it."""
        return PLACES[self]


PLACES = {
    Place.ASIDE: "Set aside",
    Place.ASKED: "Asked for again",
    Place.DISCARDED: "Discarded",
}


EMPTY = {
    Place.ASIDE: "Nothing is set aside. Every mail that arrived was filed.",
    Place.ASKED: "No mail is asked for again from its server.",
    Place.DISCARDED: "No mail is discarded.",
}
"""What stands where a list has no mail."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which mails are meant: those of one place, all or with one cause."""

    place: Place = Place.ASIDE
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line of the quarantine. `sender` and `subject` are empty where they cannot be read.

    `size` in bytes, of the whole mail as far as known. `left_on_server`: it was never downloaded whole.
    """

    location_id: LocationId
    place: Place
    account: str
    mailbox: str
    uid: int
    at: datetime
    size: int
    cause: Cause
    why: str
    attempts: int
    left_on_server: bool
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done with a mail of the quarantine, in one plain sentence."""

    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class SetAsideMail:
    """One mail of the quarantine, as far as it can be shown. All text is safe for the screen.

    `text` is what a person would read of it, `source` its bytes with everything invisible spelled
    out; both are cut (`cut`), the export is whole. `fields` are names and values of its head.
    """

    row: SetAside
    fields: tuple[tuple[str, str], ...]
    text: str
    source: str
    cut: bool
    history: tuple[Step, ...]


MOST_COUNTED: Final = 1_000
"""Counting ends here: no reader needs to tell 1,000 from 1,001, and none shall wait for it."""


BADGE_MOST: Final = 100
"""A badge says `99+` from here on."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many mails stand where, and why; nothing above `MOST_COUNTED` for each place."""

    places: dict[Place, int]
    causes: dict[Cause, int]


def count_words(count: int) -> str:
    """`12`, or `1,000+` where counting ended."""
    return f"{MOST_COUNTED:,}+" if count >= MOST_COUNTED else str(count)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some mails. `changed`: moved as asked; `asked`: the server is asked again;
    `again`: set aside once more; `failed`: could not be, for the reason `why`. `numbers` are those
    of the interactions that mails were filed in.
    """

    changed: int = 0
    asked: int = 0
    again: int = 0
    failed: int = 0
    why: str = ""
    numbers: tuple[str, ...] = field(default=())

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.changed + other.changed,
            self.asked + other.asked,
            self.again + other.again,
            self.failed + other.failed,
            other.why or self.why,
            (*self.numbers, *other.numbers)[:NUMBERS_KEPT],
        )

    @property
    def total(self) -> int:
        """How many mails were looked at."""
        return self.changed + self.asked + self.again + self.failed


NUMBERS_KEPT: Final = 5


CHANGED = {
    "retry": "Filed",
    "release": "Filed as plain text",
    "discard": "Discarded",
    "restore": "Taken back",
}


def became(what: str, done: Outcome) -> tuple[str, ...]:
    """What became of mails after *what* (a key of `CHANGED`): one plain sentence for each kind."""
    said = []
    if not done.total:
        said.append("There was no mail to do this with.")
    if done.changed:
        said.append(f"{CHANGED[what]}: {mails(done.changed)}{_in_which(done)}.")
    if done.asked:
        asks = "Its mailbox is asked when it is read next"
        said.append(f"Asked for again: {mails(done.asked)}. {asks}.")
    if done.again:
        said.append(f"Set aside again: {mails(done.again)}. {done.why}")
    if done.failed:
        said.append(f"Left as it was: {mails(done.failed)}. {done.why}")
    return tuple(said)


def mails(count: int) -> str:
    """`1 mail`, `1,200 mails`."""
    return "1 mail" if count == 1 else f"{count:,} mails"


def _in_which(done: Outcome) -> str:
    if not done.numbers:
        return ""
    shown = ", ".join(dict.fromkeys(done.numbers))
    return f" ({shown}{', …' if done.changed > len(done.numbers) else ''})"
