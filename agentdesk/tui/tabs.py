"""Open tabs, as values: each function takes a workspace and returns the next one."""

from dataclasses import replace

from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Tab, Workspace


def find(workspace: Workspace, interaction_id: InteractionId | None) -> Tab | None:
    """The tab of that interaction, if it is open."""
    return next((t for t in workspace.tabs if t.interaction_id == interaction_id), None)


def open_tab(workspace: Workspace, interaction_id: InteractionId, number: str) -> Workspace:
    """That interaction as the active tab; a new one goes to the right end."""
    if find(workspace, interaction_id) is None:
        tabs = (*workspace.tabs, Tab(interaction_id, number))
        workspace = replace(workspace, tabs=tabs)
    return replace(workspace, active=interaction_id)


def close_tab(workspace: Workspace, interaction_id: InteractionId) -> Workspace:
    """Without that tab; if it was active, its right neighbour is, else its left one."""
    ids = [tab.interaction_id for tab in workspace.tabs]
    if interaction_id not in ids:
        return workspace
    at = ids.index(interaction_id)
    rest = workspace.tabs[:at] + workspace.tabs[at + 1 :]
    active = workspace.active
    if active == interaction_id:
        active = rest[min(at, len(rest) - 1)].interaction_id if rest else None
    return Workspace(rest, active)


def step(workspace: Workspace, by: int) -> Workspace:
    """The tab *by* places to the right as the active one, round the ends."""
    if not workspace.tabs:
        return workspace
    ids = [tab.interaction_id for tab in workspace.tabs]
    at = ids.index(workspace.active) if workspace.active in ids else 0
    return replace(workspace, active=ids[(at + by) % len(ids)])


def place(workspace: Workspace, interaction_id: InteractionId, top: int) -> Workspace:
    """Where that tab is scrolled to."""
    tabs = tuple(
        replace(tab, top=top) if tab.interaction_id == interaction_id else tab
        for tab in workspace.tabs
    )
    return replace(workspace, tabs=tabs)
