"""An SQLite connection that lets go of the database when its work is given up.

A closed connection keeps its transaction, and with it the write lock, for as long as somebody refers
to one of its cursors; the traceback of a cancelled task does. So it is rolled back first.
Source: https://sqlite.org/c3ref/close.html, *zombie*. And aiosqlite 0.22.1 waits for ever when a
connection is stopped while it closes: here both are one and the same end.
"""

import asyncio
import sqlite3
from threading import Thread
from typing import Any

import aiosqlite
from aiosqlite.core import _connection_worker_thread

ROWS_AT_ONCE = 64


class LettingGo(aiosqlite.Connection):
    """aiosqlite's connection, rolled back before it closes, whoever closes it and how often."""

    _ended = False
    _end: "asyncio.Future[Any] | None" = None

    async def close(self) -> None:
        """Finish what is queued, roll back what is open, and close."""
        end = self.stop()
        if end is not None:
            await asyncio.shield(end)  # another task may wait for the same end

    def stop(self) -> "asyncio.Future[Any] | None":
        """The same without waiting."""
        if not self._ended:
            self._ended = True
            if self._connection is not None:
                self._tx.put_nowait((None, self._connection.rollback))
            self._end = super().stop()
        return self._end

    def serve(self) -> None:
        """What the connection's thread does. An answer to a loop that has ended is dropped."""
        while True:
            try:
                _connection_worker_thread(self._tx)
            except RuntimeError:  # "Event loop is closed"
                if not self._ended or not self._tx.empty():
                    continue
            return


def connect(database: str, **options: Any) -> LettingGo:
    """A connection for SQLAlchemy's `async_creator_fn`; its thread never keeps the program alive."""
    made = LettingGo(lambda: sqlite3.connect(database, **options), ROWS_AT_ONCE)
    made._thread = Thread(target=made.serve, name="sqlite", daemon=True)
    return made
