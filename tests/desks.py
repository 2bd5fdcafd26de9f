"""Desks for tests: real databases, real loopback servers, a clock that the test turns."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from agentdesk import services
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.clock import Clock, ManualClock
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.message import Address
from agentdesk.domain.policy import AgentSetup, Policy, PoolSetup, QueueSetup
from agentdesk.domain.rules import Rules
from agentdesk.domain.setup import (
    INACTIVITY,
    RESOLVED,
    TASK_CREATED,
    CodeSetup,
    DeskSetup,
    MailAccountSetup,
)
from agentdesk.domain.views import InboxCard
from agentdesk.mail.account import FetchedMail
from agentdesk.mail.compose import File, Outgoing, build
from agentdesk.services import configuration, intake, presence
from agentdesk.services.desk import Desk
from agentdesk.storage import mailboxes
from agentdesk.storage.schema import open_store
from tests.databases import put_tables

SUPPORT = "support@northwind.example"
POLICY = Policy(
    agents=(
        AgentSetup(
            "ana", "Ana Ruiz", groups=frozenset({"support"}), signature="Ana Ruiz\nNorthwind"
        ),
        AgentSetup("ben", "Ben Okafor", groups=frozenset({"support"}), capacity=2),
        AgentSetup("sue", "Sue Lind", role=Role.SUPERVISOR),
    ),
    queues=(
        QueueSetup("support", "Support", pools=(PoolSetup(frozenset({"support"})),)),
        QueueSetup("sales", "Sales", position=200),
    ),
)
SETUP = DeskSetup(
    POLICY,
    accounts=(
        MailAccountSetup("support", "Northwind Support", SUPPORT, "support"),
        MailAccountSetup("sales", "Northwind Sales", "sales@northwind.example", "sales"),
    ),
    codes=(RESOLVED, CodeSetup("question", "Question answered"), TASK_CREATED, INACTIVITY),
)
RULES = Rules(own_addresses=frozenset({SUPPORT, "sales@northwind.example"}))


@dataclass
class World:
    """A desk and what a test does to it."""

    desk: Desk
    clock: ManualClock
    uid: int = 0
    arrival_delay: timedelta = timedelta(0)
    actors: dict[str, Actor] = field(default_factory=dict)

    async def change_policy(self, **changes: Any) -> None:
        """Another policy from now on: the usual one with some fields replaced."""
        policy = replace(self.desk.policy, **changes)
        await configuration.apply(self.desk, replace(SETUP, policy=policy))

    async def sign_in(self, login: str) -> Actor:
        """A client of *login* in a process of its own."""
        window = replace(self.desk, session=f"{login}-{uuid.uuid4().hex[:6]}")
        self.actors[login] = await presence.sign_in(window, login)
        return self.actors[login]

    async def inbox(self, login: str = "ana") -> tuple[InboxCard, ...]:
        """What the agent is offered once time and routing have done their part."""
        actor = self.actors.get(login) or await self.sign_in(login)
        await services.deadlines.run_passed(self.desk)
        await services.routing.route(self.desk)
        return (await services.views.desktop(self.desk, actor)).inbox

    async def at_work(self, login: str = "ana") -> tuple[Actor, InteractionId]:
        """The agent accepts the only offer there is."""
        (card,) = await self.inbox(login)
        actor = self.actors[login]
        return actor, await services.offers.accept(self.desk, actor, card.work_item_id)

    async def arrive(self, *raws: bytes, account: str = "support", mailbox: str = "INBOX") -> None:
        """Mails reach the mailbox, are stored and filed."""
        now = self.clock.now()
        async with self.desk.store.write() as tx:
            box = await mailboxes.take(
                tx, account, mailbox, self.desk.session, now, RULES.session_grace
            )
        assert box is not None
        at = now - self.arrival_delay
        mails = [FetchedMail(self.uid + n, raw, at) for n, raw in enumerate(raws, 1)]
        self.uid += len(raws)
        await intake.store(self.desk, box, 1, mails, self.uid + 1)
        await intake.file_stored(self.desk)


@asynccontextmanager
async def desk(
    url: str, *, clock: Clock | None = None, rules: Rules = RULES, setup: DeskSetup = SETUP
) -> AsyncIterator[Desk]:
    """An open desk with the usual people."""
    await put_tables(url)
    store = await open_store(url)
    made = Desk(store, clock or ManualClock(), rules, f"test-{uuid.uuid4().hex[:8]}")
    try:
        await configuration.apply(made, setup)
        yield made
    finally:
        await store.close()


def mail(
    text: str = "My parcel arrived broken. What now?",
    *,
    subject: str = "Order 5512 damaged",
    sender: Address | None = None,
    to: Sequence[str] = (SUPPORT,),
    message_id: str = "",
    in_reply_to: str = "",
    files: Sequence[File] = (),
) -> bytes:
    """A customer's mail."""
    writer = sender or Address("mara.olsen@fjord.example", "Mara Olsen")
    letter = Outgoing(
        sender=writer,
        to=tuple(Address(a) for a in to),
        subject=subject,
        text=text,
        message_id=message_id or f"{uuid.uuid4().hex}@fjord.example",
        date=ManualClock().now(),
        in_reply_to=in_reply_to,
        references=(in_reply_to,) if in_reply_to else (),
        attachments=tuple(files),
    )
    return build(letter)
