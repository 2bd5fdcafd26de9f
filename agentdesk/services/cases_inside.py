"""What becomes of a case inside of a transaction that somebody else began: it is opened, its customer
writes, a mail of it goes out.

The case is locked by its caller (`storage.cases.get`), after the interactions that it concerns.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentdesk.domain import case as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import Case, CaseState
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AccountId, AgentId, CaseId, CustomerId, MailAccountId, QueueId
from agentdesk.domain.text import safe
from agentdesk.services import case_levels, effort
from agentdesk.services.desk import Desk
from agentdesk.services.threads import group_name, must_be_workable
from agentdesk.services.tokens import new_token
from agentdesk.storage import case_links, cases, deadlines, interactions
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction

LONGEST_SUBJECT = 500
LONGEST_TEXT = 100_000
PREVIEW = 500


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case to come is about; text is made safe by `open_case`. `opened_by` None: nobody did, a
    mail did. `why` is its first sentence in the stream. `participants` are addresses.
    """

    subject: str
    customer_id: CustomerId
    mail_account_id: MailAccountId
    why: str
    account_id: AccountId | None = None
    queue_id: QueueId | None = None
    description: str = ""
    priority: int = 3
    category: str = ""
    group: str = ""
    owner_id: AgentId | None = None
    opened_by: AgentId | None = None
    participants: Collection[str] = ()
    preview: str = ""


async def open_case(desk: Desk, tx: Transaction, by: By, opening: Opening) -> Case:
    """A new case with a reply token: New, or Open where somebody is to have it, who is told unless they
    opened it themselves.
    """
    key, number = await cases.new_identity(tx)
    now = desk.clock.now()
    o = opening
    made = Case(
        key,
        number,
        CaseState.NEW if o.owner_id is None else CaseState.OPEN,
        safe(o.subject, multiline=False)[:LONGEST_SUBJECT] or "(no subject)",
        o.customer_id,
        o.mail_account_id,
        now,
        now,
        description=safe(o.description).strip()[:LONGEST_TEXT],
        account_id=o.account_id,
        owner_id=o.owner_id,
        group=o.group,
        category=o.category,
        priority=o.priority,
        queue_id=o.queue_id,
        opened_by=o.opened_by,
        worked_since=now if o.owner_id is not None else None,
    )
    await cases.insert(tx, made, new_token())
    await cases.set_preview(tx, key, safe(o.preview, multiline=False)[:PREVIEW])
    await interactions.add_participants(tx, [(key, email) for email in o.participants if email])
    if o.owner_id is not None and o.owner_id != o.opened_by:
        await cases.set_unread(tx, key, 1)
    owner = await desk_rows.agent_as_is(tx, o.owner_id) if o.owner_id else None
    said = {"why": o.why, "owner": owner.name if owner else ""}
    say(desk, tx, made, Happened.CASE_CREATED, by, said)
    await case_levels.begin(desk, tx, made)
    return made


async def heard_from_customer(
    desk: Desk, tx: Transaction, case: Case, who: str, preview: str
) -> Case:
    """A person on the customer's side wrote into it: Awaiting Info and Resolved become Open; its owner
    and its watchers have something unread. Raises `IllegalTransition` for a closed case.

    *who* is their name. The mail itself, and its event, are the caller's.
    """
    after = await cases.save(tx, moves.hear_from_its_customer(case, desk.clock.now()))
    await cases.set_preview(tx, case.id, safe(preview, multiline=False)[:PREVIEW])
    by = By("customer", safe(who, multiline=False), case.customer_id)
    await moved(desk, tx, case, after, by)
    await case_levels.heard(desk, tx, after)
    await mark_unread(tx, after)
    return after


async def was_answered(
    desk: Desk,
    tx: Transaction,
    case: Case,
    sender: AgentId,
    *,
    answers: bool = True,
    leaves: datetime | None = None,
    awaits: bool | None = None,
) -> Case:
    """A mail of it went into the outbox. A new case becomes its sender's.

    Only one that *answers* the customer is a response. It *leaves* now, or later: then
    `answer_left` is called at that moment. *awaits*: the case waits for the customer's answer from now
    on; None: as settings say. Raises `IllegalTransition` for a closed case.
    """
    now = desk.clock.now()
    after = moves.be_answered(case, sender, now, answers=answers)
    waits = answers and desk.rules.cases.await_after_send if awaits is None else awaits
    if waits and after.state is CaseState.OPEN:
        after = moves.await_information(after, now)
    after = await cases.save(tx, after)
    row = await desk_rows.agent_as_is(tx, sender)
    by = By("agent", row.name if row else "", sender)
    if answers and (leaves is None or leaves <= now):
        await case_levels.answered(desk, tx, case, now)
    await moved(desk, tx, case, after, by)
    return after


async def answer_left(desk: Desk, tx: Transaction, case: Case) -> None:
    """A mail that was put into the outbox for later leaves now: only this is a response."""
    if not case.state.closed:
        await case_levels.answered(desk, tx, case, desk.clock.now())


async def answer_taken_back(
    desk: Desk, tx: Transaction, case: Case, sent_at: datetime, by: By
) -> Case:
    """Sending was undone: the mail that was put into the outbox at *sent_at* is no response, and the
    case does not wait for an answer to it.
    """
    now = desk.clock.now()
    after = moves.take_back_a_mail(case, now)
    if after.state is CaseState.AWAITING_INFO and case_levels.then(after.waiting_since, sent_at):
        after = moves.go_on(after, now)
    after = await cases.save(tx, after)
    await moved(desk, tx, case, after, by)
    await case_levels.taken_back(desk, tx, after, sent_at)
    return after


async def workable(desk: Desk, tx: Transaction, actor: Actor, case_id: CaseId) -> Case:
    """The case, locked, if the actor may work on it. Raises `NotAllowed`, `NotFound`."""
    case = await cases.get(tx, case_id)
    must_be_workable(desk, actor, case)
    return case


async def moved(desk: Desk, tx: Transaction, before: Case, after: Case, by: By) -> None:
    """What follows from a move, whoever made it: what the stream says, what time will do, and how long
    somebody worked on it.
    """
    await effort.keep(desk, tx, before, after)
    if after.state is not before.state:
        _say_state(desk, tx, before, after, by)
        await _set_the_end(desk, tx, after)
        await case_levels.follow(desk, tx, before, after)
    if (after.owner_id, after.group) != (before.owner_id, before.group):
        await _say_whose(desk, tx, before, after, by)


def _say_state(desk: Desk, tx: Transaction, before: Case, after: Case, by: By) -> None:
    data = {"from": before.state.value, "to": after.state.value}
    what = Happened.STATE_CHANGED
    if after.merged_into != before.merged_into:
        return  # its own sentence names the other case
    if after.reopened > before.reopened:
        what = Happened.CASE_REOPENED
    if after.state is CaseState.RESOLVED:
        what = Happened.CASE_RESOLVED
        data |= {"code": desk.rules.cases.code(after.code), "notes": after.notes}
    say(desk, tx, after, what, by, data)


async def _set_the_end(desk: Desk, tx: Transaction, after: Case) -> None:
    """A resolved case is closed by time, any other one is not."""
    if after.state is CaseState.RESOLVED:
        closes = (after.resolved_at or desk.clock.now()) + desk.rules.cases.close_after
        await deadlines.put(tx, Due.CASE_CLOSE, after.id, closes)
    else:
        await deadlines.drop(tx, Due.CASE_CLOSE, after.id)


async def _say_whose(desk: Desk, tx: Transaction, before: Case, after: Case, by: By) -> None:
    owner = await desk_rows.agent_as_is(tx, after.owner_id) if after.owner_id else None
    data = {"owner": owner.name if owner else "", "group": group_name(desk, after.group)}
    say(desk, tx, after, Happened.OWNER_CHANGED, by, data)
    if after.owner_id != before.owner_id:
        await cases.set_unread(tx, after.id, int(after.owner_id not in (None, by.id)))


async def mark_unread(tx: Transaction, case: Case) -> None:
    """Something that its owner and its watchers should see."""
    await cases.add_unread(tx, case.id)
    await case_links.add_unread(tx, case.id, but=case.owner_id)


def say(
    desk: Desk,
    tx: Transaction,
    case: Case,
    what: Happened,
    by: By,
    data: Mapping[str, Any] | None = None,
    *,
    shown: bool = True,
) -> None:
    """Record an event of the case."""
    now = desk.clock.now()
    tx.record(Event(now, by, Record.CASE, case.id, what, dict(data or {}), shown=shown))
