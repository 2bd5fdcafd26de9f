"""Where the centre is kept: one SQLite file, a row a record, committed before anybody is answered."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agentdesk.sandbox.access import Keys
from agentdesk.sandbox.channels import Channel
from agentdesk.sandbox.model import Conversation, Office
from agentdesk.sandbox.refusals import NotKept

TABLE = "CREATE TABLE IF NOT EXISTS records (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))"
PUT = (
    "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body"
)
SMALL: dict[str, TypeAdapter[Any]] = {
    "office": TypeAdapter(Office),
    "keys": TypeAdapter(Keys),
    "channels": TypeAdapter(dict[str, Channel]),
}
ONE = TypeAdapter(Conversation)


class Keeping:
    """Reads all at the start, writes what changed. Not for two threads at once."""

    def __init__(self, file: Path | None) -> None:
        self._db = sqlite3.connect(file or ":memory:", timeout=1, check_same_thread=False)
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # one sandbox a file
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("BEGIN EXCLUSIVE")
        self._db.execute(TABLE)
        self._db.commit()
        self._written: dict[str, str] = {}

    def small(self, kind: str) -> Any:
        """A small record, or None where the file is new."""
        row = self._db.execute("SELECT body FROM records WHERE kind = ?", (kind,)).fetchone()
        if row is None:
            return None
        self._written[kind] = row[0]
        return SMALL[kind].validate_json(row[0])

    def conversations(self) -> dict[str, Conversation]:
        """All of them, by id, in the order that they began."""
        rows = self._db.execute(
            "SELECT body FROM records WHERE kind = 'conversation' ORDER BY rowid"
        )
        found = [ONE.validate_json(body) for (body,) in rows]
        return {one.id: one for one in found}

    def changed(self, small: dict[str, Any], touched: Iterable[Conversation]) -> list[Any]:
        """The rows that differ from what is written; to be made where nothing changes meanwhile."""
        rows: list[Any] = []
        for kind, value in small.items():
            body = SMALL[kind].dump_json(value).decode()
            if self._written.get(kind) != body:
                self._written[kind] = body
                rows.append((kind, "", body))
        return rows + [("conversation", c.id, ONE.dump_json(c).decode()) for c in touched]

    def write(self, rows: list[Any]) -> None:
        """Write rows in one transaction. Raises `NotKept`, and then none is written."""
        with self._or_not_at_all():
            self._db.executemany(PUT, rows)

    def empty(self) -> None:
        """Forget everything. Raises `NotKept`."""
        with self._or_not_at_all():
            self._db.execute("DELETE FROM records")
        self._written.clear()

    @contextmanager
    def _or_not_at_all(self) -> Iterator[None]:
        try:
            with self._db:
                yield
        except sqlite3.OperationalError as error:
            self._written.clear()
            raise NotKept(
                f"The sandbox cannot write its file ({error}): make room for it. Nothing was done."
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
