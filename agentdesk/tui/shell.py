"""The app around a widget, with its type; without importing it, because it imports the widgets."""

from typing import TYPE_CHECKING, cast

from textual.dom import DOMNode

from agentdesk import services

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp


def shell(node: DOMNode) -> "DeskApp":
    """The running `DeskApp`."""
    return cast("DeskApp", node.app)


def may_ask(node: DOMNode) -> bool:
    """Whether this agent may ask the assistant; False until the desk is open."""
    app = shell(node)
    return app.is_open and services.summaries.may_ask(app.desk, app.actor)
