"""Opening the demo's desk: heavy imports, so loaded behind the first paint."""

import asyncio
import logging
import os
import threading
from functools import partial
from pathlib import Path

from agentdesk.bootstrap import centres, opened, plan
from agentdesk.bootstrap.centres import Centres
from agentdesk.bootstrap.opened import RunningDesk
from agentdesk.demo import centre_browser, centre_settings, history, settings_file
from agentdesk.demo.centre import DemoCentre
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.domain.errors import DeskError
from agentdesk.services.ccaas import catalogue, signing_in
from agentdesk.settings import Settings, load
from agentdesk.settings.options import DemoOptions
from agentdesk.signin.threads import in_thread
from agentdesk.storage import interactions

log = logging.getLogger(__name__)


class StagedDesk(RunningDesk):
    """A running desk whose mail world and contact centre end with it."""

    world: DemoWorld
    centre: DemoCentre
    joining: asyncio.Task[None]

    async def close(self, *, deliberate: bool = False) -> None:
        """Stop the customers first, then the desk, then the contact centre."""
        self.joining.cancel()
        await asyncio.gather(self.joining, return_exceptions=True)
        await self.world.close()
        try:
            await super().close(deliberate=deliberate)
        finally:
            await self.centre.close()


async def stage(options: DemoOptions, folder: Path) -> RunningDesk:
    """Start the world, write its settings, seed a new desk, and open it."""
    clock = SystemClock()
    world = DemoWorld(options.seed, options.speed, clock)
    codes = settings_file.code_labels()
    centre = DemoCentre(folder, options.seed, clock, codes, staffed=options.supervisor)
    try:
        await world.start()
        await centre.start()
        path, secrets = settings_file.write(folder, world, centre)
        _without_overrides()
        os.environ.update(secrets)
        settings = load(path)
        found = await centres.build(settings, clock, folder / "sign-in")
        running = await _open(settings, path, options, clock, found)
    except BaseException:
        await world.close()
        await centre.close()
        raise
    staged = StagedDesk(running.desk, running.engine, running.actor, found.sign_ins)
    staged.world, staged.centre = world, centre
    staged.joining = asyncio.create_task(_join(staged, clock))
    try:
        world.begin(claims=True)
        centre.begin()
    except BaseException:
        await staged.close()
        raise
    return staged


async def _open(
    settings: Settings, path: Path, options: DemoOptions, clock: Clock, found: Centres
) -> RunningDesk:
    rules, setup = plan.rules(settings), plan.setup(settings)
    url, origin = settings.database.url, plan.origin(path)
    key = plan.ai_key(settings)
    desk = await opened.open_desk(url, rules, setup, clock, origin, key, found.at)
    try:
        async with desk.store.read() as tx:
            empty = not await interactions.any_there(tx)
        if empty:
            await history.seed(desk, clock.now(), options.seed, options.login)
    except BaseException:
        await desk.close()
        raise
    return await opened.start(desk, plan.lines(settings), options.login, found.sign_ins)


async def _join(staged: StagedDesk, clock: Clock) -> None:
    """What an administrator and an agent do once, done for them: import, and sign in."""
    desk, actor, key = staged.desk, staged.actor, centre_settings.KEY
    try:
        for who in await signing_in.identities(desk, actor):
            if there := await staged.centre.on_queue(who.email):
                await _sign_in(staged, who, there, clock)
        await catalogue.read_again(desk, key)
        await signing_in.signed_in(desk, actor, key)
    except DeskError as error:
        log.warning("the contact centre of the demo does without this desk: %s", error)


async def _sign_in(staged: StagedDesk, who: Identity, there: str, clock: Clock) -> None:
    """In the browser, as the agent whose id at the centre is *there*."""
    stop, sign_ins = threading.Event(), staged.centre_sign_ins[who.centre]
    work = partial(centre_browser.sign_in_as, sign_ins, who, there, clock, stop)
    try:
        await in_thread(work)
    finally:
        stop.set()


def _without_overrides() -> None:
    """Settings by environment are for the user's own desk: the demo must not reach for it."""
    for name in list(os.environ):
        if name.startswith("AGENTDESK_") and "__" in name:
            del os.environ[name]
