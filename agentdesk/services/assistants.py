"""Who may ask the assistant of this desk, and how an answer that is not wanted any more ends."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from agentdesk.ai.assistant import Assistant
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import AssistantProblem, NotAllowed
from agentdesk.services.desk import Desk

T = TypeVar("T")


def may_ask(desk: Desk, actor: Actor) -> bool:
    """Whether there is an assistant, and the actor's role may ask it."""
    return desk.assistant is not None and actor.role in desk.rules.ai.roles


def asked_by(desk: Desk, actor: Actor) -> Assistant:
    """The assistant. Raises `NotAllowed` for a role that [ai] does not name, `AssistantProblem` where
    the settings want none.
    """
    if actor.role not in desk.rules.ai.roles:
        raise NotAllowed(
            f"The role {actor.role.value} may not ask the assistant. "
            "An administrator can name it under roles in [ai] of the settings."
        )
    if desk.assistant is None:
        raise AssistantProblem(
            'The assistant is off. Set summaries = "offline" in [ai] of the settings.'
        )
    return desk.assistant


@asynccontextmanager
async def ended(answer: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Whatever ends the reading of *answer* ends the work on it, and its connection, at once."""
    try:
        yield answer
    finally:
        if isinstance(answer, AsyncGenerator):
            await answer.aclose()
