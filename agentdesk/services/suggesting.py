"""Replies, wrap-up codes and translations that an assistant proposes.

Nothing here writes: a person takes a text into a draft, edits it and sends it, or does not.
tests/test_suggestions_are_never_sent.py proves it. Source: docs/assistance.md.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Final

from agentdesk.domain.actor import Actor
from agentdesk.domain.assistance import (
    CodeOffered,
    CodeSuggestion,
    Speaker,
    Suggestion,
    Transcript,
)
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import InteractionId, MessageId, ThreadId
from agentdesk.domain.text import safe
from agentdesk.services.assistants import asked_by, ended
from agentdesk.services.desk import Desk
from agentdesk.services.transcripts import transcript
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import messages

LONGEST_WISH: Final = 2_000
LONGEST_TEXT: Final = 50_000
"""Characters that are translated at once."""
_MAILS: Final = frozenset({Speaker.CUSTOMER, Speaker.DESK})


async def reply(
    desk: Desk, actor: Actor, thread_id: ThreadId, wish: str = ""
) -> AsyncGenerator[Suggestion, None]:
    """A reply as it grows; *wish* says what the actor wants to say.

    It is made of the mails alone: notes are for colleagues, and nothing of them may reach a customer.
    Raises `NotAllowed`, `AssistantProblem`, and `BadInput` where there is no mail to answer.
    """
    assistant = asked_by(desk, actor)
    said = _mails_of(await transcript(desk, actor, thread_id))
    if not said.passages:
        raise BadInput(f"{said.number} has no mail yet that could be answered.")
    async with ended(assistant.suggest_reply(said, wish.strip()[:LONGEST_WISH])) as growing:
        async for suggestion in growing:
            yield replace(suggestion, text=safe(suggestion.text))


def _mails_of(said: Transcript) -> Transcript:
    mails = tuple(p for p in said.passages if p.speaker in _MAILS)
    return replace(said, passages=mails, description="")


async def code(desk: Desk, actor: Actor, interaction_id: InteractionId) -> CodeSuggestion:
    """The wrap-up code that fits best; its key is that of a `CodeChoice`. Raises `NotAllowed`,
    `AssistantProblem`.
    """
    assistant = asked_by(desk, actor)
    said = await transcript(desk, actor, interaction_id)
    async with desk.store.read() as tx:
        codes = [c for c in await desk_rows.codes(tx) if not c.automatic]
    return await assistant.suggest_code(said, [CodeOffered(c.key, c.label) for c in codes])


async def translate(
    desk: Desk, actor: Actor, text: str, language: str
) -> AsyncGenerator[Suggestion, None]:
    """*text* in *language* as it grows. Raises `NotAllowed`, `AssistantProblem`, `BadInput`."""
    assistant = asked_by(desk, actor)
    if not text.strip():
        raise BadInput("There is nothing to translate. Write something first.")
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"At most {LONGEST_TEXT:,} characters can be translated at once.")
    async with ended(assistant.translate(text, language)) as growing:
        async for suggestion in growing:
            yield replace(suggestion, text=safe(suggestion.text))


async def translate_mail(
    desk: Desk, actor: Actor, message_id: MessageId, language: str
) -> AsyncGenerator[Suggestion, None]:
    """What a mail says itself, without quotes, in *language*. Raises as `translate`, and `NotFound`."""
    asked_by(desk, actor)
    async with desk.store.read() as tx:
        row = await messages.get(tx, message_id)
    own = "\n".join(row.text[start:end] for start, end in row.latest).strip()
    async with ended(translate(desk, actor, own or row.text, language)) as growing:
        async for suggestion in growing:
            yield suggestion
