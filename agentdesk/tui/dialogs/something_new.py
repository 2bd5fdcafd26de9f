"""Sending stopped, because the thread moved while the agent was writing."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.domain.draft import News
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import moment_words, one_line

LAST_SHOWN = 4


class AfterStop(StrEnum):
    """What to do with the mail that was about to leave."""

    SHOW = "show"
    SEND = "send"
    EDIT = "edit"
    DISCARD = "discard"


class SomethingNewDialog(Dialog[AfterStop]):
    """Names what is new; then it is shown, the mail is sent anyway, edited or discarded.

    Escape goes back to the text.
    """

    CSS_PATH = with_dialog_css("something_new.tcss")
    TITLE_TEXT: ClassVar[str] = "Something new in this conversation"
    AUTO_FOCUS = "#show"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "answer('show')", show=False),
        Binding("e", "answer('edit')", show=False),
        Binding("a", "answer('send')", show=False),
        Binding("d", "answer('discard')", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, sentence: str, new: Sequence[News] = ()) -> None:
        super().__init__()
        self._sentence, self._new = sentence, tuple(new)

    def compose_body(self) -> Iterable[Widget]:
        """The service's sentence, what is new, and the answers."""
        yield Static(Content(self._sentence), classes="sentence")
        if self._new:
            yield Static(self._news(), classes="sentence", id="news", markup=False)
        yield Static(Content("Your mail has not been sent."), classes="sentence muted")
        yield Horizontal(
            Button("Show it (s)", id="show", compact=True, variant="primary"),
            Button("Edit (e)", id="edit", compact=True),
            Button("Discard (d)", id="discard", compact=True),
            Button("Send anyway (a)", id="send", compact=True, variant="warning"),
            classes="answers",
        )

    def _news(self) -> Content:
        """When, who and the first words of the last ones."""
        app = shell(self.app)
        lines = []
        earlier = len(self._new) - LAST_SHOWN
        if earlier > 0:
            lines.append(Content.styled(f"{earlier:,} more before these", "$muted-text"))
        for mail in self._new[-LAST_SHOWN:]:
            time = moment_words(mail.at, app.now(), app.options.zone)
            sign = ("↓ ", "$unread") if mail.incoming else ("↑ ", "$muted-text")
            who = (one_line(mail.who, 60), "bold")
            lines.append(Content.assemble((f"{time}  ", "$muted-text"), sign, who))
            lines.append(Content(f"  {one_line(mail.words)}"))
        return Content("\n").join(lines)

    @on(Button.Pressed)
    def _take_answer(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id or "edit")

    def action_answer(self, answer: str) -> None:
        """Close with one of `AfterStop`."""
        self.dismiss(AfterStop(answer))
