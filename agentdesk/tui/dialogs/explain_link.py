"""Why a mail lies where it lies, in plain words: what it was recognised by and what was weighed."""

from collections.abc import Iterable
from enum import StrEnum
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.domain.link_views import LinkCandidate, LinkView
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.widgets.cells import fit, one_line
from agentdesk.tui.widgets.score_bar import CELLS, Part, percent, score_bar

WORDS_SHOWN = 8
WORD_CHARACTERS = 200
NARROW = 60
"""Cells below which the bars are shorter."""


class AfterWhy(StrEnum):
    """What to do with the mail, once it is known why it is here."""

    MOVE = "move"
    ACCEPT = "accept"
    DECLINE = "decline"
    UNDO = "undo"


class ExplainLinkDialog(Dialog[AfterWhy]):
    """Shows one decision. Answers what to do about it; Escape leaves everything as it is."""

    CSS_PATH = with_dialog_css("explain_link.tcss")
    AUTO_FOCUS = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X,x", "answer('move')", show=False),
        Binding("equals_sign", "answer('accept')", show=False),
        Binding("minus", "answer('decline')", show=False),
        Binding("B,b", "answer('undo')", show=False),
        Binding("up", "scroll_text(-1)", show=False),
        Binding("down", "scroll_text(1)", show=False),
        Binding("pageup", "scroll_text(-8)", show=False),
        Binding("pagedown,space", "scroll_text(8)", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, view: LinkView) -> None:
        super().__init__()
        self._view = view

    def title_text(self) -> str:
        """`Why this mail is in CS0000007`."""
        return f"Why this mail is in {one_line(self._view.number)}"

    def compose_body(self) -> Iterable[Widget]:
        """The explanation, and what can be done now."""
        with VerticalScroll(id="why-scroll", can_focus=False):
            yield Static("", id="why", markup=False)
        yield Horizontal(*self._buttons(), classes="answers")

    def _buttons(self) -> Iterable[Button]:
        if self._view.proposed is not None:
            number = one_line(self._view.proposed.number)
            yield Button(f"Link to {number} (=)", id="accept", compact=True, variant="primary")
            yield Button("Leave it here (-)", id="decline", compact=True)
        if self._view.move_id is not None:
            yield Button("Undo the move (B)", id="undo", compact=True)
        yield Button("Move it (X)", id="move", compact=True)
        yield Button("Close", id="cancel", compact=True)

    def on_resize(self) -> None:
        """Sentences are wrapped for the width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        area = self.query_one("#why-scroll", VerticalScroll)
        width = max(24, area.scrollable_content_region.width or 60)
        self.query_one("#why", Static).update(explained(self._view, width))

    def action_scroll_text(self, by: int) -> None:
        """*by* lines further down."""
        self.query_one("#why-scroll", VerticalScroll).scroll_relative(y=by, animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self.action_answer(event.button.id or "")

    def action_answer(self, answer: str) -> None:
        """Close with one of `AfterWhy`, where it means anything."""
        view = self._view
        if answer in (AfterWhy.ACCEPT, AfterWhy.DECLINE) and view.proposed is None:
            return
        if answer == AfterWhy.UNDO and view.move_id is None:
            return
        self.dismiss(AfterWhy(answer))


def explained(view: LinkView, width: int) -> Content:
    """The whole explanation in lines of *width* cells."""
    rung = f"{view.rung_words[:1].upper()}{view.rung_words[1:]}"
    parts = _sentence(rung, width, "bold $foreground")
    parts += _sentence(view.reason, width, "$foreground")
    if view.moved:
        parts += [("\n", ""), *_sentence(view.moved, width, "$unread")]
    if view.candidates:
        parts += [("\n", ""), ("What was weighed\n", "bold $heading-text")]
        for candidate in view.candidates:
            parts += _head(candidate, width)
            parts += _score(candidate, view.threshold, width) if view.matcher else []
        parts += [("\n", ""), *_sentence(_how(view), width, "$muted-text")]
    return Content.assemble(*parts).rstrip()


def _how(view: LinkView) -> str:
    """Who scored, and from when on that is enough."""
    if not view.matcher:
        return "Nobody scored them: the rung above decided by itself."
    enough = ""
    if view.threshold is not None:
        enough = f" A record is linked from {percent(view.threshold)} on, which ┃ marks."
    return f"Scored by {one_line(view.matcher)}: how likely the mail belongs there.{enough}"


def _head(c: LinkCandidate, width: int) -> list[Part]:
    mark, style = ("→ ", "bold $calm") if c.chosen else ("  ", "bold $foreground")
    head, state = f"{mark}{one_line(c.number)}  ", one_line(c.state)
    room = width - cell_len(head) - cell_len(state) - 2
    subject = fit(one_line(c.subject) or "(no subject)", room)
    return [(head, style), (f"{subject}  ", "$foreground"), (f"{state}\n", "$muted-text")]


def _score(c: LinkCandidate, threshold: float | None, width: int) -> list[Part]:
    """Bar, percentage, and the words that counted beside them."""
    cells = CELLS if width >= NARROW else CELLS // 2
    lead = f"  {percent(c.score):>5}  "
    words = (
        ", ".join(one_line(word, WORD_CHARACTERS) for word in c.words[:WORDS_SHOWN])
        or "no word counted"
    )
    room = max(10, width - 2 - cells - len(lead))
    lines = wrap(words, room, break_on_hyphens=False) or [""]
    pad = "\n" + " " * (width - room)
    bar = [("  ", ""), *score_bar(c.score, threshold, cells), (lead, "$foreground")]
    return [*bar, (pad.join(lines), "$muted-text"), ("\n", "")]


def _sentence(words: str, width: int, style: str) -> list[Part]:
    return [(f"{line}\n", style) for line in wrap(one_line(words), width)]
