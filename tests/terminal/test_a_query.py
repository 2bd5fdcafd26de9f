"""One query from the Inbox to its wrap-up, by keys alone, in the running demo."""

import re
from pathlib import Path

from tests.terminal import steps
from tests.terminal.steps import COUNTDOWN
from tests.terminal.terminal import Terminal

ANSWER = "Two small tents weigh less than one large one."


def database(folder: Path) -> Path:
    """Of a demo that is kept in *folder*."""
    return folder / "demo.db"


async def test_a_query_is_accepted_answered_and_wrapped_up_by_keys_alone(tmp_path: Path) -> None:
    async with steps.demo(tmp_path) as terminal:
        await _an_offer_counts_down(terminal)
        number = await steps.accept(terminal)
        await steps.write_note(terminal, "Suggest two tents.")
        await steps.begin_reply(terminal, database(tmp_path), ANSWER)
        terminal.press("ctrl+g")
        await _the_answer_leaves_after_its_delay(terminal)
        await _the_customer_answers_in_the_same_stream(terminal, number)
        await _quotes_unfold(terminal)
        await _it_is_held_and_taken_up(terminal)
        await _it_is_wrapped_up(terminal, "Asked for two tents.")
        await _it_is_found_closed(terminal, number)
        await steps.leave(terminal)
    (closed,) = steps.rows(
        database(tmp_path),
        "SELECT state, code.key, s.notes, s.timed_out FROM interactions i"
        " JOIN wrap_up_segments s ON s.interaction_id = i.id"
        " JOIN wrap_up_codes code ON code.id = s.code_id WHERE i.number = ?",
        number,
    )
    assert closed == ("closed_complete", "duplicate", "Asked for two tents.", 0)


async def _an_offer_counts_down(terminal: Terminal) -> None:
    await steps.go_to_first_offer(terminal)
    first = COUNTDOWN.search(terminal.lines[2])
    assert first is not None
    await terminal.wait_until(
        lambda: (now := COUNTDOWN.search(terminal.lines[2])) and now[0] < first[0],
        "a countdown that ticks",
    )


async def _the_answer_leaves_after_its_delay(terminal: Terminal) -> None:
    await terminal.wait_for("leaves in", ANSWER)
    await steps.state_is(terminal, "On Hold")
    await terminal.wait_until(
        lambda: re.search(r"sent +\d\d:\d\d", terminal.line_with("Ana Ruiz, ")), "the mail sent"
    )


async def _the_customer_answers_in_the_same_stream(terminal: Terminal, number: str) -> None:
    await steps.state_is(terminal, "Work in Progress")
    await terminal.wait_until(lambda: terminal.text.count("to unfold") >= 2, "the answer's quotes")
    assert steps.number(terminal) == number


async def _quotes_unfold(terminal: Terminal) -> None:
    terminal.press("end", "up")
    await terminal.wait_until(lambda: "o unfold" in terminal.lines[-1], "a mail with quotes")
    terminal.press("o")
    await terminal.wait_for("to fold]", f"> {ANSWER[:20]}")
    terminal.press("o")
    await terminal.wait_gone("to fold]")


async def _it_is_held_and_taken_up(terminal: Terminal) -> None:
    terminal.press("h")
    await steps.state_is(terminal, "On Hold")
    terminal.press("h")
    await steps.state_is(terminal, "Work in Progress")


async def _it_is_wrapped_up(terminal: Terminal, notes: str) -> None:
    terminal.press("w")
    await terminal.wait_for("Wrap up IMS", "left ━", "Issue resolved  default")
    plain = terminal.look_of("Duplicate")
    terminal.press("down")
    await terminal.wait_until(lambda: terminal.look_of("Duplicate") != plain, "another code")
    chosen = terminal.look_of("Duplicate")
    terminal.press("tab")
    await terminal.wait_until(lambda: terminal.look_of("Duplicate") != chosen, "focus on the notes")
    terminal.type(notes)
    await terminal.wait_for(notes)
    terminal.press("ctrl+g")
    await terminal.wait_gone("Wrap up IMS")


async def _it_is_found_closed(terminal: Terminal, number: str) -> None:
    terminal.press("/")
    await terminal.wait_for("Words, a name or a number")
    terminal.type(number)
    await terminal.wait_until(
        lambda: "Closed Complete" in terminal.line_with(f" {number} "), "the closed interaction"
    )
    terminal.press("escape")
    await terminal.wait_gone("Words, a name or a number")
