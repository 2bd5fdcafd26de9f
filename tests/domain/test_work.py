"""A work item's search for an agent: every state meets every command."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentdesk.domain import work
from agentdesk.domain.errors import IllegalTransition, OfferGone
from agentdesk.domain.ids import AgentId, InteractionId, QueueId, WorkItemId
from agentdesk.domain.work import CancelReason, WorkItem, WorkState

QUEUED_AT = datetime(2026, 3, 2, 8, 12, tzinfo=UTC)
NOW = QUEUED_AT + timedelta(minutes=2)
ANA, BO = AgentId(1), AgentId(2)
IN_30_S = timedelta(seconds=30)

QUEUED, OFFERED = WorkState.QUEUED, WorkState.OFFERED
ACCEPTED, CANCELED = WorkState.ACCEPTED, WorkState.CANCELED

COMMANDS: dict[str, Callable[[WorkItem], WorkItem]] = {
    "offer": lambda w: work.offer(w, ANA, NOW, IN_30_S),
    "accept": lambda w: work.accept(w, ANA, NOW),
    "reject": lambda w: work.reject(w, ANA, reassignable=False),
    "time_out": work.time_out,
    "hold_back": lambda w: work.hold_back(w, NOW),
    "withdraw": work.withdraw,
    "cancel": lambda w: work.cancel(w, CancelReason.CLOSED),
    "assign": lambda w: work.assign(w, ANA, NOW),
}

ALLOWED: dict[str, dict[WorkState, WorkState]] = {
    "offer": {QUEUED: OFFERED},
    "accept": {OFFERED: ACCEPTED},
    "reject": {OFFERED: QUEUED},
    "time_out": {OFFERED: QUEUED},
    "hold_back": {QUEUED: QUEUED},
    "withdraw": {OFFERED: QUEUED, QUEUED: QUEUED, ACCEPTED: ACCEPTED, CANCELED: CANCELED},
    "cancel": {QUEUED: CANCELED, OFFERED: CANCELED},
    "assign": {QUEUED: ACCEPTED, OFFERED: ACCEPTED},
}

CELLS = [(state, command) for state in WorkState for command in COMMANDS]


def in_state(state: WorkState) -> WorkItem:
    """A work item as it is found in *state*; offered and accepted ones are Ana's."""
    queued = WorkItem(WorkItemId(9), InteractionId(123), QueueId(1), QUEUED, QUEUED_AT)
    if state is QUEUED:
        return queued
    if state is CANCELED:
        return work.cancel(queued, CancelReason.DISQUALIFIED)
    offered = work.offer(queued, ANA, QUEUED_AT, IN_30_S)
    return offered if state is OFFERED else work.accept(offered, ANA, NOW)


@pytest.mark.parametrize(("state", "command"), [(s, c) for s, c in CELLS if s in ALLOWED[c]])
def test_the_table_allows_it_and_names_the_next_state(state: WorkState, command: str) -> None:
    before = in_state(state)
    assert COMMANDS[command](before).state is ALLOWED[command][state]
    assert before == in_state(state)


@pytest.mark.parametrize(("state", "command"), [(s, c) for s, c in CELLS if s not in ALLOWED[c]])
def test_everything_else_is_refused_with_a_sentence(state: WorkState, command: str) -> None:
    answered = command in ("accept", "reject", "time_out")
    with pytest.raises(OfferGone if answered else IllegalTransition) as refusal:
        COMMANDS[command](in_state(state))
    assert str(refusal.value).endswith(".")


def test_the_table_knows_every_command() -> None:
    found = {
        name
        for name, _ in inspect.getmembers(work, inspect.isfunction)
        if not name.startswith("_") and inspect.getmodule(getattr(work, name)) is work
    }
    assert found == set(COMMANDS) == set(ALLOWED)


def test_an_offer_expires_after_the_timeout_of_its_queue() -> None:
    offered = work.offer(in_state(QUEUED), ANA, NOW, IN_30_S)
    assert (offered.agent_id, offered.offered_at, offered.offers) == (ANA, NOW, 1)
    assert offered.expires_at == NOW + IN_30_S
    assert work.offer(replace(in_state(QUEUED), not_before=NOW), ANA, NOW, None).not_before is None


def test_an_offer_without_timeout_never_expires() -> None:
    assert work.offer(in_state(QUEUED), ANA, NOW, None).expires_at is None


@pytest.mark.parametrize(
    "answer",
    [lambda w, a: work.accept(w, a, NOW), lambda w, a: work.reject(w, a, reassignable=True)],
)
def test_only_the_agent_who_was_asked_can_answer(
    answer: Callable[[WorkItem, AgentId], WorkItem],
) -> None:
    with pytest.raises(OfferGone, match="went to somebody else"):
        answer(in_state(OFFERED), BO)


def test_who_rejects_for_good_is_not_asked_again() -> None:
    back = work.reject(in_state(OFFERED), ANA, reassignable=False)
    assert back.passed == {ANA}
    again = work.reject(work.offer(back, BO, NOW, None), BO, reassignable=False)
    assert again.passed == {ANA, BO}


def test_who_rejects_for_now_may_be_asked_again() -> None:
    assert work.reject(in_state(OFFERED), ANA, reassignable=True).passed == frozenset()


@pytest.mark.parametrize("command", ["reject", "time_out", "withdraw"])
def test_nothing_of_an_offer_stays_on_an_item_that_is_back_in_its_queue(command: str) -> None:
    back = COMMANDS[command](in_state(OFFERED))
    assert (back.agent_id, back.offered_at, back.expires_at) == (None, None, None)
    assert (back.queued_at, back.offers) == (QUEUED_AT, 1)


def test_a_withdrawn_offer_blames_nobody() -> None:
    back = work.withdraw(in_state(OFFERED))
    assert (back.passed, back.timeouts, back.not_before) == (frozenset(), 0, None)


def test_the_first_silence_is_no_alarm_and_the_second_is() -> None:
    back = work.time_out(in_state(OFFERED))
    assert (back.timeouts, back.not_before, back.needs_attention) == (1, None, False)
    again = work.time_out(work.offer(back, BO, NOW, IN_30_S))
    assert (again.timeouts, again.not_before, again.needs_attention) == (2, None, True)


def test_what_everybody_let_pass_needs_attention_and_waits_ever_longer_up_to_ten_minutes() -> None:
    item, waits = in_state(QUEUED), []
    for _ in range(60):
        held = work.hold_back(item, NOW)
        assert held.not_before is not None
        assert held.needs_attention
        waits.append(held.not_before - NOW)
        item = work.reject(work.offer(held, BO, NOW, None), BO, reassignable=True)
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[-1]) == (
        work.BACK_OFF,
        2 * work.BACK_OFF,
        work.LONGEST_BACK_OFF,
    )


def test_whoever_takes_it_ends_the_need_for_attention() -> None:
    alarming = replace(in_state(OFFERED), timeouts=2, needs_attention=True)
    assert not work.accept(alarming, ANA, NOW).needs_attention
    assert not work.assign(alarming, BO, NOW).needs_attention


def test_an_offer_to_one_agent_can_be_assigned_to_another() -> None:
    taken = work.assign(in_state(OFFERED), BO, NOW)
    assert (taken.agent_id, taken.expires_at, taken.accepted_at) == (BO, None, NOW)


@pytest.mark.parametrize("reason", list(CancelReason))
def test_a_canceled_item_says_why(reason: CancelReason) -> None:
    canceled = work.cancel(in_state(OFFERED), reason)
    assert (canceled.cancel_reason, canceled.agent_id) == (reason.value, None)
    assert canceled.expires_at is None
