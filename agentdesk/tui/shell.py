"""The app around a widget, with its type; without importing it, because it imports the widgets."""

from typing import TYPE_CHECKING, cast

from textual.dom import DOMNode

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp


def shell(node: DOMNode) -> "DeskApp":
    """The running `DeskApp`."""
    return cast("DeskApp", node.app)
