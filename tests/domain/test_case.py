"""Every state of a case meets every command: the table allows it, or a sentence says why not."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agentdesk.domain import case
from agentdesk.domain.case import NOT_CLOSED, WORKED_ON, Case, CaseChanges, CaseState
from agentdesk.domain.errors import BadInput, IllegalTransition
from agentdesk.domain.ids import AccountId, AgentId, CaseId, CustomerId, MailAccountId

OPENED = datetime(2026, 3, 2, 8, 12, tzinfo=UTC)
NOW = OPENED + timedelta(hours=1)
ANA, BO = AgentId(1), AgentId(2)
NEW, OPEN, AWAITING = CaseState.NEW, CaseState.OPEN, CaseState.AWAITING_INFO
RESOLVED, CLOSED = CaseState.RESOLVED, CaseState.CLOSED


def in_state(state: CaseState, key: int = 7) -> Case:
    """A case as it is found in *state*; a closed one was merged, which every command may meet."""
    return Case(
        id=CaseId(key),
        number=f"CS{key:07d}",
        state=state,
        subject="Order 5512 damaged",
        customer_id=CustomerId(5),
        mail_account_id=MailAccountId(1),
        opened_at=OPENED,
        changed_at=OPENED,
        owner_id=None if state is NEW else ANA,
        waiting_since=OPENED if state is AWAITING else None,
        resolved_at=OPENED if state is RESOLVED else None,
        closed_at=OPENED if state is CLOSED else None,
        merged_into=CaseId(8) if state is CLOSED else None,
        worked_since=OPENED if state is OPEN else None,
    )


OTHER = in_state(OPEN, 8)
COMMANDS: dict[str, Callable[[Case, datetime], Case]] = {
    "be_assigned": lambda c, now: case.be_assigned(c, BO, "support", now),
    "await_information": case.await_information,
    "go_on": case.go_on,
    "hear_from_its_customer": case.hear_from_its_customer,
    "be_resolved": lambda c, now: case.be_resolved(c, "solved", "Sent again.", now),
    "reopen": case.reopen,
    "be_closed": case.be_closed,
    "be_emptied": case.be_emptied,
    "be_merged": lambda c, now: case.be_merged(c, OTHER, now),
    "leave_a_merge": lambda c, now: case.leave_a_merge(c, OPEN, now),
    "be_changed": lambda c, now: case.be_changed(c, CaseChanges(priority=1), now),
    "become_part_of": lambda c, now: case.become_part_of(c, OTHER.id, now),
    "be_answered": lambda c, now: case.be_answered(c, BO, now),
    "take_back_a_mail": case.take_back_a_mail,
}
SAME = {state: state for state in NOT_CLOSED}
ALLOWED: dict[str, dict[CaseState, CaseState]] = {
    "be_assigned": {**SAME, NEW: OPEN},
    "await_information": {NEW: AWAITING, OPEN: AWAITING},
    "go_on": {AWAITING: OPEN},
    "hear_from_its_customer": {**SAME, AWAITING: OPEN, RESOLVED: OPEN},
    "be_resolved": dict.fromkeys(WORKED_ON, RESOLVED),
    "reopen": {RESOLVED: OPEN},
    "be_closed": {RESOLVED: CLOSED},
    "be_emptied": dict.fromkeys(NOT_CLOSED, CLOSED),
    "be_merged": dict.fromkeys(NOT_CLOSED, CLOSED),
    "leave_a_merge": {CLOSED: OPEN},
    "be_changed": SAME,
    "become_part_of": SAME,
    "be_answered": {**SAME, NEW: OPEN},
    "take_back_a_mail": SAME,
}
CELLS = [(state, command) for state in CaseState for command in COMMANDS]


def outcome(state: CaseState, command: str) -> CaseState | None:
    return ALLOWED[command].get(state)


@pytest.mark.parametrize(("state", "command"), [c for c in CELLS if outcome(*c)])
def test_the_table_allows_it_and_names_the_next_state(state: CaseState, command: str) -> None:
    before = in_state(state)
    after = COMMANDS[command](before, NOW)
    assert after.state is outcome(state, command)
    assert after.changed_at == NOW
    assert before == in_state(state)


@pytest.mark.parametrize(("state", "command"), [c for c in CELLS if not outcome(*c)])
def test_everything_else_is_refused_with_one_sentence_for_the_screen(
    state: CaseState, command: str
) -> None:
    with pytest.raises(IllegalTransition) as refusal:
        COMMANDS[command](in_state(state), NOW)
    sentence = str(refusal.value)
    assert sentence.startswith(f"CS0000007 cannot {command.replace('_', ' ')}.")
    assert ("Closed is final" if state.closed else state.label) in sentence
    assert "\n" not in sentence


def test_the_table_knows_every_command() -> None:
    found = {
        name
        for name, command in inspect.getmembers(case, inspect.isfunction)
        if hasattr(command, "__wrapped__") and not name.startswith("_")
        if command.__module__ == case.__name__
    }
    assert found == set(COMMANDS) == set(ALLOWED)


def test_only_a_merge_is_undone() -> None:
    closed = replace(in_state(CLOSED), merged_into=None)
    with pytest.raises(IllegalTransition, match="was not merged"):
        case.leave_a_merge(closed, OPEN, NOW)


def test_a_case_is_merged_into_another_open_one_of_the_same_customer_or_account() -> None:
    before = in_state(OPEN)
    for into in (before, in_state(CLOSED, 8)):
        with pytest.raises(BadInput, match="Choose another open case"):
            case.be_merged(before, into, NOW)
    stranger = replace(OTHER, customer_id=CustomerId(6))
    with pytest.raises(BadInput, match="is of another customer"):
        case.be_merged(before, stranger, NOW)
    colleague = replace(stranger, account_id=AccountId(3))
    with pytest.raises(BadInput, match="is of another customer"):
        case.be_merged(before, colleague, NOW)
    assert case.be_merged(replace(before, account_id=AccountId(3)), colleague, NOW).merged_into == 8


def test_the_first_mail_that_answers_is_the_first_response_until_it_is_taken_back() -> None:
    first = case.be_answered(in_state(NEW), BO, NOW, answers=False)
    assert (first.owner_id, first.sent, first.first_response_at) == (BO, 1, None)
    second = case.be_answered(first, ANA, NOW)
    assert (second.owner_id, second.sent, second.first_response_at) == (BO, 2, NOW)
    back = case.take_back_a_mail(case.take_back_a_mail(second, NOW), NOW)
    assert (back.sent, back.first_response_at) == (0, None)


def test_states_read_as_people_write_them() -> None:
    labels = [s.label for s in CaseState]
    assert labels == ["New", "Open", "Awaiting Info", "Resolved", "Closed"]


class AnythingInAnyOrder(RuleBasedStateMachine):
    """A case on which anybody does anything."""

    def __init__(self) -> None:
        super().__init__()
        self.case = in_state(NEW)
        self.now = OPENED
        self.steps: set[tuple[CaseState, CaseState]] = set()

    @rule(
        command=st.sampled_from(sorted(set(COMMANDS) - {"be_merged"})),
        minutes=st.integers(1, 600),
    )
    def somebody_does_something(self, command: str, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        before = self.case
        with suppress(IllegalTransition):
            self.case = COMMANDS[command](before, self.now)
            assert self.case.state is outcome(before.state, command)
        self.steps.add((before.state, self.case.state))

    @invariant()
    def closed_is_final_and_dated(self) -> None:
        assert not any(was is CLOSED and became is not CLOSED for was, became in self.steps)
        assert (self.case.closed_at is not None) == self.case.state.closed

    @invariant()
    def only_what_awaits_waits(self) -> None:
        assert (self.case.waiting_since is not None) == (self.case.state is AWAITING)

    @invariant()
    def only_what_is_resolved_says_when(self) -> None:
        if self.case.state is not CLOSED:
            assert (self.case.resolved_at is not None) == (self.case.state is RESOLVED)

    @invariant()
    def only_open_in_somebodys_hands_is_worked_on(self) -> None:
        assert (self.case.worked_since is not None) == self.case.worked_on


AnythingInAnyOrder.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None
)
TestAnythingInAnyOrder = AnythingInAnyOrder.TestCase
