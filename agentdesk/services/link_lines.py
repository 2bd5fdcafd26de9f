"""Lines of the stream about the place of a mail: why it is here, that it was moved, where it may belong."""

from collections.abc import Collection, Sequence
from typing import Any

from agentdesk.domain.event import Happened
from agentdesk.domain.ids import MessageId, MoveId
from agentdesk.domain.link_views import EntryLink, LinkNews
from agentdesk.storage import move_choices
from agentdesk.storage.store import Transaction

MOVED = (Happened.MAIL_MOVED_AWAY.value, Happened.MAIL_MOVED_HERE.value)
PROPOSED = Happened.LINK_PROPOSED.value
NEWS = {
    Happened.LINKED.value: LinkNews.LINKED,
    PROPOSED: LinkNews.PROPOSED,
    Happened.MOVE_UNDONE.value: LinkNews.MOVED,
} | dict.fromkeys(MOVED, LinkNews.MOVED)


class Standing:
    """What still holds of the lines of a page: open proposals, moves that can be undone."""

    def __init__(self, proposals: Collection[int] = (), moves: Collection[int] = ()) -> None:
        self._proposals, self._moves = proposals, moves

    @classmethod
    async def read(cls, tx: Transaction, rows: Sequence[Any]) -> "Standing":
        """Of event rows; nothing is asked where no line needs it."""
        asked = [r.data.get("message") for r in rows if r.type == PROPOSED]
        moved = [r.data.get("move") for r in rows if r.type in MOVED]
        return cls(
            await move_choices.proposed_among(tx, [m for m in asked if m]),
            await move_choices.not_undone(tx, [m for m in moved if m]),
        )

    def gone(self, row: Any) -> bool:
        """Whether a line is a proposal that was answered: it is not shown any more."""
        return row.type == PROPOSED and row.data.get("message") not in self._proposals

    def link(self, row: Any) -> EntryLink | None:
        """What the line of *row* is about; None where it names no mail."""
        what, data = NEWS.get(row.type), row.data
        about = data.get("message") or next(iter(data.get("messages", ())), None)
        if what is None or about is None:
            return None
        move = data.get("move")
        undoable = row.type in MOVED and move in self._moves
        return EntryLink(
            what,
            MessageId(about),
            MoveId(move) if undoable else None,
            str(data.get("number", "")),
            float(data.get("score", 0.0)),
        )


def link_sentence(row: Any) -> str:
    """What the line says; empty for other events."""
    if row.type not in NEWS:
        return ""
    data, why = row.data, str(row.data.get("why", ""))
    if row.type == PROPOSED:
        return f"This looks like {data.get('number', '')}"
    if row.type == Happened.LINKED.value and data.get("to"):
        return f"Linked to {data['to']} because {why[:1].lower()}{why[1:]}"
    return why
