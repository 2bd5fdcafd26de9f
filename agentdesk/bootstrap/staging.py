"""Opening the demo's desk: heavy imports, so loaded behind the first paint."""

import os
from pathlib import Path

from agentdesk.bootstrap import opened, plan
from agentdesk.bootstrap.opened import RunningDesk
from agentdesk.demo import history, settings_file
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.settings import load
from agentdesk.settings.options import DemoOptions
from agentdesk.storage import interactions


class StagedDesk(RunningDesk):
    """A running desk whose mail world ends with it."""

    world: DemoWorld

    async def close(self, *, deliberate: bool = False) -> None:
        """Stop the customers first, then the desk."""
        await self.world.close()
        await super().close(deliberate=deliberate)


async def stage(options: DemoOptions, folder: Path) -> RunningDesk:
    """Start the world, write its settings, seed a new desk, and open it."""
    clock = SystemClock()
    world = DemoWorld(options.seed, options.speed, clock)
    try:
        await world.start()
        path, secrets = settings_file.write(folder, world)
        _without_overrides()
        os.environ.update(secrets)
        running = await _open(path, options, clock)
    except BaseException:
        await world.close()
        raise
    staged = StagedDesk(running.desk, running.engine, running.actor)
    staged.world = world
    try:
        world.begin()
    except BaseException:
        await staged.close()
        raise
    return staged


async def _open(path: Path, options: DemoOptions, clock: Clock) -> RunningDesk:
    settings = load(path)
    rules, setup = plan.rules(settings), plan.setup(settings)
    url, origin = settings.database.url, plan.origin(path)
    desk = await opened.open_desk(url, rules, setup, clock, origin, plan.ai_key(settings))
    try:
        async with desk.store.read() as tx:
            empty = not await interactions.any_there(tx)
        if empty:
            await history.seed(desk, clock.now(), options.seed, options.login)
    except BaseException:
        await desk.close()
        raise
    return await opened.start(desk, plan.lines(settings), options.login)


def _without_overrides() -> None:
    """Settings by environment are for the user's own desk: the demo must not reach for it."""
    for name in list(os.environ):
        if name.startswith("AGENTDESK_") and "__" in name:
            del os.environ[name]
