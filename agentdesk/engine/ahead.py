"""Fetching ahead: the server hands out the next mails while those before them are stored."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from agentdesk.mail.account import FetchedMail

AHEAD_BYTES = 8 * 1024 * 1024


async def taken_ahead(
    batches: AsyncIterator[list[FetchedMail]], most_bytes: int = AHEAD_BYTES
) -> AsyncGenerator[list[FetchedMail], None]:
    """*batches* in their order; all that came while the taker was busy is one batch.

    Fetching waits while *most_bytes* are not taken yet. Its error is raised behind the last batch.
    """
    came: list[FetchedMail] = []
    size = 0
    news, room = asyncio.Event(), asyncio.Event()

    async def fetch() -> None:
        nonlocal size
        try:
            async for batch in batches:
                came.extend(batch)
                size += sum(len(mail.raw) for mail in batch)
                news.set()
                while size >= most_bytes:
                    room.clear()
                    await room.wait()
        finally:
            news.set()

    fetching = asyncio.create_task(fetch())
    try:
        while came or not fetching.done():
            if came:
                batch, came, size = came, [], 0
                room.set()
                yield batch
            else:
                news.clear()
                await news.wait()
                await asyncio.sleep(0)  # so that a task that ended is done
        await fetching
    finally:
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)
