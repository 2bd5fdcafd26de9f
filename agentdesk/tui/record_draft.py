"""What a person types into the form of a record, and what it means. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agentdesk.domain.ids import AccountId
from agentdesk.domain.people import AccountDetails, AccountRecord, PersonDetails, PersonRecord
from agentdesk.domain.text import safe

LABELS = {
    "name": "Name",
    "addresses": "Addresses",
    "account": "Account",
    "language": "Language",
    "time_zone": "Time zone",
    "vip": "VIP",
    "tags": "Tags",
    "notes": "Notes",
}


@dataclass(frozen=True, slots=True)
class AccountPick:
    """An account that was chosen; without `account_id` a new one of that name. Falsy: none."""

    name: str = ""
    account_id: AccountId | None = None

    def __bool__(self) -> bool:
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form, as typed. Accounts use only `name`, `tags` and `notes`."""

    name: str = ""
    addresses: str = ""
    account: AccountPick = AccountPick()
    language: str = ""
    time_zone: str = ""
    vip: bool = False
    tags: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was saved; `typed` is what the form goes on with, where that is something else."""

    sentence: str
    typed: Typed | None = None


def of_person(record: PersonRecord) -> Typed:
    """The form of a record as it is."""
    known = record.details
    return Typed(
        name=_line(known.name),
        account=AccountPick(_line(record.account), known.account_id),
        language=_line(known.language),
        time_zone=_line(known.time_zone),
        vip=known.vip,
        tags=_line(", ".join(known.tags)),
        notes=safe(known.notes),
    )


def of_account(record: AccountRecord) -> Typed:
    """The form of an account as it is."""
    known = record.details
    tags = _line(", ".join(known.tags))
    return Typed(name=_line(known.name), tags=tags, notes=safe(known.notes))


def _line(words: str) -> str:
    """Fit for a text field, which draws what it is given."""
    return safe(words, multiline=False)


def person(typed: Typed) -> PersonDetails:
    """What was typed, as a service takes it and checks it."""
    return PersonDetails(
        name=typed.name,
        language=typed.language,
        time_zone=typed.time_zone,
        vip=typed.vip,
        notes=typed.notes,
        tags=listed(typed.tags),
        account_id=typed.account.account_id,
    )


def account(typed: Typed) -> AccountDetails:
    """What was typed of an account, as a service takes it and checks it."""
    return AccountDetails(typed.name, typed.notes, listed(typed.tags))


def listed(words: str) -> tuple[str, ...]:
    """What stands between commas, each once, in the order in which it was typed."""
    return tuple(dict.fromkeys(each.strip() for each in words.split(",") if each.strip()))


def joined(mine: Typed, base: Typed, theirs: Typed) -> tuple[Typed, tuple[str, ...]]:
    """What the form goes on with when somebody saved meanwhile, and the fields that both changed.

    What was typed here stays; what was not touched becomes theirs.
    """
    taken = {name: getattr(theirs, name) for name in LABELS if _same(mine, base, name)}
    both = [
        name for name in LABELS if not _same(mine, base, name) and not _same(theirs, base, name)
    ]
    return replace(mine, **taken), tuple(n for n in both if not _same(mine, theirs, n))


def _same(one: Typed, other: Typed, name: str) -> bool:
    return bool(getattr(one, name) == getattr(other, name))


def conflict(fields: Iterable[str]) -> str:
    """What the form says when somebody else saved first."""
    names = [LABELS[field].lower() for field in fields]
    if not names:
        return (
            "Somebody changed this record meanwhile. Theirs is taken in; save again to keep both."
        )
    what = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return (
        f"Somebody else changed {what} meanwhile. What you typed is kept here: "
        "save again to replace theirs."
    )
