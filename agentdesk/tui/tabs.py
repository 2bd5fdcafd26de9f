"""Open tabs, as values: each function takes a workspace and returns the next one."""

from dataclasses import replace

from agentdesk.domain.ids import ThreadId
from agentdesk.domain.views import Tab, Workspace


def find(workspace: Workspace, thread_id: ThreadId | None) -> Tab | None:
    """The tab of that interaction, if it is open."""
    return next((t for t in workspace.tabs if t.thread_id == thread_id), None)


def open_tab(workspace: Workspace, thread_id: ThreadId, number: str) -> Workspace:
    """That interaction as the active tab; a new one goes to the right end."""
    if find(workspace, thread_id) is None:
        tabs = (*workspace.tabs, Tab(thread_id, number))
        workspace = replace(workspace, tabs=tabs)
    return replace(workspace, active=thread_id)


def close_tab(workspace: Workspace, thread_id: ThreadId) -> Workspace:
    """Without that tab; if it was active, its right neighbour is, else its left one."""
    ids = [tab.thread_id for tab in workspace.tabs]
    if thread_id not in ids:
        return workspace
    at = ids.index(thread_id)
    rest = workspace.tabs[:at] + workspace.tabs[at + 1 :]
    active = workspace.active
    if active == thread_id:
        active = rest[min(at, len(rest) - 1)].thread_id if rest else None
    return Workspace(rest, active)


def become(workspace: Workspace, old: ThreadId, new: ThreadId, number: str) -> Workspace:
    """The tab of *old* as that of *new*, at its place; one that *new* had already goes."""
    kept = [tab for tab in workspace.tabs if tab.thread_id != new]
    tabs = tuple(Tab(new, number) if tab.thread_id == old else tab for tab in kept)
    opened = replace(workspace, tabs=tabs)
    return replace(opened, active=new) if workspace.active == old else opened


def step(workspace: Workspace, by: int) -> Workspace:
    """The tab *by* places to the right as the active one, round the ends."""
    if not workspace.tabs:
        return workspace
    ids = [tab.thread_id for tab in workspace.tabs]
    at = ids.index(workspace.active) if workspace.active in ids else 0
    return replace(workspace, active=ids[(at + by) % len(ids)])


def place(workspace: Workspace, thread_id: ThreadId, top: int) -> Workspace:
    """Where that tab is scrolled to."""
    tabs = tuple(
        replace(tab, top=top) if tab.thread_id == thread_id else tab for tab in workspace.tabs
    )
    return replace(workspace, tabs=tabs)
