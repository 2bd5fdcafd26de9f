"""An SQLite connection that lets go of the database when its work is given up.

A closed connection keeps its transaction, and with it the write lock, for as long as somebody refers
to one of its cursors; the traceback of a cancelled task does. So it is rolled back first.
Source: https://sqlite.org/c3ref/close.html, *zombie*.
"""

import asyncio
import sqlite3
from typing import Any

import aiosqlite

ROWS_AT_ONCE = 64


class LettingGo(aiosqlite.Connection):
    """aiosqlite's connection, rolled back before it closes, whoever closes it and why."""

    async def close(self) -> None:
        """Roll back what is open, finish what is queued, and close."""
        self._roll_back()
        await super().close()

    def stop(self) -> "asyncio.Future[Any] | None":
        """The same without waiting."""
        self._roll_back()
        return super().stop()

    def _roll_back(self) -> None:
        if self._connection is not None:
            self._tx.put_nowait((None, self._connection.rollback))


def connect(database: str, **options: Any) -> LettingGo:
    """A connection for SQLAlchemy's `async_creator_fn`; its thread never keeps the program alive."""
    made = LettingGo(lambda: sqlite3.connect(database, **options), ROWS_AT_ONCE)
    made._thread.daemon = True
    return made
