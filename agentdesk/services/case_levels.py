"""Service levels of cases: begun, paused, met and missed with what becomes of the case, and by time.

One deadline a case: the next moment at which somebody has to hear of one of its targets. Each function
works inside of a transaction in which the case is locked, so that nothing is told twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentdesk.domain import service_level as levels
from agentdesk.domain.case import NOT_CLOSED, Case, CaseState
from agentdesk.domain.case_views import Target, TargetView
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import QueueId
from agentdesk.domain.schedule import Calendar, calendar
from agentdesk.domain.service_level import LevelRule, TargetState, Told
from agentdesk.services import effort
from agentdesk.services.desk import Desk
from agentdesk.storage import case_targets, cases, deadlines
from agentdesk.storage.store import Transaction

PAUSED = frozenset({CaseState.AWAITING_INFO, CaseState.RESOLVED})
Targets = Sequence[TargetState]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a case is promised now, and in which business time; `level` None: nothing."""

    level: LevelRule | None
    hours: Calendar

    def seconds(self, kind: Target) -> int | None:
        """How long it may take; None where that is not promised."""
        return self.level.seconds(kind) if self.level else None


def promise(desk: Desk, priority: int, category: str, queue_id: QueueId | None) -> Promise:
    """The first level of the settings that fits a case."""
    queue = desk.in_force.queues.get(queue_id) if queue_id else None
    key = queue.key if queue else ""
    fitting = (x for x in desk.rules.cases.levels if x.fits(priority, category, key))
    level = next(fitting, None)
    if level is None or not level.schedule:
        return Promise(level, effort.hours(desk, queue_id))
    named = next((s for s in desk.policy.schedules if s.key == level.schedule), None)
    return Promise(level, calendar(named))


def _of(desk: Desk, case: Case) -> Promise:
    return promise(desk, case.priority, case.category, case.queue_id)


async def begin(desk: Desk, tx: Transaction, case: Case) -> None:
    """A new case: its customer waits for the first response and for the end."""
    await _change(desk, tx, case, lambda targets, p: [*targets, *_begun(desk, p, _FIRST)])


_FIRST = (Target.FIRST_RESPONSE, Target.RESOLUTION)


def _begun(desk: Desk, p: Promise, kinds: Sequence[Target]) -> Iterator[TargetState]:
    for kind in kinds:
        seconds = p.seconds(kind)
        if seconds is not None:
            yield levels.start(kind, seconds, desk.clock.now(), p.hours)


async def heard(desk: Desk, tx: Transaction, case: Case) -> None:
    """The customer wrote: the next response is due, unless one is waited for already."""

    def change(targets: Targets, p: Promise) -> Targets:
        waits = any(t.kind is not Target.RESOLUTION and not t.over for t in targets)
        if waits or p.seconds(Target.NEXT_RESPONSE) is None:
            return targets
        others = [t for t in targets if t.kind is not Target.NEXT_RESPONSE]
        return [*others, *_begun(desk, p, [Target.NEXT_RESPONSE])]

    await _change(desk, tx, case, change)


async def answered(desk: Desk, tx: Transaction, case: Case, now: datetime) -> None:
    """A mail to the customer went: a response."""

    def change(targets: Targets, p: Promise) -> Targets:
        return [t if t.kind is Target.RESOLUTION else levels.meet(t, now, p.hours) for t in targets]

    await _change(desk, tx, case, change)


async def taken_back(desk: Desk, tx: Transaction, case: Case, answered_at: datetime) -> None:
    """That response never went: what it met at *answered_at* runs as if nothing had been said."""

    def back(t: TargetState, p: Promise) -> TargetState:
        if t.kind is Target.RESOLUTION or t.met_at is None or not then(t.met_at, answered_at):
            return t
        since = t.met_at
        runs = levels.take_back(t, since, p.hours)
        return levels.pause(runs, since, p.hours) if case.state in PAUSED else runs

    await _change(desk, tx, case, lambda targets, p: [back(t, p) for t in targets])


def then(moment: datetime | None, at: datetime) -> bool:
    """Whether something happened in the transaction that began at *at*."""
    return moment is not None and timedelta(0) <= moment - at < SAME


SAME = timedelta(seconds=5)


async def follow(desk: Desk, tx: Transaction, before: Case, after: Case) -> None:
    """The state changed: what waits for the customer is paused, what is resolved is met."""
    if after.state is before.state:
        return
    now = desk.clock.now()

    def change(targets: Targets, p: Promise) -> Targets:
        return [_followed(t, before, after, now, p.hours) for t in targets]

    await _change(desk, tx, after, change)


def _followed(
    t: TargetState, before: Case, after: Case, now: datetime, hours: Calendar
) -> TargetState:
    resolution = t.kind is Target.RESOLUTION
    if resolution and after.state is CaseState.RESOLVED:
        return levels.meet(t, now, hours)
    if resolution and before.state is CaseState.RESOLVED and not after.state.closed:
        return levels.take_back(t, now, hours)
    if after.state in PAUSED or after.state.closed:
        return levels.pause(t, now, hours)
    return levels.go_on(t, now, hours)


async def recalculate(desk: Desk, tx: Transaction, case: Case) -> None:
    """Priority or category changed: what is not over has the length that holds now; what is promised
    no more goes, what is promised from now on begins now.
    """
    now, warn_at = desk.clock.now(), desk.rules.cases.warn_at

    def change(targets: Targets, p: Promise) -> Targets:
        made, there = [], {t.kind for t in targets}
        for t in targets:
            seconds = p.seconds(t.kind)
            if t.over:
                made.append(t)
            elif seconds is not None:
                made.append(levels.change(t, seconds, now, warn_at, p.hours))
        wanted = [
            kind
            for kind in _FIRST
            if kind not in there
            and not (kind is Target.FIRST_RESPONSE and case.first_response_at is not None)
        ]
        begun = list(_begun(desk, p, wanted))
        paused = case.state in PAUSED
        return [*made, *(levels.pause(t, now, p.hours) if paused else t for t in begun)]

    await _change(desk, tx, case, change)


async def ran(desk: Desk, tx: Transaction, case_id: int) -> None:
    """A target of the case is near, or missed."""
    await _change(desk, tx, await cases.get(tx, case_id), lambda targets, p: targets)


async def _change(
    desk: Desk, tx: Transaction, case: Case, change: Callable[[Targets, Promise], Targets]
) -> None:
    """Tell what time has done until now, then what happens now; set the next deadline."""
    p = _of(desk, case)
    before = await case_targets.of(tx, case.id)
    targets = await _look(desk, tx, case, before, p)
    targets = await _look(desk, tx, case, change(targets, p), p)
    if [*targets] != before:
        await case_targets.put(tx, case.id, targets)
    warn_at = desk.rules.cases.warn_at
    ahead = [levels.next_look(t, warn_at, p.hours) for t in targets]
    moments = [at for at in ahead if at is not None]
    if moments and case.state in NOT_CLOSED:
        await deadlines.put(tx, Due.CASE_TARGET, case.id, min(moments))
    elif before:
        await deadlines.drop(tx, Due.CASE_TARGET, case.id)


async def _look(
    desk: Desk, tx: Transaction, case: Case, targets: Targets, p: Promise
) -> list[TargetState]:
    """The same targets as they stand now; what has to be heard is said."""
    now, found = desk.clock.now(), []
    for t in targets:
        after, told = levels.look(t, now, desk.rules.cases.warn_at, p.hours)
        found.append(after)
        if told is not None:
            what = Happened.TARGET_NEAR if told is Told.NEAR else Happened.TARGET_MISSED
            data = {"kind": t.kind.value, "due": t.due_at.isoformat() if t.due_at else ""}
            tx.record(Event(now, SYSTEM, Record.CASE, case.id, what, data))
            await cases.add_unread(tx, case.id)
    return found


def shown(desk: Desk, targets: Targets, p: Promise, state: CaseState) -> tuple[TargetView, ...]:
    """As screens show them now, the one that ends first in front; those that are over last.

    A closed case is not waited for any more: it shows what was met or missed.
    """
    if state.closed:
        targets = [t for t in targets if t.over or t.breached_at is not None]
    now, warn_at = desk.clock.now(), desk.rules.cases.warn_at
    views = [(t.over, levels.shown(t, now, warn_at, p.hours)) for t in targets]
    return tuple(view for _, view in sorted(views, key=lambda v: (v[0], v[1].left_s)))
