"""A running desk as settings want it. Heavy imports: loaded behind the first paint."""

from pathlib import Path

from agentdesk.bootstrap import centres, opened, plan
from agentdesk.bootstrap.opened import RunningDesk
from agentdesk.settings import Settings


async def open_running(s: Settings, path: Path, login: str | None) -> RunningDesk:
    """Open the desk of *s*, which were read from *path*, for *login*; None: a mere engine."""
    found = await centres.build(s)
    desk = await opened.open_desk(
        s.database.url,
        plan.rules(s),
        plan.setup(s),
        origin=plan.origin(path),
        key=plan.ai_key(s),
        centres=found.at,
    )
    return await opened.start(desk, plan.lines(s), login, found.sign_ins)
