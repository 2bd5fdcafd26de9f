"""A small desk on which everything happens in any order: what never may, never does."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agentdesk.domain import interaction as moves
from agentdesk.domain import routing
from agentdesk.domain import work as works
from agentdesk.domain.capacity import Limits
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import DeskError, IllegalTransition
from agentdesk.domain.ids import (
    AgentId,
    CaseId,
    CustomerId,
    InteractionId,
    MailAccountId,
    QueueId,
    WorkItemId,
)
from agentdesk.domain.interaction import CLOSED, OPEN, Direction, Interaction, State
from agentdesk.domain.policy import PRESENCES, AutoAccept, Rule
from agentdesk.domain.snapshot import AgentSeat, Pool, QueueRules, Snapshot, WaitingItem
from agentdesk.domain.work import CancelReason, WorkItem, WorkState

NEW, WIP, HOLD, WRAP = State.NEW, State.WORK_IN_PROGRESS, State.ON_HOLD, State.WRAP_UP
COMPLETE, ABANDONED = State.CLOSED_COMPLETE, State.CLOSED_ABANDONED

PATHS = {
    (NEW, WIP), (NEW, COMPLETE),
    (WIP, NEW), (WIP, HOLD), (WIP, WRAP), (WIP, COMPLETE), (WIP, ABANDONED),
    (HOLD, NEW), (HOLD, WIP), (HOLD, WRAP), (HOLD, COMPLETE),
    (WRAP, WIP), (WRAP, COMPLETE),
}  # fmt: skip
"""Every change of state that there is. Source: docs/architecture.md, *States*."""

WORK_PATHS = {
    (WorkState.QUEUED, WorkState.OFFERED), (WorkState.QUEUED, WorkState.ACCEPTED),
    (WorkState.QUEUED, WorkState.CANCELED), (WorkState.OFFERED, WorkState.QUEUED),
    (WorkState.OFFERED, WorkState.ACCEPTED), (WorkState.OFFERED, WorkState.CANCELED),
}  # fmt: skip

GENERAL, VIP = QueueId(1), QueueId(2)
QUEUES = (
    QueueRules(
        GENERAL,
        "General",
        20,
        pools=(Pool(frozenset({"support"})), Pool(frozenset({"backup"}), 60)),
        accept_timeout_s=30,
    ),
    QueueRules(
        VIP,
        "VIP",
        10,
        Rule.LAST_ASSIGNED,
        (Pool(frozenset({"support", "backup"})),),
        auto_accept=AutoAccept.CARD,
    ),
)
AVAILABLE, AWAY = PRESENCES[0], PRESENCES[1]
SUPPORT, BACKUP = frozenset({"support"}), frozenset({"backup"})
SEATS = (
    AgentSeat(AgentId(1), "Ana", AVAILABLE, Limits(2), groups=SUPPORT),
    AgentSeat(AgentId(2), "Bo", AVAILABLE, Limits(3), groups=SUPPORT),
    AgentSeat(AgentId(3), "Cleo", AVAILABLE, Limits(1), groups=BACKUP, ramp_s=20),
)
Move = Callable[[Interaction, datetime], Interaction]

COMMANDS: tuple[Move, ...] = (
    lambda i, now: moves.be_assigned(i, AgentId(1), now),
    moves.be_put_on_hold,
    moves.be_resumed,
    moves.take_a_reply,
    lambda i, now: moves.be_requeued(i, VIP, now),
    moves.be_closed,
    moves.be_wrapped_up,
    lambda i, now: moves.become_a_case(i, CaseId(1), now),
    moves.close_for_silence,
    moves.be_abandoned,
    lambda i, now: moves.be_answered(i, AgentId(2), now),
    lambda i, now: moves.be_taken_over(i, AgentId(2), now),
)


class SmallDesk:
    """Interactions, their work items and three agents; keeps every step that was taken."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.interactions: dict[InteractionId, Interaction] = {}
        self.items: dict[WorkItemId, WorkItem] = {}
        self.seats = {seat.id: seat for seat in SEATS}
        self.steps: set[tuple[State, State]] = set()
        self.work_steps: set[tuple[WorkState, WorkState]] = set()

    def open(self, direction: Direction, owner: AgentId | None, queue: QueueId, size: int) -> None:
        now, serial = self.clock.now(), len(self.interactions) + 1
        i = Interaction(
            InteractionId(serial),
            f"IMS{serial:07d}",
            direction,
            NEW if owner is None else WIP,
            CustomerId(1),
            "Order 5512 damaged",
            MailAccountId(1),
            now,
            now,
            queue,
            owner,
            size=size,
            worked_since=None if owner is None else now,
        )
        self.interactions[i.id] = i
        if owner is None:
            self.enqueue(i)

    def enqueue(self, i: Interaction) -> None:
        """A new search for an agent."""
        assert i.queue_id is not None
        serial = WorkItemId(len(self.items) + 1)
        self.items[serial] = WorkItem(
            serial, i.id, i.queue_id, WorkState.QUEUED, self.clock.now(), size=i.size
        )

    def move(self, before: Interaction, after: Interaction) -> None:
        """The interaction changes; its search ends when it is no longer New, and begins when it is."""
        self.interactions[before.id] = after
        if before.state is after.state:
            return
        self.steps.add((before.state, after.state))
        search = self.search_of(before.id)
        if search is not None and after.state is not NEW:
            self.work(search, works.cancel(search, CancelReason.ASSIGNED))
        if after.state is NEW:
            self.enqueue(after)

    def work(self, before: WorkItem, after: WorkItem) -> None:
        """The work item changes; once it is accepted, its interaction is the agent's."""
        self.items[before.id] = after
        if before.state is after.state:
            return
        self.work_steps.add((before.state, after.state))
        if after.state is WorkState.ACCEPTED:
            assert after.agent_id is not None
            i = self.interactions[after.interaction_id]
            self.move(i, moves.be_assigned(i, after.agent_id, self.clock.now()))

    def search_of(self, interaction_id: InteractionId) -> WorkItem | None:
        """Its queued or offered work item."""
        live = (WorkState.QUEUED, WorkState.OFFERED)
        mine = (w for w in self.items.values() if w.interaction_id == interaction_id)
        return next((w for w in mine if w.state in live), None)

    def used(self, agent: AgentId) -> int:
        """Pending offers, Work in Progress and Wrap Up."""
        offers = (
            w.size
            for w in self.items.values()
            if w.agent_id == agent and w.state is WorkState.OFFERED
        )
        held = (i.capacity_used for i in self.interactions.values() if i.owner_id == agent)
        return sum(offers) + sum(held)

    def snapshot(self) -> Snapshot:
        """What routing sees."""
        now = self.clock.now()
        waiting = tuple(
            WaitingItem(w.id, w.queue_id, w.queued_at, w.priority, w.size, w.passed)
            for w in self.items.values()
            if w.state is WorkState.QUEUED and (w.not_before is None or w.not_before <= now)
        )
        seats = tuple(
            replace(seat, used={"email": self.used(seat.id)}) for seat in self.seats.values()
        )
        return Snapshot(now, seats, QUEUES, waiting)


agents = st.sampled_from([seat.id for seat in SEATS])
sizes = st.sampled_from([1, 1, 2])
one_of_them = st.integers(0, 99)


def while_some_are(*states: State) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule that waits for an interaction in one of *states*."""
    return precondition(lambda machine: bool(machine.those(*states)))


def while_something_is_offered(machine: "AnythingInAnyOrder") -> bool:
    return any(w.state is WorkState.OFFERED for w in machine.desk.items.values())


class AnythingInAnyOrder(RuleBasedStateMachine):
    """Every command, at any time, by anybody."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = SmallDesk()

    @property
    def now(self) -> datetime:
        return self.desk.clock.now()

    def those(self, *states: State) -> list[Interaction]:
        """The interactions in one of *states*."""
        return [i for i in self.desk.interactions.values() if i.state in states]

    def one(self, pick: int, *states: State) -> Interaction:
        """One of them; its rule waits until there is one."""
        return self.those(*states)[pick % len(self.those(*states))]

    def attempt(self, pick: int, move: Move, *states: State) -> None:
        """*move* on an interaction in one of *states*, where it must be allowed."""
        before = self.one(pick, *states)
        self.desk.move(before, move(before, self.now))

    @initialize()
    def the_morning_begins(self) -> None:
        for queue in (GENERAL, VIP, GENERAL, VIP):
            self.desk.open(Direction.INBOUND, None, queue, 1)
        self.an_agent_writes_first(AgentId(2))

    @rule(queue=st.sampled_from([GENERAL, GENERAL, VIP]), sizes=st.lists(sizes, min_size=1))
    def customers_write(self, queue: QueueId, sizes: list[int]) -> None:
        for size in sizes:
            self.desk.open(Direction.INBOUND, None, queue, size)

    @rule(agent=agents)
    def an_agent_writes_first(self, agent: AgentId) -> None:
        self.desk.open(Direction.OUTBOUND, agent, GENERAL, 1)

    @rule(seconds=st.sampled_from([1, 29, 60, 600]))
    def time_passes(self, seconds: int) -> None:
        self.desk.clock.turn(seconds)

    @rule(agent=agents)
    def an_agent_goes_or_comes_back(self, agent: AgentId) -> None:
        seat = self.desk.seats[agent]
        here = seat.presence.work
        self.desk.seats[agent] = replace(seat, presence=AWAY if here else AVAILABLE)
        for w in list(self.desk.items.values()):
            if here and w.agent_id == agent:
                self.desk.work(w, works.withdraw(w))

    @rule()
    def the_engine_routes(self) -> None:
        for made in routing.decide(self.desk.snapshot()):
            assert made.agent_id is not None
            seat = self.desk.seats[made.agent_id]
            assert seat.presence.work
            w = self.desk.items[made.item.work_item_id]
            offered = works.offer(w, made.agent_id, self.now, made.accept_timeout)
            self.desk.work(w, offered)
            if made.auto_accept is not AutoAccept.NO:
                self.desk.work(offered, works.accept(offered, made.agent_id, self.now))
            self.desk.seats[seat.id] = replace(seat, last_offered_at=made.at)
            assert self.desk.used(seat.id) <= seat.limits.total

    @precondition(while_something_is_offered)
    @rule(pick=one_of_them, answer=st.sampled_from(["accept", "reject", "not now", "time out"]))
    def an_offer_is_answered(self, pick: int, answer: str) -> None:
        offers = [w for w in self.desk.items.values() if w.state is WorkState.OFFERED]
        w = offers[pick % len(offers)]
        assert w.agent_id is not None
        if answer == "accept":
            self.desk.work(w, works.accept(w, w.agent_id, self.now))
        elif answer == "time out":
            self.desk.work(w, works.time_out(w))
        else:
            back = works.reject(w, w.agent_id, reassignable=answer == "not now")
            self.desk.work(w, back)

    @while_some_are(NEW)
    @rule(pick=one_of_them, agent=agents)
    def somebody_is_assigned_without_asking(self, pick: int, agent: AgentId) -> None:
        search = self.desk.search_of(self.one(pick, NEW).id)
        assert search is not None
        self.desk.work(search, works.assign(search, agent, self.now))

    @while_some_are(WIP)
    @rule(pick=one_of_them)
    def an_agent_holds(self, pick: int) -> None:
        self.attempt(pick, moves.be_put_on_hold, WIP)

    @while_some_are(HOLD, WRAP)
    @rule(pick=one_of_them)
    def an_agent_resumes(self, pick: int) -> None:
        self.attempt(pick, moves.be_resumed, HOLD, WRAP)

    @while_some_are(*OPEN)
    @rule(pick=one_of_them, rerouted=st.booleans())
    def the_customer_replies(self, pick: int, rerouted: bool) -> None:
        def reply(i: Interaction, now: datetime) -> Interaction:
            return moves.take_a_reply(i, now, owner_available=not rerouted, reroute=rerouted)

        self.attempt(pick, reply, *OPEN)

    @while_some_are(WIP, HOLD)
    @rule(pick=one_of_them, agent=agents)
    def an_agent_answers(self, pick: int, agent: AgentId) -> None:
        self.attempt(pick, lambda i, now: moves.be_answered(i, agent, now), WIP, HOLD)

    @while_some_are(WIP)
    @rule(pick=one_of_them, agent=agents)
    def an_agent_takes_over(self, pick: int, agent: AgentId) -> None:
        self.attempt(pick, lambda i, now: moves.be_taken_over(i, agent, now), WIP)

    @while_some_are(WIP, HOLD)
    @rule(pick=one_of_them, queue=st.sampled_from([GENERAL, VIP]))
    def an_agent_gives_back(self, pick: int, queue: QueueId) -> None:
        self.attempt(pick, lambda i, now: moves.be_requeued(i, queue, now), WIP, HOLD)

    @while_some_are(WIP, HOLD)
    @rule(pick=one_of_them)
    def an_agent_closes(self, pick: int) -> None:
        self.attempt(pick, moves.be_closed, WIP, HOLD)

    @while_some_are(WRAP)
    @rule(pick=one_of_them)
    def a_wrap_up_ends(self, pick: int) -> None:
        self.attempt(pick, moves.be_wrapped_up, WRAP)

    @while_some_are(*OPEN)
    @rule(pick=one_of_them)
    def a_case_is_created(self, pick: int) -> None:
        self.attempt(pick, lambda i, now: moves.become_a_case(i, CaseId(1), now), *OPEN)

    @while_some_are(HOLD)
    @rule(pick=one_of_them)
    def a_customer_stays_silent(self, pick: int) -> None:
        self.attempt(pick, moves.close_for_silence, HOLD)

    @while_some_are(WIP)
    @rule(pick=one_of_them)
    def an_unsent_mail_is_abandoned(self, pick: int) -> None:
        i = self.one(pick, WIP)
        if i.direction is Direction.OUTBOUND and not i.sent:
            self.desk.move(i, moves.be_abandoned(i, self.now))

    @rule(pick=one_of_them)
    def somebody_tries_everything(self, pick: int) -> None:
        before = self.one(pick, *State)
        for command in COMMANDS:
            with suppress(IllegalTransition):
                after = command(before, self.now)
                assert not before.state.closed
                assert before.state is after.state or (before.state, after.state) in PATHS

    @rule(pick=one_of_them, agent=agents)
    def somebody_answers_an_offer_that_is_not_theirs(self, pick: int, agent: AgentId) -> None:
        others = [
            w
            for w in self.desk.items.values()
            if w.agent_id != agent or w.state is not WorkState.OFFERED
        ]
        if others:
            with pytest.raises(DeskError, match=r"gone.*\.$"):
                works.accept(others[pick % len(others)], agent, self.now)

    @invariant()
    def only_steps_of_the_table_are_taken(self) -> None:
        assert self.desk.steps <= PATHS
        assert self.desk.work_steps <= WORK_PATHS

    @invariant()
    def closed_is_final_and_dated(self) -> None:
        assert not any(before in CLOSED for before, _ in self.desk.steps)
        for i in self.desk.interactions.values():
            assert (i.closed_at is not None) == i.state.closed

    @invariant()
    def only_what_is_worked_on_is_timed(self) -> None:
        for i in self.desk.interactions.values():
            assert (i.worked_since is not None) == i.worked_on

    @invariant()
    def only_what_is_on_hold_is_held(self) -> None:
        for i in self.desk.interactions.values():
            assert (i.held_at is not None) == (i.state is HOLD)

    @invariant()
    def work_has_an_owner_and_new_work_is_searched_for_exactly_once(self) -> None:
        for i in self.desk.interactions.values():
            assert (i.owner_id is None) == (i.state is NEW) or i.state.closed
            assert (self.desk.search_of(i.id) is not None) == (i.state is NEW)

    @invariant()
    def capacity_in_use_is_what_is_offered_worked_on_or_wrapped_up(self) -> None:
        sizes = sum(i.size for i in self.desk.interactions.values() if i.state in (WIP, WRAP))
        offers = [w for w in self.desk.items.values() if w.state is WorkState.OFFERED]
        used = [self.desk.used(agent) for agent in self.desk.seats]
        assert min(used) >= 0
        assert sum(used) == sizes + sum(w.size for w in offers)

    @invariant()
    def an_item_waits_for_nobody_and_an_offer_for_somebody(self) -> None:
        for w in self.desk.items.values():
            assert (w.agent_id is None) == (w.state in (WorkState.QUEUED, WorkState.CANCELED))


AnythingInAnyOrder.TestCase.settings = settings(
    max_examples=200, stateful_step_count=80, deadline=None
)
TestAnythingInAnyOrder = AnythingInAnyOrder.TestCase
