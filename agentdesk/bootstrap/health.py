"""What `agentdesk check` says of the database and of the engines that work on it."""

import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from agentdesk.bootstrap import in_force
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.quarantine import Place, count_words
from agentdesk.domain.views import Health
from agentdesk.settings import Settings
from agentdesk.settings.finding import Finding, Level
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import quarantine
from agentdesk.storage.schema import open_store, schema_of
from agentdesk.storage.store import Store

LITTLE_DISK = 500 * 1024 * 1024
SILENT = timedelta(seconds=60)


async def findings(settings: Settings, settings_path: Path) -> list[Finding]:
    """The database's state, free disk, engines, what is set aside, and which routing policy holds.
    Changes nothing.

    A database that does not exist yet is no failure: the first start makes it.
    """
    path = settings.database.path
    found = _disk(path) if path else []
    if path is not None and not path.exists():
        return [*found, _new_file(path)]
    try:
        schema = await schema_of(settings.database.url)
        store = await open_store(settings.database.url) if schema.current else None
    except StorageProblem as error:
        return [*found, Finding(Level.FAIL, "database", str(error))]
    if store is None:
        advice = "The next start of agentdesk run or engine upgrades it. Make a copy first."
        said = f"Its schema {schema.found or 'is empty'} is older than this program's."
        return [*found, Finding(Level.WARN, "database", said, advice)]
    try:
        return [*found, *await _inside(settings, settings_path, store)]
    finally:
        await store.close()


def _new_file(path: Path) -> Finding:
    folder = next(p for p in path.parents if p.exists())
    if os.access(folder, os.W_OK):
        return Finding(Level.OK, "database", f"{path} will be made at the first start.")
    advice = "Give this user the right to write there, or name another file in [database] url."
    return Finding(Level.FAIL, "database", f"{path} cannot be made.", advice)


def _disk(path: Path) -> list[Finding]:
    free = shutil.disk_usage(next(p for p in path.parents if p.exists())).free
    if free >= LITTLE_DISK:
        return []
    said = f"Only {free // 1024 // 1024} MiB are free where the database lies."
    return [Finding(Level.WARN, "disk", said, "Free some space, or move the database.")]


async def _inside(settings: Settings, path: Path, store: Store) -> list[Finding]:
    async with store.write():
        pass  # proves that it can be written, and changes nothing
    async with store.read() as tx:
        loops = await desk_rows.health(tx)
        aside = await quarantine.count(tx, Place.ASIDE)
        routing = await in_force.finding(tx, settings, path)
    where = settings.database.path or "PostgreSQL"
    found = [Finding(Level.OK, "database", f"{where} can be read and written.")]
    if aside:
        mails = "1 mail" if aside == 1 else f"{count_words(aside)} mails"
        said = f"{mails} could not be filed and {'is' if aside == 1 else 'are'} set aside."
        advice = "agentdesk quarantine list shows them, each with its cause."
        found.append(Finding(Level.WARN, "quarantine", said, advice))
    return [*found, *routing, *_engines(loops)]


def _engines(loops: list[Any]) -> list[Finding]:
    now = SystemClock().now()
    live = [r for r in loops if now - r.seen_at < SILENT]
    if not live:
        advice = "Start agentdesk run or agentdesk engine to receive and send mail."
        return [Finding(Level.WARN, "engine", "No engine runs on this database now.", advice)]
    found = []
    for row in live:
        if row.health in (Health.RETRYING.value, Health.STOPPED.value):
            level = Level.FAIL if row.health == Health.STOPPED.value else Level.WARN
            found.append(Finding(level, f"engine: {row.loop}", row.sentence))
    engines = len({r.session for r in live})
    said = f"{engines} running: {len(live) - len(found)} of {len(live)} loops are well."
    return [Finding(Level.OK, "engine", said), *found]
