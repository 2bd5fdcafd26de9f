"""What a person does at the desk, as whole-program tests say it: keys, then what must be seen."""

import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from tests.terminal.terminal import DESK, Size, Terminal, opened

NUMBER = re.compile(r"IMS\d{7}")
COUNTDOWN = re.compile(r"\b\d:\d\d\b")
SPEED = "20"
"""Simulated customers answer within a second or so."""


@asynccontextmanager
async def demo(
    folder: Path,
    *more: str,
    size: Size | None = None,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Terminal]:
    """The demo in a terminal, kept in *folder*, its desk open."""
    fixed = ("--data", str(folder), "--seed", "1", "--speed", SPEED)
    command = (*DESK, "demo", *fixed, *more)
    async with opened(command, home=folder / "home", size=size, env=env) as terminal:
        await terminal.wait_for("agentdesk", "Available")
        yield terminal


@asynccontextmanager
async def run(folder: Path, settings: Path, secrets: Mapping[str, str]) -> AsyncIterator[Terminal]:
    """`agentdesk run` in a terminal, its desk open."""
    command = (*DESK, "run", "--as", "ana", "--settings", str(settings))
    async with opened(command, home=folder / "home", env=secrets) as terminal:
        await terminal.wait_for("agentdesk", "Available")
        yield terminal


def rows(database: Path, query: str, *values: object) -> list[Any]:
    """What a desk's database answers, asked beside the program."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return db.execute(query, values).fetchall()


# Interactions


def head(terminal: Terminal) -> str:
    """The line with number, subject and state of the interaction that is shown."""
    lines = (line for line in terminal.lines if " ● " in line and NUMBER.search(line))
    return next(lines, "")


def number(terminal: Terminal) -> str:
    """Of the interaction that is shown; empty without one."""
    found = NUMBER.search(head(terminal))
    return found[0] if found else ""


async def state_is(terminal: Terminal, state: str) -> None:
    """Until the interaction that is shown is in *state*."""
    await terminal.wait_until(lambda: f"● {state}" in head(terminal), f"the state {state}")


async def go_to_first_offer(terminal: Terminal) -> None:
    """Until there is work in the Inbox; then its first offer is highlighted."""
    await terminal.wait_until(lambda: re.search(r"INBOX \d", terminal.text), "an offer")
    terminal.press("i")
    await terminal.wait_until(lambda: "⏎" in terminal.lines[-1], "the left pane's turn")
    terminal.press("home")
    await terminal.wait_until(lambda: "⏎ accept" in terminal.lines[-1], "its keys in the footer")


async def accept(terminal: Terminal) -> str:
    """Take the highlighted offer; the number of what is open then."""
    before = number(terminal)
    terminal.press("enter")
    await terminal.wait_until(
        lambda: number(terminal) not in ("", before), "the accepted interaction"
    )
    await state_is(terminal, "Work in Progress")
    return number(terminal)


# Writing


async def begin_reply(terminal: Terminal, database: Path, words: str) -> None:
    """Open the composer and type, until it is kept."""
    terminal.press("r")
    await terminal.wait_for("Reply · ", "lock: you")
    terminal.type(words)
    await kept(terminal, database, words)


async def kept(terminal: Terminal, database: Path, words: str) -> None:
    """Until *words* stand in the composer and in the database."""
    query = "SELECT count(*) FROM drafts WHERE json_extract(content, '$.body') LIKE ?"
    await terminal.wait_for(words)
    await terminal.wait_until(
        lambda: rows(database, query, f"%{words}%") != [(0,)], "the draft in the database"
    )


async def write_note(terminal: Terminal, words: str) -> None:
    """Add a note, until it stands in the stream."""
    terminal.press("n")
    await terminal.wait_for("only colleagues see it")
    terminal.type(words)
    await terminal.wait_for(words)
    terminal.press("ctrl+g")
    await terminal.wait_for("note for colleagues", words)
    await terminal.wait_gone("only colleagues see it")


# The end


async def leave(terminal: Terminal) -> None:
    """Quit by key: at once, and without a word."""
    terminal.press("ctrl+q")
    assert await terminal.ended(10) == 0
    assert "Traceback" not in terminal.after_end
