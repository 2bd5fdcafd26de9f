"""Opening the demo's desk: heavy imports, so loaded behind the first paint."""

import os
from pathlib import Path

from agentdesk.bootstrap import opened, plan
from agentdesk.bootstrap.opened import RunningDesk
from agentdesk.demo import history, settings_file
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.settings import Settings, load
from agentdesk.settings.options import DemoOptions


class StagedDesk(RunningDesk):
    """A running desk whose mail world ends with it."""

    world: DemoWorld

    async def close(self) -> None:
        """Stop the customers first, then the desk."""
        await self.world.close()
        await super().close()


async def stage(options: DemoOptions, folder: Path) -> RunningDesk:
    """Start the world, write its settings, seed a new desk, and open it."""
    clock = SystemClock()
    world = DemoWorld(options.seed, options.speed, clock)
    try:
        await world.start()
        path, secrets = settings_file.write(folder, world)
        os.environ.update(secrets)
        running = await _open(load(path), options, clock)
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


async def _open(settings: Settings, options: DemoOptions, clock: Clock) -> RunningDesk:
    path = settings.database.path
    new = path is not None and not path.exists()
    rules, setup = plan.rules(settings), plan.setup(settings)
    desk = await opened.open_desk(settings.database.url, rules, setup, clock)
    if new:
        await history.seed(desk, clock.now(), options.seed)
    return await opened.start(desk, plan.lines(settings), options.login)
