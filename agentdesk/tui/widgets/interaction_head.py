"""The two lines above the conversation of an interaction: what it is about and how it stands."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.content import Content

from agentdesk.domain.ids import ThreadId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import InteractionView
from agentdesk.tui.widgets.cells import ROUTED, one_line
from agentdesk.tui.widgets.thread_head import (
    ThreadHead,
    dotted,
    link_to,
    priority,
    rest,
    spread,
    titled,
)

SHORT = {
    State.NEW: "New",
    State.WORK_IN_PROGRESS: "WIP",
    State.ON_HOLD: "Hold",
    State.WRAP_UP: "Wrap-up",
    State.CLOSED_COMPLETE: "Closed",
    State.CLOSED_ABANDONED: "Abandoned",
}
WIDE = 70
"""From this width on the state is written out."""


class InteractionHead(ThreadHead[InteractionView]):
    """Number, subject and state; below owner, queue, priority and links, and what stands still at a
    contact centre.
    """

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"head--{state.value.replace('_', '-')}" for state in State
    }

    def watch_view(self, view: InteractionView | None) -> None:
        """What stands still has a line of its own."""
        centre = view.centre if view is not None else None
        self.set_class(centre is not None and bool(centre.trouble), "-troubled")

    def lines(self, view: InteractionView, width: int) -> Sequence[Content]:
        """Both, or three."""
        first = spread(titled(view.number, view.subject), _chip(view, width), width)
        second = spread(_facts(view), self._links(view), width)
        if view.centre is None or not view.centre.trouble:
            return first, second
        words = Content.styled(f"! {one_line(view.centre.trouble)}", ".head--late")
        return first, second, words.truncate(width, ellipsis=True)

    def _links(self, view: InteractionView) -> Content:
        writing = self.writing()
        parts = [writing] if writing is not None else []
        if view.parent:
            parts.append(rest("continues ") + _link(view.parent_id, view.parent))
        if view.number_of_case:
            parts.append(rest("case ") + _link(view.case_id, view.number_of_case))
        return dotted(parts)


def _link(thread_id: ThreadId | None, number: str) -> Content:
    return rest(number) if thread_id is None else link_to(thread_id, number)


def _chip(view: InteractionView, width: int) -> Content:
    state = view.state
    words = state.label if width >= WIDE else SHORT[state]
    words = "Snoozed" if view.snoozed else words
    words = "Transferring" if view.transferring_to else words
    return Content.styled(f"● {words}", f".head--{state.value.replace('_', '-')}")


def _facts(view: InteractionView) -> Content:
    owner = f"{view.owner} (you)" if view.mine else view.owner or "nobody yet"
    queue = [rest(view.queue)] if view.queue else []
    return dotted([rest(owner), *_routed(view), *queue, priority(view.priority)])


def _routed(view: InteractionView) -> Sequence[Content]:
    """`⇄ Genesys Cloud: handing over…`: who routes it, and what it does there."""
    if view.centre is None:
        return ()
    name = rest(f"{ROUTED} {one_line(view.centre.name)}")
    words = (
        Content.styled(f": {view.centre.words}", ".head--soon") if view.centre.words else rest("")
    )
    return (name + words,)
