"""Who may be the same person: pointed out on the record, never joined without a person's word."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from agentdesk.domain.finding import fold, words_of_name
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.people import Duplicate
from agentdesk.mail.impostors import SHARED_DOMAINS
from agentdesk.storage import finding
from agentdesk.storage.store import Transaction

SHOWN: Final = 5
COMPARED: Final = 50
"""Of those with the same words in their names, and of those with the same part before the @."""

ALIKE: Final = 0.8
_SHARED: Final = """
    info mail office contact support sales hello admin service team post orders order billing accounts
    noreply no-reply webmaster help
"""
SHARED_NAMES: Final = frozenset(_SHARED.split())
"""What stands before the @ of many companies' addresses and names nobody."""


async def of(tx: Transaction, row: Any, emails: Sequence[str]) -> tuple[Duplicate, ...]:
    """Customers who may be the same person as *row*, who has *emails*; each with why."""
    if row.merged_into is not None or row.erased_at is not None:
        return ()
    found: dict[int, Duplicate] = {}
    named = await finding.with_words(tx, words_of_name(row.name), COMPARED)
    local = [e.partition("@")[0] for e in emails[:5]]
    begins = [f"{fold(part)}@" for part in local if part and part not in SHARED_NAMES]
    alike = await finding.with_addresses(tx, begins, COMPARED) if begins else []
    others = [r for r in (*named, *alike) if r.id != row.id]
    known = await finding.emails_of(tx, {r.id for r in others})
    for other in others:
        why = _why(row, emails, other, known.get(other.id, ()))
        if why:
            first = next(iter(known.get(other.id, ())), "")
            who = (CustomerId(other.id), other.name, other.kind, other.account or "", first)
            found.setdefault(other.id, Duplicate(*who, why))
    return tuple(found.values())[:SHOWN]


def _why(row: Any, emails: Sequence[str], other: Any, others: Sequence[str]) -> str:
    name, theirs = fold(row.name), fold(other.name)
    if name == theirs or set(words_of_name(name)) == set(words_of_name(theirs)):
        if row.account_id is not None and row.account_id == other.account_id:
            return "same name, same account"
        shared = _domains(emails) & _domains(others)
        if shared:
            return f"same name, both at {min(shared)}"
        if not emails or not others:
            return "same name"
    same = {_local(e) for e in emails} & {_local(e) for e in others} - SHARED_NAMES
    if same and SequenceMatcher(None, name, theirs).ratio() >= ALIKE:
        return f"similar name, both write as {min(same)}@"
    return ""


def _domains(emails: Iterable[str]) -> set[str]:
    """Those that belong to somebody: no free-mail services."""
    return {e.rpartition("@")[2] for e in emails} - SHARED_DOMAINS


def _local(email: str) -> str:
    return email.partition("@")[0]
