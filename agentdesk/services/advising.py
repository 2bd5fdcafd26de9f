"""A slow matcher is asked before the transaction that files its mails, and never keeps it waiting."""

import asyncio
import logging
from collections.abc import Sequence

from agentdesk.ai.keywords import Keywords
from agentdesk.domain.ladder import Known, Opinion
from agentdesk.domain.matching import Conversation, Letter
from agentdesk.services import placing, weighing
from agentdesk.services.desk import Desk
from agentdesk.services.gathering import Arrived, gather

PATIENCE_S = 30.0
"""So long all answers of a batch may take together; where one is missing, keywords decide."""

log = logging.getLogger(__name__)


async def ask_ahead(desk: Desk, arrived: Sequence[Arrived]) -> dict[int, Opinion]:
    """What the desk's matcher says of these mails, by the id of the stored mail.

    Empty for keywords, which are asked in the transaction itself. Never raises for what a matcher does.
    """
    if desk.matcher.name == Keywords.name:
        return {}
    found: dict[int, Opinion] = {}
    asked = [_ask(desk, found, *question) for question in await _questions(desk, arrived)]
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*asked)
    except TimeoutError:
        log.warning("%s did not answer in time; keywords decide", desk.matcher.name)
    return found


Question = tuple[int, Letter, list[Conversation], tuple[Known, ...]]


async def _questions(desk: Desk, arrived: Sequence[Arrived]) -> list[Question]:
    """The mails that a matcher has to say something about, as they stand now."""
    questions: list[Question] = []
    async with desk.store.read() as tx:
        b = await gather(desk, tx, arrived, {}, {}, hold=False)
        for located, mail in arrived:
            q = await placing.ask(b, mail, b.people.get(mail.sender.email))
            if q.contenders:
                conversations = await weighing.read(tx, q.contenders)
                said = weighing.letter(b, located, mail)
                questions.append((located.id, said, conversations, q.contenders))
    return questions


async def _ask(
    desk: Desk,
    found: dict[int, Opinion],
    key: int,
    letter: Letter,
    conversations: list[Conversation],
    contenders: tuple[Known, ...],
) -> None:
    try:
        match = await desk.matcher.match(letter, conversations)
    except Exception:
        log.exception("%s could not weigh a mail; keywords decide", desk.matcher.name)
        return
    found[key] = weighing.as_opinion(match, contenders)
