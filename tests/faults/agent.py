"""An agent in the harness's own process, who takes what came in and answers it."""

import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from agentdesk import services
from agentdesk.bootstrap import plan
from agentdesk.bootstrap.opened import open_desk
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import DeskError
from agentdesk.services.desk import Desk
from agentdesk.settings import load
from tests.faults.post import WRITERS
from tests.faults.world import World

REFUSED = "gone@wall.example"
"""A recipient whom the submission server never takes."""


@asynccontextmanager
async def at_work(world: World, login: str = "ana") -> AsyncIterator[tuple[Desk, Actor]]:
    """Ana at her desk, without an engine of her own."""
    settings = load(world.folder / "settings.toml")
    desk = await open_desk(settings.database.url, plan.rules(settings), plan.setup(settings))
    try:
        actor = await services.presence.sign_in(desk, login)
        yield desk, actor
        await services.presence.sign_out(desk, actor)
    finally:
        await desk.store.close()


async def retry_set_aside(world: World, ids: list[int]) -> None:
    """Sue, a supervisor, lets the desk try these once more."""
    async with at_work(world, "sue") as (desk, actor):
        await services.quarantine.retry(desk, actor, ids)  # type: ignore[arg-type]


async def answer(desk: Desk, actor: Actor, count: int, chance: random.Random) -> list[int]:
    """Up to *count* answers; the outbox rows of those that the desk says are queued."""
    page = await services.views.interactions(desk, actor, limit=60)
    rows = sorted(page.rows, key=lambda row: row.interaction_id)
    queued: list[int] = []
    for row in chance.sample(rows, len(rows)):
        if len(queued) >= count:
            break
        try:
            queued.append(await _answer(desk, actor, row.interaction_id, chance))
        except DeskError:
            continue
    return queued


async def _answer(desk: Desk, actor: Actor, key: int, chance: random.Random) -> int:
    with contextlib.suppress(DeskError):  # it may be hers already
        await services.offers.assign_to_me(desk, actor, key)  # type: ignore[arg-type]
    draft = await services.drafts.open_reply(desk, actor, key, everyone=False)  # type: ignore[arg-type]
    who = chance.sample([w.email for w in WRITERS], chance.choice((1, 1, 1, 2, 3)))
    if chance.random() < 0.25:
        who.insert(chance.randint(0, len(who)), REFUSED)
    content = replace(draft.content, to=who[0], cc=", ".join(who[1:]))
    await services.drafts.save(desk, actor, draft.id, draft.token, content)
    return await services.sending.queue(desk, actor, draft.id, draft.token, anyway=True)
