"""Linking tasks in files: JSON lines, each a mail, some conversations and perhaps the right answer.

`{"qid", "message": {subject, from, date, text}, "candidates": [{"id", "messages": [...]}], "answer"?}`:
`date` is seconds since 1970 or an ISO time, `answer` the id of a candidate, or null where none fits.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from agentdesk.domain.errors import BadInput
from agentdesk.domain.matching import Conversation, Letter

Own = Callable[[str], str]
"""What a writer says in a text, without what is quoted."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question. `answer` counts only where the line gave one (`answered`); None: none fits."""

    qid: str
    letter: Letter
    conversations: tuple[Conversation, ...]
    answered: bool = False
    answer: str | None = None


def read(lines: Iterable[str], own: Own) -> Iterator[Task]:
    """The tasks of *lines*; empty lines are skipped. Raises `BadInput` that names the line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _task(line, number, own)


def _task(line: str, number: int, own: Own) -> Task:
    try:
        said = json.loads(line)
        conversations = tuple(_conversation(c, own) for c in said["candidates"])
        letter = _letter(said["message"], own)
        qid = str(said["qid"])
    except json.JSONDecodeError as error:
        raise BadInput(f"Line {number} is not JSON: {error.msg}.") from error
    except KeyError as error:
        raise BadInput(f"Line {number} lacks {error}.") from error
    except (TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput(
            f"Line {number} has another shape than {{qid, message, candidates}}."
        ) from error
    answer = said.get("answer")
    if answer is not None and str(answer) not in {c.id for c in conversations}:
        raise BadInput(f"Line {number}: its answer is none of its candidates.")
    return Task(
        qid, letter, conversations, "answer" in said, None if answer is None else str(answer)
    )


def _conversation(said: dict[str, Any], own: Own) -> Conversation:
    letters = sorted((_letter(m, own) for m in said["messages"]), key=lambda x: x.at)
    if not letters:
        raise ValueError("a candidate without messages")
    return Conversation(str(said["id"]), tuple(letters))


def _letter(said: dict[str, Any], own: Own) -> Letter:
    name, email = parseaddr(str(said.get("from") or ""))
    return Letter(
        str(said.get("subject") or ""),
        (email or name).lower(),
        name or email.partition("@")[0],
        _moment(said["date"]),
        own(str(said["text"])),
    )


def _moment(said: object) -> datetime:
    if isinstance(said, (int, float)):
        return datetime.fromtimestamp(said, UTC)
    moment = datetime.fromisoformat(str(said))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
