"""What a person finds after leaving, after `kill -9`, and at the other ways in and out."""

import signal
import sqlite3
from pathlib import Path

import pytest

from tests.terminal import steps
from tests.terminal.terminal import DESK, Size, opened

TALL = Size(150, 64)
"""Where the whole work list is seen, below whatever is offered meanwhile."""
WORDS = "This must not be lost."
REJECTED = "SELECT count(*) FROM events WHERE type = 'offer_rejected'"


def database(folder: Path) -> Path:
    """Of a demo that is kept in *folder*."""
    return folder / "demo.db"


async def test_tabs_draft_and_wrap_up_go_on_after_a_restart(tmp_path: Path) -> None:
    async with steps.demo(tmp_path) as terminal:
        await steps.go_to_first_offer(terminal)
        first = await steps.accept(terminal)
        terminal.press("w")
        await terminal.wait_for("Wrap up IMS")
        terminal.press("escape")
        await terminal.wait_gone("Wrap up IMS")
        await steps.go_to_first_offer(terminal)
        second = await steps.accept(terminal)
        await steps.begin_reply(terminal, database(tmp_path), WORDS)
        await steps.leave(terminal)
    async with steps.demo(tmp_path, size=TALL) as terminal:
        await terminal.wait_for(first, second, "DRAFTS 1", "wrap-up")
        await terminal.wait_until(lambda: steps.number(terminal) == second, "the tab that was open")
        terminal.press("r")
        await terminal.wait_for(WORDS)
        await steps.leave(terminal)


async def test_a_wrap_up_that_ended_while_nobody_ran_has_the_default_code(tmp_path: Path) -> None:
    async with steps.demo(tmp_path) as terminal:
        await steps.go_to_first_offer(terminal)
        number = await steps.accept(terminal)
        terminal.press("w")
        await terminal.wait_for("Wrap up IMS")
        await terminal.kill()
    _turn_back(database(tmp_path), number)
    query = (
        "SELECT i.state, timed_out, source FROM wrap_up_segments s "
        "JOIN interactions i ON i.id = s.interaction_id WHERE i.number = ?"
    )
    async with steps.demo(tmp_path) as terminal:
        closed = [("closed_complete", 1, "timeout")]
        await terminal.wait_until(
            lambda: steps.rows(database(tmp_path), query, number) == closed, "the default code"
        )
        await steps.leave(terminal)


def _turn_back(path: Path, number: str) -> None:
    """As if the countdown had begun three minutes earlier."""
    with sqlite3.connect(path) as db:
        for table, column in (("deadlines", "due_at"), ("wrap_up_segments", "due_at")):
            subject = "subject" if table == "deadlines" else "interaction_id"
            db.execute(
                f"UPDATE {table} SET {column} = {column} - 180000000 WHERE {subject} = "
                "(SELECT id FROM interactions WHERE number = ?)",
                (number,),
            )


async def test_a_draft_outlives_kill_9(tmp_path: Path) -> None:
    async with steps.demo(tmp_path) as terminal:
        await steps.go_to_first_offer(terminal)
        number = await steps.accept(terminal)
        await steps.begin_reply(terminal, database(tmp_path), WORDS)
        await terminal.kill()
    async with steps.demo(tmp_path, size=TALL) as terminal:
        await terminal.wait_for("DRAFTS 1", number, "go on with your draft")
        terminal.press("r")
        await terminal.wait_for(WORDS, "lock: you")
        await steps.leave(terminal)


async def test_an_offer_is_rejected_with_a_reason_on_a_small_terminal(tmp_path: Path) -> None:
    async with steps.demo(tmp_path, size=Size(80, 24)) as terminal:
        await terminal.wait_for("offer")
        terminal.press("i")
        await steps.go_to_first_offer(terminal)
        before = steps.rows(database(tmp_path), REJECTED)
        terminal.press("x")
        await terminal.wait_for("Reject")
        terminal.press("enter")
        await terminal.wait_until(
            lambda: steps.rows(database(tmp_path), REJECTED) != before, "the refusal"
        )
        await steps.leave(terminal)


async def test_a_supervisor_starts_at_the_wall(tmp_path: Path) -> None:
    command = (*DESK, "demo", "--data", str(tmp_path), "--supervisor")
    async with opened(command, home=tmp_path / "home") as terminal:
        await terminal.wait_for("Wallboard", "Returns", "free")
        await steps.leave(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_the_desk_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    async with steps.demo(tmp_path) as terminal:
        await terminal.wait_for("ONGOING 2", "idle")
        terminal.signal(number)
        assert await terminal.ended() == 0
        assert "Traceback" not in terminal.after_end
