"""The demo's past, move by move, as the services would have written it.

Every move goes through the domain's own commands, so that nothing can happen here that could not
happen at a desk; but the rows are kept in memory and written by `history` in one transaction.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from agentdesk.demo.correspondence import Correspondence, Row, Thread
from agentdesk.demo.scripts import Step, Story
from agentdesk.domain import interaction as moves
from agentdesk.domain import work as works
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import (
    AgentId,
    CaseId,
    InteractionId,
    MailAccountId,
    QueueId,
    SegmentId,
    WorkItemId,
    case_number,
    interaction_number,
)
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.domain.ladder import Rung
from agentdesk.domain.message import MailKind, ParsedMail
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.domain.wrapup import Code, Segment, WrapUpSource
from agentdesk.services.joining import preview
from agentdesk.storage.people import Person as Customer
from agentdesk.storage.rows import dump

TOKEN_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
WRAP_UP = timedelta(seconds=120)
CATEGORIES = {"support": "problem", "returns": "return", "sales": "question"}
SOLVED = "Looked into, told the customer, nothing is left to do."
WHY_NEW = "It refers to nothing known: a new interaction."
WHY_AGENT = "most free capacity"


@dataclass(frozen=True, slots=True)
class Roster:
    """What the desk is made of: agents by login, the rest by key, customers by address."""

    agents: Mapping[str, Any]
    queues: Mapping[str, tuple[int, QueueSetup]]
    accounts: Mapping[str, Any]
    codes: Mapping[str, Code]
    customers: Mapping[str, Customer]


@dataclass(slots=True)
class Conversation:
    """A story on its way: the interaction that it is in now, its work item and its wrap-up."""

    thread: Thread
    interaction: Interaction | None = None
    work: WorkItem | None = None
    segment: Segment | None = None
    unread: int = 0
    preview: str = ""
    participants: set[str] = field(default_factory=set)

    @property
    def now(self) -> Interaction:
        """The interaction, once there is one."""
        assert self.interaction is not None
        return self.interaction


class Journal:
    """The events of the past, in the words of the services."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def say(
        self, at: datetime, by: By, record: Record, key: int, what: Happened, **more: Any
    ) -> None:
        """Something happened; what is about work items is not for the stream."""
        shown = record is not Record.WORK_ITEM
        self.events.append(Event(at, by, record, key, what, shown=shown, **more))

    def about(self, c: Conversation, at: datetime, by: By, what: Happened, **data: Any) -> None:
        """Something happened to the interaction."""
        self.say(at, by, Record.INTERACTION, c.now.id, what, data=data)

    def about_work(self, c: Conversation, at: datetime, by: By, what: Happened, **d: Any) -> None:
        """Something happened to its work item."""
        assert c.work is not None
        self.say(at, by, Record.WORK_ITEM, c.work.id, what, data={"interaction": c.now.id, **d})

    def change(self, c: Conversation, after: Interaction, by: By) -> None:
        """Save a move, and tell it as `services.handling.changed` does."""
        before, at = c.now, after.changed_at
        c.interaction = replace(after, version=before.version + 1)
        if before.state is after.state:
            return
        said = {"from": before.state.value, "to": after.state.value}
        self.about(c, at, by, Happened.STATE_CHANGED, **said)
        if before.capacity_used != after.capacity_used and before.owner_id is not None:
            owner, data = before.owner_id, {"interaction": after.number}
            self.say(at, by, Record.AGENT, owner, Happened.STATE_CHANGED, data=data)


class Chronicle:
    """Lets stories happen in the order of time, and keeps what they leave behind."""

    def __init__(
        self,
        roster: Roster,
        ids: Mapping[str, Iterator[int]],
        post: Correspondence,
        rng: random.Random,
    ) -> None:
        self._roster, self._ids, self.post = roster, ids, post
        self._rng = rng
        self.journal = Journal()
        self.interactions: list[Row] = []
        self.works: list[WorkItem] = []
        self.segments: list[Segment] = []
        self.refusals: list[Row] = []
        self.cases: list[Row] = []
        self.participants: list[tuple[int, str]] = []
        self.open: list[Conversation] = []

    def tell(self, stories: Sequence[Story]) -> None:
        """Everything that happened, once."""
        conversations = [Conversation(Thread(story)) for story in stories]
        steps = [(s.at, n, k) for n, x in enumerate(stories) for k, s in enumerate(x.steps)]
        for _, n, k in sorted(steps):
            step = stories[n].steps[k]
            getattr(self, f"_{step.move.name.lower()}")(conversations[n], step)
        self.open = [c for c in conversations if not c.now.state.closed]
        for c in conversations:
            self._put_away(c)

    def _put_away(self, c: Conversation) -> None:
        row = {"token": c.thread.token, "preview": c.preview, "unread": c.unread}
        self.interactions.append(dump(c.now) | row)
        self.participants += [(c.now.id, email) for email in sorted(c.participants)]
        if c.work is not None:
            self.works.append(c.work)

    def _agent(self, login: str) -> tuple[Any, By]:
        row = self._roster.agents[login]
        return row, By("agent", row.name, row.id)

    # -- mail ------------------------------------------------------------------------------

    def _arrive(self, c: Conversation, step: Step) -> None:
        """A customer's mail: the first one opens an interaction."""
        why, rung = WHY_NEW, Rung.NEW
        if c.interaction is None:
            self._open(c, step.at, None, "")
        else:
            why, rung = f"It answers our mail in {c.now.number}.", Rung.TOKEN
        self._received(c, step, why, rung)

    def _return(self, c: Conversation, step: Step) -> None:
        """A customer answers a closed interaction: another one continues it."""
        before = c.now
        self._put_away(c)
        why = (
            f"It answers our mail in {before.number}, which is closed; "
            "nothing related is open, so a new interaction continues it."
        )
        self._open(c, step.at, before.id, why)
        self._received(c, step, why, Rung.NEW_WITH_PARENT)

    def _open(self, c: Conversation, at: datetime, parent: InteractionId | None, why: str) -> None:
        story = c.thread.story
        account = self._roster.accounts[story.matter.queue]
        queue_id, queue = self._roster.queues[story.matter.queue]
        customer = self._roster.customers[story.person.email]
        key = InteractionId(next(self._ids["interactions"]))
        c.interaction = Interaction(
            id=key,
            number=interaction_number(key),
            direction=Direction.INBOUND,
            state=State.NEW,
            customer_id=customer.customer_id,
            subject=story.matter.subject,
            mail_account_id=MailAccountId(account.id),
            opened_at=at,
            changed_at=at,
            queue_id=QueueId(queue_id),
            account_id=customer.account_id,
            parent_id=parent,
            size=queue.size or 1,
        )
        work_id = WorkItemId(next(self._ids["work_items"]))
        c.work = WorkItem(
            work_id,
            key,
            QueueId(queue_id),
            WorkState.QUEUED,
            at,
            size=queue.size or 1,
            target_at=at + timedelta(seconds=queue.target_wait_s),
        )
        c.thread.token = self._new_token()
        c.participants, c.unread = set(), 0
        self.journal.about_work(c, at, SYSTEM, Happened.OPENED)
        self.journal.about(
            c, at, SYSTEM, Happened.OPENED, why=why or f"Opened by a mail to {account.address}"
        )

    def _received(self, c: Conversation, step: Step, why: str, rung: Rung) -> None:
        person = c.thread.story.person
        account = self._roster.accounts[c.thread.story.matter.queue]
        first = c.now.version == 0 and not c.participants
        message_id, mail = self.post.receive(c.thread, c.now, step, account)
        by = By.customer(person.name, c.now.customer_id)
        data = {"rung": rung.value, "why": why, "kind": mail.kind.value}
        about = (Record.INTERACTION, c.now.id, Happened.MAIL_RECEIVED)
        self.journal.say(step.at, by, *about, data=data, message_id=message_id)
        c.participants.add(person.email)
        if first:
            c.preview = preview(mail)
        elif mail.kind is MailKind.NORMAL:
            self._joins(c, step.at, mail)

    def _joins(self, c: Conversation, at: datetime, mail: ParsedMail) -> None:
        c.unread += 1
        c.preview = preview(mail)
        self.journal.change(c, moves.take_a_reply(c.now, at), SYSTEM)

    def _send(self, c: Conversation, step: Step) -> None:
        """An agent's answer goes out, and the interaction waits for the customer."""
        agent, by = self._agent(step.agent)
        account = self._roster.accounts[c.thread.story.matter.queue]
        key, box = self.post.send(c.thread, c.now, step, account, agent)
        about = (Record.INTERACTION, c.now.id)
        self.journal.say(step.at, by, *about, Happened.MAIL_QUEUED, message_id=key, outbox_id=box)
        c.unread = 0
        self.journal.change(c, moves.be_answered(c.now, AgentId(agent.id), step.at), by)
        self.journal.change(c, moves.be_put_on_hold(c.now, step.at), by)

    # -- work ------------------------------------------------------------------------------

    def _pass(self, c: Conversation, step: Step) -> None:
        """An offer that nobody answered."""
        agent, _ = self._agent(step.agent)
        self._offered(c, step.at - timedelta(seconds=75), agent)
        assert c.work is not None
        c.work = replace(works.time_out(c.work), version=c.work.version + 1)
        self.journal.about_work(c, step.at, SYSTEM, Happened.OFFER_TIMED_OUT, agent=agent.name)
        row = {"id": next(self._ids["refusals"]), "work_item_id": c.work.id, "agent_id": agent.id}
        self.refusals.append({**row, "reason": "timed out", "timed_out": True, "at": step.at})

    def _offered(self, c: Conversation, at: datetime, agent: Any) -> None:
        assert c.work is not None
        at = max(at, c.work.queued_at)
        offered = works.offer(c.work, AgentId(agent.id), at, timedelta(seconds=90))
        c.work = replace(offered, version=c.work.version + 1)
        said = {"agent": agent.name, "why": WHY_AGENT}
        self.journal.about_work(c, at, SYSTEM, Happened.OFFERED, **said)

    def _accept(self, c: Conversation, step: Step) -> None:
        """An offer is taken: Work in Progress."""
        agent, by = self._agent(step.agent)
        self._offered(c, step.at - timedelta(seconds=self._rng.uniform(4, 40)), agent)
        assert c.work is not None
        taken = works.accept(c.work, AgentId(agent.id), step.at)
        c.work = replace(taken, version=c.work.version + 1)
        self.journal.about_work(c, step.at, by, Happened.OFFER_ACCEPTED)
        before = c.now
        after = moves.be_assigned(before, AgentId(agent.id), step.at)
        c.interaction = replace(after, version=before.version + 1)
        data = {"from": before.state.value, "to": after.state.value, "owner": agent.name}
        self.journal.about(c, step.at, by, Happened.OWNER_CHANGED, **data)
        took = {"took": after.number}
        self.journal.say(step.at, by, Record.AGENT, agent.id, Happened.OWNER_CHANGED, data=took)

    def _note(self, c: Conversation, step: Step) -> None:
        """An internal note."""
        self.journal.about(
            c, step.at, self._agent(step.agent)[1], Happened.NOTE_ADDED, text=step.text
        )

    # -- the end ---------------------------------------------------------------------------

    def _close(self, c: Conversation, step: Step) -> None:
        """Wrap Up begins."""
        self.journal.change(c, moves.be_closed(c.now, step.at), self._agent(step.agent)[1])
        key = SegmentId(next(self._ids["wrap_up_segments"]))
        c.segment = Segment(key, c.now.id, c.now.owner_id, step.at, step.at + WRAP_UP)

    def _wrap_up(self, c: Conversation, step: Step) -> None:
        """A code is chosen."""
        code, by = self._roster.codes[step.code], self._agent(step.agent)[1]
        self._finish(c, step, code, WrapUpSource.AGENT, by)
        self.journal.change(c, moves.be_wrapped_up(c.now, step.at), by)

    def _run_out(self, c: Conversation, step: Step) -> None:
        """Nobody chose a code in time."""
        code = next(code for code in self._roster.codes.values() if code.default)
        self._finish(c, step, code, WrapUpSource.TIMEOUT, SYSTEM)
        self.journal.change(c, moves.be_wrapped_up(c.now, step.at), SYSTEM)

    def _fall_silent(self, c: Conversation, step: Step) -> None:
        """The customer did not answer for days."""
        self._finish(c, step, self._roster.codes["inactivity"], WrapUpSource.INACTIVITY, SYSTEM)
        self.journal.change(c, moves.close_for_silence(c.now, step.at), SYSTEM)

    def _open_case(self, c: Conversation, step: Step) -> None:
        """It needs investigation: a case."""
        agent, by = self._agent(step.agent)
        key = CaseId(next(self._ids["interactions"]))
        self._finish(c, step, self._roster.codes["task_created"], WrapUpSource.CASE, by)
        self.journal.change(c, moves.become_a_case(c.now, key, step.at), by)
        self.cases.append(
            {
                "id": key,
                "number": case_number(next(self._ids["cases"])),
                "state": "open",
                "subject": c.now.subject,
                "description": step.text,
                "customer_id": c.now.customer_id,
                "account_id": c.now.account_id,
                "owner_id": agent.id,
                "opened_at": step.at,
                "changed_at": step.at,
                "closed_at": None,
                "mail_account_id": c.now.mail_account_id,
                "queue_id": c.now.queue_id,
                "opened_by": agent.id,
                "token": self._new_token(),
                "category": CATEGORIES[c.thread.story.matter.queue],
                "group": c.thread.story.matter.queue,
                "code": "",
                "notes": "",
                "resolved_at": None,
                "worked_since": step.at,
            }
        )
        self.participants.append((key, c.thread.story.person.email))
        said = {"why": f"Created from {c.now.number}", "owner": agent.name}
        self.journal.say(step.at, by, Record.CASE, key, Happened.CASE_CREATED, data=said)

    def solve(self, case: Row, at: datetime) -> None:
        """A case ends well, in the hands of its owner."""
        row = next(a for a in self._roster.agents.values() if a.id == case["owner_id"])
        ended = {"state": "closed", "code": "solved", "notes": SOLVED, "worked_since": None}
        case |= {**ended, "changed_at": at, "resolved_at": at, "closed_at": at}
        by, about = By("agent", row.name, row.id), (Record.CASE, case["id"])
        data = {"code": "Solved", "notes": SOLVED}
        self.journal.say(at, by, *about, Happened.CASE_RESOLVED, data=data)
        moved = {"from": "resolved", "to": "closed"}
        self.journal.say(at, by, *about, Happened.STATE_CHANGED, data=moved)

    def _new_token(self) -> str:
        return "".join(self._rng.choice(TOKEN_LETTERS) for _ in range(22))

    def _finish(
        self, c: Conversation, step: Step, code: Code, source: WrapUpSource, by: By
    ) -> None:
        segment, c.segment = c.segment, None
        if segment is None:
            key = SegmentId(next(self._ids["wrap_up_segments"]))
            segment = Segment(key, c.now.id, c.now.owner_id, step.at, None)
        timed_out = source is WrapUpSource.TIMEOUT
        notes = step.text if source is WrapUpSource.AGENT else ""
        done = replace(
            segment,
            code_id=code.id,
            notes=notes,
            source=source,
            submitted_at=step.at,
            timed_out=timed_out,
            seconds=(step.at - segment.opened_at).total_seconds(),
        )
        self.segments.append(done)
        c.unread = 0
        said = {"code": code.label, "notes": notes, "timed_out": timed_out}
        self.journal.about(c, step.at, by, Happened.WRAPPED_UP, **said)
