"""Mails are read in another process: nothing that is in them, or becomes of it, holds up the desk."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from agentdesk.domain.errors import ReaderUnavailable
from agentdesk.domain.message import ParsedMail
from agentdesk.mail import reading
from agentdesk.mail.reading import (
    PATIENCE_S,
    MailReader,
    Order,
    ProcessReader,
    ThreadReader,
    Unread,
)
from tests.mail.imap_world import mail

NO_MAIL = b"\x00" * 500


@pytest.fixture(params=[ThreadReader, ProcessReader])
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[MailReader]:
    made: MailReader = request.param()
    yield made
    await made.close()


@pytest.fixture
async def process() -> AsyncIterator[ProcessReader]:
    made = ProcessReader()
    yield made
    await made.close()


def subjects(outcomes: list[ParsedMail | Unread]) -> list[str]:
    return [o.subject if isinstance(o, ParsedMail) else f"({o.why})" for o in outcomes]


def orders(*names: str) -> list[Order]:
    return [Order(mail(name)) for name in names]


async def test_every_mail_has_its_outcome_in_order(reader: MailReader) -> None:
    found = await reader.read([*orders("one", "two"), Order(NO_MAIL), *orders("three")])
    assert [isinstance(o, ParsedMail) for o in found] == [True, True, False, True]
    unread = found[2]
    assert isinstance(unread, Unread)
    assert unread.final
    assert "not a mail" in unread.why


async def test_own_addresses_reach_the_reader(reader: MailReader) -> None:
    [found] = await reader.read([Order(mail(), frozenset({"mara@example.com"}))])
    assert isinstance(found, ParsedMail)
    assert found.kind == "loop"


async def test_large_batches_do_not_stall_between_orders_and_answers(reader: MailReader) -> None:
    long = "word " * 40_000
    found = await reader.read([Order(mail(f"Long {n}", long)) for n in range(30)])
    assert subjects(found) == [f"Long {n}" for n in range(30)]


async def test_a_mail_that_ends_the_process_is_named_and_the_others_are_read(
    process: ProcessReader,
) -> None:
    await process.read(orders("warm"))
    worker = process._process
    assert worker is not None
    os.kill(worker.pid, signal.SIGSTOP)
    task = asyncio.create_task(process.read(orders("one", "two", "three")))
    await asyncio.sleep(0)
    os.kill(worker.pid, signal.SIGKILL)
    found = await task
    assert isinstance(found[0], Unread)
    assert not found[0].final
    assert subjects(found)[1:] == ["two", "three"]


async def test_a_mail_that_takes_too_long_is_named_and_the_next_is_read(
    process: ProcessReader,
) -> None:
    await process.read(orders("warm"))
    worker = process._process
    assert worker is not None
    os.kill(worker.pid, signal.SIGSTOP)
    process._patience_s = 0.05
    assert subjects(await process.read(orders("one"))) == [
        "(Reading it took longer than 0.05 seconds.)"
    ]
    process._patience_s = PATIENCE_S
    assert subjects(await process.read(orders("two"))) == ["two"]


async def test_a_reading_that_was_called_off_leaves_no_answer_to_the_next(
    process: ProcessReader,
) -> None:
    await process.read(orders("warm"))
    called_off = asyncio.create_task(process.read(orders("one", "two")))
    await asyncio.sleep(0)
    called_off.cancel()
    await asyncio.gather(called_off, return_exceptions=True)
    assert subjects(await process.read(orders("three"))) == ["three"]


async def test_the_process_ends_with_its_desk() -> None:
    process = ProcessReader()
    await process.read(orders("one"))
    worker = process._process
    assert worker is not None
    await process.close()
    assert worker.returncode == 0
    await process.close()


async def test_a_process_that_cannot_be_started_is_said_in_a_sentence(
    process: ProcessReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.sys, "executable", "/nowhere/python")
    with pytest.raises(ReaderUnavailable, match="cannot be started"):
        await process.read(orders("one"))


async def test_the_event_loop_goes_on_while_a_hostile_mail_is_read(process: ProcessReader) -> None:
    await process.read(orders("warm"))
    hostile = b"Subject: x\r\nContent-Type: text/html\r\n\r\n" + b"<div><p>a" * 600_000
    longest, last = 0.0, asyncio.get_running_loop().time()
    task = asyncio.create_task(process.read([Order(hostile)] * 3))
    while not task.done():
        await asyncio.sleep(0.001)
        now = asyncio.get_running_loop().time()
        longest, last = max(longest, now - last), now
    print(f"longest stop of the event loop: {longest * 1000:.0f} ms")
    assert all(isinstance(o, ParsedMail) for o in task.result())
