"""Erasing a person: content and identity go, counts stay, the audit log says that it happened.

What exactly goes and stays: docs/people.md, *Erasing*. Source: GDPR, article 17.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import Conflict
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import CustomerId
from agentdesk.services import people
from agentdesk.services.desk import Desk
from agentdesk.services.tokens import new_token
from agentdesk.storage import ccaas_conversations, finding, forgetting, joined, records
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import customers

_KEPT: Final = """
    from to owner rung kind action code timed_out interaction outbox holder state priority queue asked
    mailbox cause bytes merge other into person erased missing due until count seconds summary
    number how off case group category
"""
KEPT: Final = frozenset(_KEPT.split())
"""What an event may say beside its type that tells nothing of a person."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was emptied. `index_pending`: SQLite's search index is too large to be rewritten while
    people work, so its file may hold single words until `compact`.
    """

    interactions: int = 0
    cases: int = 0
    messages: int = 0
    originals: int = 0
    drafts: int = 0
    events: int = 0
    index_pending: bool = False


async def erase(desk: Desk, actor: Actor, customer_id: CustomerId) -> Erased:
    """Everything that a person is known by and that was written goes, for good.

    Raises `NotAllowed` for agents, `NotFound`, and `Conflict` while a mail to them is not sent, or
    may not be.
    """
    actor.must_supervise()
    async with desk.store.write() as tx:
        await forgetting.overwrite(tx)
        row = await people.current(tx, customer_id)
        everybody = [customer_id, *await joined.merged_into(tx, customer_id)]
        emails = await forgetting.hold_addresses(tx, everybody)
        ids = await forgetting.conversations(tx, everybody)
        cases = await forgetting.investigations(tx, everybody)
        await _must_rest(tx, [*ids, *cases], row.name)
        done = await _empty(desk, tx, actor, everybody, emails, ids, cases)
        told = {**asdict(done), "people": len(everybody)}
        for key in everybody:
            people.say(desk, tx, actor, key, Happened.ERASED, told)
    await desk.store.empty_log()
    return done


async def compact(desk: Desk, actor: Actor) -> None:
    """SQLite: write the file anew, so that nothing of what was ever deleted is in it; nobody can write
    meanwhile. Raises `NotAllowed`, `StorageProblem`.
    """
    actor.must_supervise()
    await desk.store.compact()


async def _must_rest(tx: Transaction, ids: Sequence[int], name: str) -> None:
    waiting = await forgetting.underway(tx, ids)
    if waiting is None:
        return
    if waiting.state in ("unknown", "maybe_sent"):
        raise Conflict(
            f"Nobody knows yet whether a mail of {waiting.number} was sent to {name}. "
            "Open it and say what became of it, then erase."
        )
    raise Conflict(
        f"A mail of {waiting.number} to {name} is not sent yet. Take it back or let it go out, then erase."
    )


async def _empty(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    everybody: Sequence[int],
    emails: Sequence[str],
    ids: Sequence[int],
    cases: Sequence[int],
) -> Erased:
    mine = [*ids, *cases]
    mails = await forgetting.mails(tx, ids, cases)
    others = await forgetting.elsewhere(tx, emails, mine)
    there = await forgetting.mails(tx, others, others)
    written = [m for m in there if m.sender in emails]
    originals = await forgetting.empty_mails(tx, [*mails, *written])
    await forgetting.forget_recipients(tx, [m for m in there if m.sender not in emails], emails)
    discarded = await forgetting.discarded(tx, mine)
    drafts = await forgetting.drop_drafts(tx, mine)
    await forgetting.empty_outbox(tx, mine)
    works = await forgetting.works_of(tx, ids)
    await forgetting.empty_conversations(tx, ids, new_token)
    await ccaas_conversations.forget(tx, ids)
    await forgetting.leave(tx, emails, others)
    await forgetting.hide_previews(tx, {m.interaction_id or m.case_id for m in written})
    await forgetting.empty_cases(tx, cases, new_token)
    await forgetting.empty_summaries(tx, [*ids, *others, *cases])
    places = await forgetting.places_of(tx, [m.id for m in (*mails, *written)])
    events = sealed = 0
    for record, keys in (
        (Record.INTERACTION, [*ids, *others]),
        (Record.CASE, [*cases, *others]),
        (Record.CUSTOMER, everybody),
        (Record.DRAFT, [*drafts, *discarded]),
        (Record.WORK_ITEM, works),
        (Record.MAIL, places),
    ):
        shared = record in (Record.INTERACTION, Record.CASE)
        own = set(keys) - set(others) if shared else None
        personal = _personal(everybody, own)
        emptied, anew = await forgetting.empty_events(tx, record.value, keys, personal)
        events, sealed = events + emptied, sealed + anew
    await _empty_people(desk, tx, everybody)
    pending = not await forgetting.tidy_search(tx)
    _tell(desk, tx, actor, ids, cases, drafts)
    counts = (len(ids), len(cases), len(mails) + len(written), originals, len(drafts), events)
    return Erased(*counts, pending)


def _personal(everybody: Collection[int], own: Collection[int] | None) -> forgetting.Personal:
    """Which events go: of the person's own records all that say more than states and numbers, and
    everywhere what the person did.
    """

    def personal(row: Any) -> bool:
        if row.actor_kind == "customer" and row.actor_id in everybody:
            return True
        if own is not None and row.record_id not in own:
            return False
        return row.actor_kind == "customer" or any(
            value for name, value in row.data.items() if name not in KEPT
        )

    return personal


async def _empty_people(desk: Desk, tx: Transaction, everybody: Sequence[int]) -> None:
    nothing: dict[str, Any] = {
        "name": forgetting.GONE,
        "account_id": None,
        "language": "",
        "time_zone": "",
        "vip": False,
        "notes": "",
        "tags": [],
        "erased_at": desk.clock.now(),
    }
    await joined.forget(tx, everybody)
    for key in everybody:
        await records.write(tx, customers, key, nothing)
    await finding.renew_people(tx, everybody)


def _tell(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    ids: Sequence[int],
    cases: Sequence[int],
    drafts: Sequence[int],
) -> None:
    """Wake the screens that show what is gone."""
    now, by = desk.clock.now(), By.actor(actor)
    for key in ids[-people.MOST_TOLD :]:
        tx.record(Event(now, by, Record.INTERACTION, key, Happened.ERASED, shown=False))
    for key in cases[-people.MOST_TOLD :]:
        tx.record(Event(now, by, Record.CASE, key, Happened.ERASED, shown=False))
    for key in drafts:
        tx.record(Event(now, by, Record.DRAFT, key, Happened.DRAFT_DISCARDED, shown=False))
