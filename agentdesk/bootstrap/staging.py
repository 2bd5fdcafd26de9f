"""Opening the demo's desk: heavy imports, so loaded behind the first paint."""

import os
from pathlib import Path

from agentdesk.bootstrap import opened, plan
from agentdesk.bootstrap.opened import RunningDesk
from agentdesk.demo import history, settings_file
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.clock import SystemClock
from agentdesk.settings import load
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
    await world.start()
    try:
        path, secrets = settings_file.write(folder, world)
        os.environ.update(secrets)
        settings = load(path)
        new = settings.database.path is not None and not settings.database.path.exists()
        desk = await opened.open_desk(
            settings.database.url, plan.rules(settings), plan.setup(settings), clock
        )
        if new:
            await history.seed(desk, clock.now(), options.seed)
        running = await opened.start(desk, plan.lines(settings), options.login)
    except BaseException:
        await world.close()
        raise
    staged = StagedDesk(running.desk, running.engine, running.actor)
    staged.world = world
    world.begin()
    return staged
