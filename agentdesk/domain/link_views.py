"""Why a mail lies where it lies, as screens show it; all text in it is safe for a terminal.

Events carry it into the stream: `LINKED` {why, message}; `LINK_PROPOSED` {message, thread, number,
score}; `MAIL_MOVED_AWAY`, `MAIL_MOVED_HERE` and `MOVE_UNDONE` {move, messages, number of the other
record, why: the sentence}.
"""

from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.ids import MessageId, MoveId, ThreadId
from agentdesk.domain.ladder import Rung


class LinkNews(StrEnum):
    """What a line of the stream says about the place of a mail."""

    LINKED = "linked"
    PROPOSED = "proposed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class EntryLink:
    """What such a line is about. `move_id`: it can be undone; `number` and `score` are of the record
    that is proposed.
    """

    what: LinkNews
    message_id: MessageId
    move_id: MoveId | None = None
    number: str = ""
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class LinkCandidate:
    """A record that was weighed. `score` is 0 to 1; `words` are those that counted, the strongest
    first. `state` as people read it. `chosen`: the mail went there.
    """

    thread_id: ThreadId
    number: str
    subject: str
    state: str
    score: float
    words: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class LinkView:
    """The decision about one mail. `number` is the record that it lies in now.

    `rung_words` names the rung in a few words, `reason` is the whole sentence. `matcher` names who
    scored, empty where nobody did, and `threshold` is the score from which the best was taken.
    `proposed` is a candidate that waits for a person's word. `moved` says who moved it later, and
    from where; `move_id` undoes that.
    """

    message_id: MessageId
    number: str
    rung: Rung
    rung_words: str
    reason: str
    candidates: tuple[LinkCandidate, ...] = ()
    threshold: float | None = None
    matcher: str = ""
    proposed: LinkCandidate | None = None
    moved: str = ""
    move_id: MoveId | None = None
