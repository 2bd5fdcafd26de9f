"""People and companies as records: who they are, how they are found, told apart and joined.

A *contact* belongs to an account, a *consumer* to none, a *guest* only wrote to us and was never
looked at. Source: docs/people.md.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agentdesk.domain.ids import AccountId, CustomerId, ThreadId


class Kind(StrEnum):
    """What a customer is."""

    CONTACT = "contact"
    CONSUMER = "consumer"
    GUEST = "guest"


KNOWN = (Kind.CONTACT, Kind.CONSUMER)
"""What a guest may become."""


@dataclass(frozen=True, slots=True)
class PersonHit:
    """One answer of find as you type: a person, or, without `customer_id`, an account.

    `email` is the first address, or the one that was found. `interactions` says how many there are,
    at most 100.
    """

    name: str
    kind: str
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    account: str = ""
    email: str = ""
    vip: bool = False
    interactions: int = 0


@dataclass(frozen=True, slots=True)
class PersonAddress:
    """An address of a person; `bounced_at`: a server refused it for good."""

    email: str
    bounced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What may be edited of a person. `time_zone` is a name such as Europe/Madrid, or empty."""

    name: str
    language: str = ""
    time_zone: str = ""
    vip: bool = False
    notes: str = ""
    tags: tuple[str, ...] = ()
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What may be edited of an account."""

    name: str
    notes: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Somebody who may be the same person. `why` is a few words, such as `same name, same account`."""

    customer_id: CustomerId
    name: str
    kind: str
    account: str
    email: str
    why: str


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge that can be undone: who was joined into this record, when and by whom."""

    merge_id: int
    name: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A record page of a person. `version` grows with every change: the compare-and-set key.

    `open_count` are open interactions and cases, at most 100. An erased person keeps only counts.
    """

    customer_id: CustomerId
    kind: Kind
    details: PersonDetails
    account: str
    addresses: tuple[PersonAddress, ...]
    known_since: datetime
    version: int
    open_count: int = 0
    duplicates: tuple[Duplicate, ...] = ()
    merges: tuple[MergeRow, ...] = ()
    erased_at: datetime | None = None
    merged_into: CustomerId | None = None


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """A record page of an account. `contacts` are the first ones by name, `contact_count` all of them,
    at most 1,000."""

    account_id: AccountId
    details: AccountDetails
    contacts: tuple[PersonHit, ...]
    contact_count: int
    version: int
    open_count: int = 0


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An interaction or a case of a person or an account, newest first.

    `state` as people read it.
    """

    number: str
    subject: str
    customer: str
    state: str
    direction: str
    at: datetime
    thread_id: ThreadId
