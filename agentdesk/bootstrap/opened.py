"""A running desk: database, engine and the signed-in agent."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from agentdesk.ai import choosing
from agentdesk.ai.choosing import Key, no_key
from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.feed import Change
from agentdesk.domain.rules import Rules
from agentdesk.domain.setup import DeskSetup
from agentdesk.domain.views import LoopHealth
from agentdesk.engine.engine import Engine
from agentdesk.engine.lines import Line
from agentdesk.mail.reading import ProcessReader
from agentdesk.services import configuration, presence
from agentdesk.services.desk import Desk
from agentdesk.signin.agents import AgentSignIns
from agentdesk.signin.tokens import Tokens
from agentdesk.storage.schema import open_store

NO_CENTRES: Final[Mapping[str, ContactCentre]] = MappingProxyType({})
NOWHERE: Final[Mapping[str, AgentSignIns]] = MappingProxyType({})


class RunningDesk:
    """What the screen holds on to; `actor` is None for an engine without a screen.

    `centre_sign_ins`: where whoever sits here may sign in as the agent that they are, by the centre's key.
    """

    def __init__(
        self,
        desk: Desk,
        engine: Engine,
        actor: Actor | None,
        centre_sign_ins: Mapping[str, AgentSignIns] = NOWHERE,
    ) -> None:
        self.desk, self.engine, self.centre_sign_ins = desk, engine, centre_sign_ins
        self._actor = actor
        self._closed = False

    @property
    def actor(self) -> Actor:
        """Who sits here."""
        assert self._actor is not None
        return self._actor

    def feed(self) -> AsyncIterator[Change]:
        """Every committed change from now on."""
        return self.engine.feed()

    def health(self) -> tuple[LoopHealth, ...]:
        """How the loops are."""
        return self.engine.health()

    @property
    def sign_ins(self) -> tuple[Tokens, ...]:
        """The mail accounts that whoever sits here may sign in to: an admin all, others none."""
        admin = self._actor is not None and self._actor.role is Role.ADMIN
        return self.engine.sign_ins if admin else ()

    def retry(self) -> None:
        """Try again at once what waits for a person."""
        self.engine.retry()

    async def close(self, *, deliberate: bool = False) -> None:
        """Stop the engine and close the database; safe to call twice.

        *deliberate*: the agent meant to leave. A signal or a dropped line is no such word.
        """
        if self._closed:
            return
        self._closed = True
        try:
            await self.engine.stop(self._actor, deliberate=deliberate)
        except StorageProblem:
            pass  # the next start finds the session stale and cleans up after us
        finally:
            await asyncio.shield(self.desk.close())


async def open_desk(
    url: str,
    rules: Rules,
    setup: DeskSetup,
    clock: Clock | None = None,
    origin: str = "",
    key: Key = no_key,
    centres: Mapping[str, ContactCentre] = NO_CENTRES,
) -> Desk:
    """The database of a desk, up to date and configured from *origin*. Raises `StorageProblem`, and
    `AssistantProblem` where the matcher of the rules is not installed.

    *key* gives the key of the model's server, where the rules want one; *centres* are those of the rules.
    """
    assistant = choosing.assistant(rules.ai, key, rules.zone)
    matcher = choosing.matcher(rules.ai, key)  # refuses before anything is open
    desk = Desk(
        await open_store(url),
        clock or SystemClock(),
        rules,
        uuid.uuid4().hex,
        ProcessReader(),
        assistant=assistant,
        matcher=matcher,
        centres=centres,
    )
    try:
        await configuration.apply(desk, setup, origin)
    except BaseException:
        await desk.close()
        raise
    return desk


async def start(
    desk: Desk,
    lines: Sequence[Line],
    login: str | None,
    centre_sign_ins: Mapping[str, AgentSignIns] = NOWHERE,
) -> RunningDesk:
    """Sign in (or start as a mere engine) and begin every loop. Raises `NotFound`."""
    try:
        actor = None
        if login is None:
            await presence.start_engine(desk)
        else:
            actor = await presence.sign_in(desk, login)
        engine = Engine(desk, lines)
        await engine.start()
    except BaseException:
        await desk.close()
        raise
    return RunningDesk(desk, engine, actor, centre_sign_ins)
