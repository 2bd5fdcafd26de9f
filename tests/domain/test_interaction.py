"""Every state meets every command: either the table allows it, or a sentence says why not."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentdesk.domain import interaction
from agentdesk.domain.errors import IllegalTransition
from agentdesk.domain.ids import (
    AgentId,
    CaseId,
    CustomerId,
    InteractionId,
    MailAccountId,
    QueueId,
)
from agentdesk.domain.interaction import CLOSED, OPEN, Direction, Interaction, State

OPENED = datetime(2026, 3, 2, 8, 12, tzinfo=UTC)
NOW = OPENED + timedelta(hours=1)
ANA, BO = AgentId(1), AgentId(2)
BILLING = QueueId(2)

NEW, WIP, HOLD, WRAP = State.NEW, State.WORK_IN_PROGRESS, State.ON_HOLD, State.WRAP_UP
COMPLETE, ABANDONED = State.CLOSED_COMPLETE, State.CLOSED_ABANDONED

COMMANDS: dict[str, Callable[[Interaction], Interaction]] = {
    "be_assigned": lambda i: interaction.be_assigned(i, ANA, NOW),
    "be_put_on_hold": lambda i: interaction.be_put_on_hold(i, NOW),
    "be_snoozed": lambda i: interaction.be_snoozed(i, NOW, NOW),
    "be_reminded": lambda i: interaction.be_reminded(i, NOW),
    "be_resumed": lambda i: interaction.be_resumed(i, NOW),
    "take_a_reply": lambda i: interaction.take_a_reply(i, NOW),
    "be_requeued": lambda i: interaction.be_requeued(i, BILLING, NOW),
    "be_closed": lambda i: interaction.be_closed(i, NOW),
    "be_wrapped_up": lambda i: interaction.be_wrapped_up(i, NOW),
    "become_a_case": lambda i: interaction.become_a_case(i, CaseId(7), NOW),
    "close_for_silence": lambda i: interaction.close_for_silence(i, NOW),
    "be_abandoned": lambda i: interaction.be_abandoned(i, NOW),
    "be_emptied": lambda i: interaction.be_emptied(i, NOW),
    "be_answered": lambda i: interaction.be_answered(i, BO, NOW),
    "be_taken_over": lambda i: interaction.be_taken_over(i, BO, NOW),
    "take_back_a_mail": lambda i: interaction.take_back_a_mail(i, NOW),
    "begin_transfer": lambda i: interaction.begin_transfer(i, "Orders", NOW),
    "end_transfer": lambda i: interaction.end_transfer(i, NOW),
}

ALLOWED: dict[str, dict[State, State]] = {
    "be_assigned": {NEW: WIP},
    "be_put_on_hold": {WIP: HOLD},
    "be_snoozed": {WIP: HOLD, HOLD: HOLD},
    "be_reminded": {HOLD: HOLD},
    "be_resumed": {HOLD: WIP, WRAP: WIP},
    "take_a_reply": {NEW: NEW, WIP: WIP, HOLD: WIP, WRAP: WIP},
    "be_requeued": {WIP: NEW, HOLD: NEW},
    "be_closed": {WIP: WRAP, HOLD: WRAP},
    "be_wrapped_up": {WRAP: COMPLETE},
    "become_a_case": {NEW: COMPLETE, WIP: COMPLETE, HOLD: COMPLETE, WRAP: COMPLETE},
    "close_for_silence": {HOLD: COMPLETE},
    "be_abandoned": {WIP: ABANDONED},
    "be_emptied": dict.fromkeys(OPEN, ABANDONED),
    "be_answered": {WIP: WIP, HOLD: HOLD},
    "be_taken_over": {WIP: WIP},
    "take_back_a_mail": {NEW: NEW, WIP: WIP, HOLD: HOLD, WRAP: WRAP},
    "begin_transfer": {WIP: WIP},
    "end_transfer": {NEW: NEW, WIP: WIP, HOLD: HOLD, WRAP: WRAP},
}

MEANWHILE = {"take_a_reply", "end_transfer"}


def in_state(state: State, direction: Direction = Direction.OUTBOUND) -> Interaction:
    """An interaction as it is found in *state*; unsent outbound, which every command may meet."""
    return Interaction(
        id=InteractionId(123),
        number="IMS0000123",
        direction=direction,
        state=state,
        customer_id=CustomerId(5),
        subject="Order 5512 damaged",
        mail_account_id=MailAccountId(1),
        opened_at=OPENED,
        changed_at=OPENED,
        owner_id=None if state is NEW else ANA,
        held_at=OPENED if state is HOLD else None,
        closed_at=OPENED if state in CLOSED else None,
    )


def outcome(state: State, command: str) -> State | None:
    return ALLOWED[command].get(state)


CELLS = [(state, command) for state in State for command in COMMANDS]


@pytest.mark.parametrize(("state", "command"), [c for c in CELLS if outcome(*c)])
def test_the_table_allows_it_and_names_the_next_state(state: State, command: str) -> None:
    before = in_state(state)
    after = COMMANDS[command](before)
    assert after.state is ALLOWED[command][state]
    assert after.changed_at == NOW
    assert before == in_state(state)


@pytest.mark.parametrize(("state", "command"), [c for c in CELLS if not outcome(*c)])
def test_everything_else_is_refused_with_one_sentence_for_the_screen(
    state: State, command: str
) -> None:
    with pytest.raises(IllegalTransition) as refusal:
        COMMANDS[command](in_state(state))
    sentence = str(refusal.value)
    assert sentence.startswith(f"IMS0000123 cannot {command.replace('_', ' ')}.")
    assert sentence.endswith(".")
    assert ("Closed is final" if state.closed else state.label) in sentence
    assert "\n" not in sentence


def test_the_table_knows_every_command() -> None:
    found = {
        name
        for name, command in inspect.getmembers(interaction, inspect.isfunction)
        if hasattr(command, "__wrapped__") and not name.startswith("_")
        if command.__module__ == interaction.__name__
    }
    assert found == set(COMMANDS) == set(ALLOWED)


@pytest.mark.parametrize("command", COMMANDS)
def test_while_a_centre_transfers_it_only_a_reply_and_the_outcome_move_it(command: str) -> None:
    moving = replace(in_state(WIP), transferring_to="Orders")
    if command in MEANWHILE:
        assert COMMANDS[command](moving).state is WIP
        return
    anywhere = next(iter(ALLOWED[command]))
    with pytest.raises(IllegalTransition) as refusal:
        COMMANDS[command](replace(moving, state=anywhere))
    assert str(refusal.value).startswith("IMS0000123 is on its way to Orders. Wait for")


def test_a_transfer_is_remembered_until_it_ends() -> None:
    moving = interaction.begin_transfer(in_state(WIP), "Orders", NOW)
    assert (moving.transferring_to, moving.owner_id) == ("Orders", ANA)
    back = interaction.end_transfer(moving, NOW)
    assert (back.transferring_to, back.state, back.owner_id) == ("", WIP, ANA)


@pytest.mark.parametrize("state", sorted(CLOSED))
@pytest.mark.parametrize("command", COMMANDS)
def test_closed_is_final(state: State, command: str) -> None:
    with pytest.raises(IllegalTransition, match="Closed is final"):
        COMMANDS[command](in_state(state))


def test_open_and_closed_are_all_states() -> None:
    assert set(State) == OPEN | CLOSED
    assert not OPEN & CLOSED


def test_states_read_as_people_write_them() -> None:
    assert [state.label for state in State] == [
        "New",
        "Work in Progress",
        "On Hold",
        "Wrap Up",
        "Closed Complete",
        "Closed Abandoned",
    ]


@pytest.mark.parametrize("state", list(State))
def test_only_owned_work_in_progress_and_wrap_up_use_capacity(state: State) -> None:
    owned = replace(in_state(state), owner_id=ANA, size=3)
    assert owned.capacity_used == (3 if state in (WIP, WRAP) else 0)
    assert replace(owned, owner_id=None).capacity_used == 0


def test_nobody_holds_what_nobody_owns() -> None:
    with pytest.raises(IllegalTransition, match=r"IMS0000123 .* Assign it first\."):
        interaction.be_put_on_hold(replace(in_state(WIP), owner_id=None), NOW)


def test_a_hold_is_timed_until_it_ends() -> None:
    held = interaction.be_put_on_hold(in_state(WIP), NOW)
    assert held.held_at == NOW
    for command in ("be_resumed", "take_a_reply", "be_closed", "become_a_case"):
        assert COMMANDS[command](held).held_at is None
    assert interaction.close_for_silence(held, NOW).held_at is None


@pytest.mark.parametrize(
    "command",
    [
        "be_resumed",
        "take_a_reply",
        "be_requeued",
        "be_closed",
        "become_a_case",
        "close_for_silence",
    ],
)
def test_reminders_and_snooze_belong_to_one_time_on_hold(command: str) -> None:
    held = replace(in_state(HOLD), reminders=2, snoozed_until=NOW)
    after = COMMANDS[command](held)
    assert (after.reminders, after.snoozed_until, after.snoozed) == (0, None, False)
    waiting = replace(in_state(HOLD), until_reply=True)
    assert waiting.snoozed
    assert not COMMANDS[command](waiting).snoozed


def test_nobody_snoozes_what_nobody_owns() -> None:
    with pytest.raises(IllegalTransition, match=r"IMS0000123 .* Assign it first\."):
        interaction.be_snoozed(replace(in_state(WIP), owner_id=None), None, NOW)


def test_snoozing_again_goes_on_with_the_same_hold() -> None:
    first = interaction.be_snoozed(in_state(WIP), None, NOW)
    assert (first.held_at, first.until_reply, first.snoozed_until) == (NOW, True, None)
    later = NOW + timedelta(days=1)
    again = interaction.be_snoozed(first, later, later)
    assert (again.held_at, again.until_reply, again.snoozed_until) == (NOW, False, later)


def test_a_reply_comes_back_to_the_same_agent() -> None:
    resumed = interaction.take_a_reply(in_state(HOLD), NOW, owner_available=False)
    assert (resumed.state, resumed.owner_id) == (WIP, ANA)


def test_a_reply_stays_with_an_available_owner_even_where_rerouting_is_on() -> None:
    resumed = interaction.take_a_reply(in_state(HOLD), NOW, owner_available=True, reroute=True)
    assert (resumed.state, resumed.owner_id) == (WIP, ANA)


def test_a_reply_is_rerouted_when_its_owner_is_away_and_the_setting_says_so() -> None:
    queued = interaction.take_a_reply(in_state(HOLD), NOW, owner_available=False, reroute=True)
    assert (queued.state, queued.owner_id, queued.held_at) == (NEW, None, None)


@pytest.mark.parametrize("state", [WIP, WRAP])
def test_only_a_hold_is_rerouted(state: State) -> None:
    after = interaction.take_a_reply(in_state(state), NOW, owner_available=False, reroute=True)
    assert (after.state, after.owner_id) == (WIP, ANA)


def test_a_requeued_interaction_has_a_queue_and_no_owner() -> None:
    queued = interaction.be_requeued(in_state(WIP), BILLING, NOW)
    assert (queued.queue_id, queued.owner_id, queued.capacity_used) == (BILLING, None, 0)


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (WRAP, "be_wrapped_up"),
        (HOLD, "close_for_silence"),
        (WIP, "be_abandoned"),
        (NEW, "become_a_case"),
    ],
)
def test_every_way_to_close_says_when(state: State, command: str) -> None:
    assert COMMANDS[command](in_state(state)).closed_at == NOW


def test_a_case_is_remembered_by_the_interaction_that_became_it() -> None:
    assert interaction.become_a_case(in_state(NEW), CaseId(7), NOW).case_id == CaseId(7)


def test_inbound_is_never_abandoned() -> None:
    with pytest.raises(IllegalTransition, match="Only unsent outbound"):
        interaction.be_abandoned(in_state(WIP, Direction.INBOUND), NOW)


def test_what_was_sent_is_never_abandoned() -> None:
    sent = interaction.be_answered(in_state(WIP), ANA, NOW)
    with pytest.raises(IllegalTransition, match="Only unsent outbound"):
        interaction.be_abandoned(sent, NOW)


def test_the_sender_owns_an_outbound_interaction() -> None:
    assert interaction.be_answered(in_state(WIP), BO, NOW).owner_id == BO


def test_the_first_mail_of_what_we_opened_names_it_and_undone_never_was() -> None:
    first = interaction.be_answered(in_state(WIP), ANA, NOW, subject="Your order")
    second = interaction.be_answered(first, ANA, NOW, subject="Another thing")
    assert second.subject == first.subject == "Your order"
    inbound = in_state(WIP, Direction.INBOUND)
    assert interaction.be_answered(inbound, ANA, NOW, subject="x").subject == inbound.subject
    undone = interaction.take_back_a_mail(second, NOW)
    assert (undone.sent, undone.first_response_at) == (1, NOW)
    undone = interaction.take_back_a_mail(undone, NOW)
    assert (undone.sent, undone.first_response_at) == (0, None)


def test_an_inbound_interaction_keeps_its_owner_when_a_colleague_answers() -> None:
    owned = in_state(WIP, Direction.INBOUND)
    assert interaction.be_answered(owned, BO, NOW).owner_id == ANA
    assert interaction.be_answered(replace(owned, owner_id=None), BO, NOW).owner_id == BO


def test_the_first_answer_is_the_first_response() -> None:
    first = interaction.be_answered(in_state(WIP), ANA, NOW)
    second = interaction.be_answered(first, ANA, NOW + timedelta(minutes=5))
    assert (first.sent, second.sent) == (1, 2)
    assert second.first_response_at == NOW


def test_work_taken_over_changes_hands_and_nothing_else() -> None:
    before = in_state(WIP)
    after = interaction.be_taken_over(before, BO, NOW)
    assert after == replace(before, owner_id=BO, changed_at=NOW, worked_since=NOW)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("command", COMMANDS)
def test_a_stretch_of_work_is_dated_while_it_lasts(state: State, command: str) -> None:
    before = in_state(state)
    before = replace(before, worked_since=OPENED if before.worked_on else None)
    if outcome(state, command) is None:
        return
    after = COMMANDS[command](before)
    same = before.worked_on and after.worked_on and before.owner_id == after.owner_id
    begun = NOW if after.worked_on else None
    assert after.worked_since == (OPENED if same else begun)
