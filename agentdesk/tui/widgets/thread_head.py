"""The lines above a conversation, of an interaction or a case: what both have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from agentdesk.domain.case_head import ThreadView
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.views import DraftRow
from agentdesk.tui.widgets.cells import one_line

View = TypeVar("View", bound=ThreadView)

DOT = " · "
HIGHEST = {1: ".head--late", 2: ".head--soon"}


class ThreadHead(Widget, Generic[View]):
    """Shows `view`, and who else writes. `lines` gives what stands there once something was read."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "head--number",
        "head--subject",
        "head--rest",
        "head--link",
        "head--calm",
        "head--soon",
        "head--late",
        "head--over",
    }

    view: reactive[View | None] = reactive(None, layout=True)
    drafts: reactive[tuple[DraftRow, ...]] = reactive(())
    """What others have begun to write."""

    @dataclass
    class DraftsChosen(Message):
        """What others write was clicked."""

    @dataclass
    class LinkChosen(Message):
        """Another record was clicked."""

        thread_id: ThreadId
        number: str

    def __init__(self, number: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.set_reactive(ThreadHead.auto_links, False)
        self._number = number

    def render(self) -> Content:
        """Every line at the present width."""
        if self.view is None:
            return Content.styled(self._number, ".head--number")
        return Content("\n").join(self.lines(self.view, self.content_size.width))

    def lines(self, view: View, width: int) -> Sequence[Content]:
        """What stands there."""
        raise NotImplementedError

    def writing(self) -> Content | None:
        """Who else writes, to be clicked; None where nobody does."""
        if not (words := _writing(self.drafts)):
            return None
        link = Content.styled(words, ".head--soon")
        return link.stylize(Style.from_meta({"@click": "choose_draft"}))

    def action_choose_draft(self) -> None:
        """What others write was clicked."""
        self.post_message(self.DraftsChosen())

    def action_open_thread(self, thread_id: ThreadId, number: str) -> None:
        """A link was clicked."""
        self.post_message(self.LinkChosen(thread_id, number))


def link_to(thread_id: ThreadId, number: str) -> Content:
    """The number of another record, which opens it."""
    click = Style.from_meta({"@click": f"open_thread({thread_id}, '{number}')"})
    return Content.styled(number, ".head--link").stylize(click)


def rest(words: str) -> Content:
    """Words that stay in the background."""
    return Content.styled(words, ".head--rest")


def dotted(parts: Sequence[Content]) -> Content:
    """*parts* in one line."""
    return rest(DOT).join(parts)


def titled(number: str, subject: str) -> Content:
    """Number and subject."""
    words = subject or "(no subject)"
    return Content.assemble((number, ".head--number"), "  ", (words, ".head--subject"))


def priority(level: int) -> Content:
    """`P2`, in the colour of its urgency."""
    return Content.styled(f"P{level}", HIGHEST.get(level, ".head--rest"))


def spread(left: Content, right: Content, width: int) -> Content:
    """*left* and *right* at both ends of *width* cells; *left* is cut where there is no room."""
    room = max(0, width - right.cell_length - (2 if right else 0))
    left = left.truncate(room, ellipsis=True)
    return left.pad_right(max(0, width - left.cell_length - right.cell_length)) + right


def _writing(drafts: Sequence[DraftRow]) -> str:
    """`Ben Okafor is writing`; who only began to is named where nobody writes now."""
    writers = list(dict.fromkeys(d.writer for d in drafts if d.writer))
    if len(writers) > 1:
        return f"{len(writers)} others are writing"
    if writers:
        return f"{one_line(writers[0])} is writing"
    begun = list(dict.fromkeys(d.author for d in drafts if d.touched))
    return f"draft of {one_line(begun[0])}" if begun else ""
