"""Mails are fetched while others are stored: in order, bounded, and nothing is lost at an error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from agentdesk.domain.errors import ConnectionLost
from agentdesk.engine.ahead import taken_ahead
from agentdesk.mail.account import FetchedMail


def mails(*uids: int, size: int = 10) -> list[FetchedMail]:
    return [FetchedMail(uid, b"x" * size) for uid in uids]


class Server:
    """Hands out batches; `given` are those that were asked for so far."""

    def __init__(self, *batches: list[FetchedMail], error: Exception | None = None) -> None:
        self.given: list[int] = []
        self._batches, self._error = batches, error

    async def fetch(self) -> AsyncIterator[list[FetchedMail]]:
        for batch in self._batches:
            await asyncio.sleep(0)
            self.given += [mail.uid for mail in batch]
            yield batch
        if self._error:
            raise self._error


async def turn_round() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_came_while_the_taker_was_busy_is_one_batch_in_order() -> None:
    server = Server(mails(1, 2), mails(3), mails(4), mails(5))
    taken = []
    async for batch in taken_ahead(server.fetch()):
        taken.append([mail.uid for mail in batch])
        await turn_round()
    assert [uid for batch in taken for uid in batch] == [1, 2, 3, 4, 5]
    assert len(taken) == 2


async def test_no_more_is_fetched_than_may_wait() -> None:
    server = Server(*(mails(uid, size=60) for uid in range(1, 9)))
    async with aclosing(taken_ahead(server.fetch(), most_bytes=100)) as batches:
        first = await anext(batches)
        await turn_round()
        assert len(server.given) <= len(first) + 2
        rest = [mail.uid async for batch in batches for mail in batch]
    assert [mail.uid for mail in first] + rest == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_all_that_came_before_an_error_is_taken_first() -> None:
    server = Server(mails(1), mails(2), error=ConnectionLost("gone"))
    taken: list[int] = []

    async def take() -> None:
        async for batch in taken_ahead(server.fetch()):
            taken.extend(mail.uid for mail in batch)

    with pytest.raises(ConnectionLost):
        await take()
    assert taken == [1, 2]


async def test_a_taker_that_gives_up_ends_the_fetching() -> None:
    server = Server(*(mails(uid, size=60) for uid in range(1, 9)))
    async with aclosing(taken_ahead(server.fetch(), most_bytes=100)) as batches:
        await anext(batches)
    given = len(server.given)
    await turn_round()
    assert len(server.given) == given < 8


async def test_nothing_to_fetch_is_no_batch() -> None:
    assert [batch async for batch in taken_ahead(Server().fetch())] == []
