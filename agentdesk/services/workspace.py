"""Tabs, positions and a folder: what an agent finds again after a restart."""

from dataclasses import asdict
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.views import Tab, Workspace
from agentdesk.services.desk import Desk
from agentdesk.storage import desk_states


async def load(desk: Desk, actor: Actor) -> Workspace:
    """The actor's workspace; an empty one at first."""
    async with desk.store.read() as tx:
        kept = await desk_states.get(tx, actor.agent_id, "workspace")
    if not kept:
        return Workspace()
    return Workspace(tuple(map(_tab, kept["tabs"])), kept["active"])


def _tab(kept: dict[str, Any]) -> Tab:
    """Tabs that were kept before there were cases name their interaction."""
    return Tab(kept.get("thread_id") or kept["interaction_id"], kept["number"], kept["top"])


async def folder(desk: Desk, actor: Actor) -> str:
    """Where the actor saved a file last; empty before the first."""
    async with desk.store.read() as tx:
        kept = await desk_states.get(tx, actor.agent_id, "folder")
    return str(kept["path"]) if kept else ""


async def keep_folder(desk: Desk, actor: Actor, path: str) -> None:
    """Remember where the actor saved a file."""
    async with desk.store.write() as tx:
        await desk_states.put(tx, actor.agent_id, "folder", {"path": path})


async def save(desk: Desk, actor: Actor, workspace: Workspace) -> None:
    """Keep the actor's workspace."""
    async with desk.store.write() as tx:
        await desk_states.put(tx, actor.agent_id, "workspace", asdict(workspace))
