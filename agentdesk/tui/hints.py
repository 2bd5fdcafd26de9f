"""The keys that texts on the screen name, under this agent's key map."""

from textual.dom import DOMNode

from agentdesk.tui.actions import BY_ID, keys_of, shown_key
from agentdesk.tui.shell import shell


def key_of(node: DOMNode, action_id: str) -> str:
    """The first key that runs *action_id*, as people write it."""
    keys = keys_of(BY_ID[action_id], shell(node).options.keymap)
    return shown_key(keys[0]) if keys else ""
