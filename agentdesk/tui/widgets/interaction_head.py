"""The two lines above a conversation: what it is about and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from agentdesk.domain.interaction import State
from agentdesk.domain.views import DraftRow, InteractionView
from agentdesk.tui.widgets.cells import one_line

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

HIGHEST = {1: ".head--late", 2: ".head--soon"}


class InteractionHead(Widget):
    """Number, subject and state; below owner, queue, priority and links."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "head--number",
        "head--subject",
        "head--rest",
        "head--link",
        "head--soon",
        "head--late",
        *(f"head--{state.value.replace('_', '-')}" for state in State),
    }

    view: reactive[InteractionView | None] = reactive(None)
    drafts: reactive[tuple[DraftRow, ...]] = reactive(())
    """What others have begun to write."""

    @dataclass
    class DraftsChosen(Message):
        """What others write was clicked."""

    @dataclass
    class LinkChosen(Message):
        """The parent was clicked."""

        number: str

    def __init__(self, number: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.set_reactive(InteractionHead.auto_links, False)
        self._number = number

    def render(self) -> Content:
        """Both lines at the present width."""
        width = self.content_size.width
        if self.view is None:
            return Content.styled(self._number, ".head--number")
        first = _spread(_subject(self.view), _chip(self.view, width), width)
        links = _links(self.view, self.drafts)
        return first + Content("\n") + _spread(_facts(self.view), links, width)

    def action_choose_draft(self) -> None:
        """What others write was clicked."""
        self.post_message(self.DraftsChosen())

    def action_open_parent(self) -> None:
        """The parent's number was clicked."""
        if self.view is not None:
            self.post_message(self.LinkChosen(self.view.parent))


def _spread(left: Content, right: Content, width: int) -> Content:
    room = max(0, width - right.cell_length - (2 if right else 0))
    left = left.truncate(room, ellipsis=True)
    return left.pad_right(max(0, width - left.cell_length - right.cell_length)) + right


def _subject(view: InteractionView) -> Content:
    subject = view.subject or "(no subject)"
    return Content.assemble((view.number, ".head--number"), "  ", (subject, ".head--subject"))


def _chip(view: InteractionView, width: int) -> Content:
    state = view.state
    words = state.label if width >= WIDE else SHORT[state]
    words = "Snoozed" if view.snoozed else words
    return Content.styled(f"● {words}", f".head--{state.value.replace('_', '-')}")


def _facts(view: InteractionView) -> Content:
    owner = f"{view.owner} (you)" if view.mine else view.owner or "nobody yet"
    facts = [Content.styled(fact, ".head--rest") for fact in (owner, view.queue) if fact]
    facts.append(Content.styled(f"P{view.priority}", HIGHEST.get(view.priority, ".head--rest")))
    return Content.styled(" · ", ".head--rest").join(facts)


def _writing(drafts: Sequence[DraftRow]) -> str:
    """`Ben Okafor is writing`; who only began to is named where nobody writes now."""
    writers = list(dict.fromkeys(d.writer for d in drafts if d.writer))
    if len(writers) > 1:
        return f"{len(writers)} others are writing"
    if writers:
        return f"{one_line(writers[0])} is writing"
    begun = list(dict.fromkeys(d.author for d in drafts if d.touched))
    return f"draft of {one_line(begun[0])}" if begun else ""


def _links(view: InteractionView, drafts: Sequence[DraftRow]) -> Content:
    parts = []
    if words := _writing(drafts):
        link = Content.styled(words, ".head--soon")
        parts.append(link.stylize(Style.from_meta({"@click": "choose_draft"})))
    if view.parent:
        link = Content.styled(view.parent, ".head--link")
        link = link.stylize(Style.from_meta({"@click": "open_parent"}))
        parts.append(Content.styled("continues ", ".head--rest") + link)
    if view.number_of_case:
        parts.append(Content.styled(f"case {view.number_of_case}", ".head--rest"))
    return Content.styled(" · ", ".head--rest").join(parts)
