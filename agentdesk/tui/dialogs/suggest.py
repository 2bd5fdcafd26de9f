"""A text that the assistant writes while one looks on: a reply, or a translation.

The dialog answers the text for the draft, or None. It can send nothing.
"""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Button, Input, Static
from textual.worker import Worker

from agentdesk.domain import languages
from agentdesk.domain.assistance import Suggestion
from agentdesk.domain.errors import DeskError
from agentdesk.domain.text import safe
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.summary_text import cost_words

Ask = Callable[[str], AsyncGenerator[Suggestion, None]]
"""What is asked, with what stands in the field."""

NOTHING = Suggestion()


class SuggestDialog(Dialog[str]):
    """A field, and below it what comes. Enter asks, and takes what is there once it is whole."""

    CSS_PATH = with_dialog_css("suggest.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "scroll_preview(-1)", show=False, priority=True),
        Binding("pagedown", "scroll_preview(1)", show=False, priority=True),
    ]
    LABEL: ClassVar[str] = ""
    TAKE: ClassVar[str] = "Insert"

    def __init__(self, ask: Ask, value: str = "") -> None:
        super().__init__()
        self._ask, self._value = ask, value
        self._said = NOTHING
        self._asked: str | None = None
        self._writing: Worker[None] | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Field, text, standing, buttons."""
        yield Static(self.LABEL, classes="label", markup=False)
        yield self.field()
        with_text = VerticalScroll(Static("", id="preview", markup=False), id="preview-box")
        with_text.can_focus = False
        yield with_text
        yield Static("", id="standing", markup=False)
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Close", id="leave", compact=True),
            Button(self.TAKE, id="take", compact=True, variant="primary", disabled=True),
            classes="answers",
        )

    def field(self) -> Input:
        """What is said with the question."""
        return Input(self._value, compact=True, id="said")

    def on_mount(self) -> None:
        """Typing comes first."""
        self.query_one(Input).focus()
        self._stand()

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._writing is not None

    # Asking

    @on(Input.Submitted)
    def _enter(self) -> None:
        value = self.query_one(Input).value
        if self.busy:
            return
        if self._said.whole and value == self._asked:
            self.take()
        else:
            self._begin(value)

    def _begin(self, value: str) -> None:
        self._asked, self._said = value, NOTHING
        self._complain("")
        self._writing = self.run_worker(self._write(value), group="suggest")
        self._stand()

    async def _write(self, value: str) -> None:
        try:
            async with aclosing(self._ask(value)) as parts:
                async for part in parts:
                    self._said = part
                    self._stand()
        except DeskError as error:
            self._said = NOTHING
            self._complain(str(error))
        finally:
            self._writing = None
            if self.is_attached:
                self._stand()

    def _stand(self) -> None:
        """The text so far, and how it stands."""
        self.query_one("#preview", Static).update(Content(safe(self._said.text)))
        self.query_one("#standing", Static).update(self._standing())
        self.query_one("#take", Button).disabled = not self._said.whole

    def _standing(self) -> Content:
        if self.busy:
            return Content.styled(f"{one_line(self._said.step) or 'writing'} … esc stops", "$soon")
        if self._said.whole:
            cost = cost_words(self._said.usage, shell(self).desk.rules.ai.currency)
            who = " · ".join(filter(None, (one_line(self._said.by), cost)))
            return Content.styled(f"{who} · {self._what_next()} · esc leaves", "$muted-text")
        part = "stopped · " if self._said.text else ""
        return Content.styled(f"{part}enter asks · esc leaves", "$muted-text")

    def _what_next(self) -> str:
        return f"enter takes it ({self.TAKE.lower()})"

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(Content(one_line(sentence)))
        problem.set_class(bool(sentence), "-shown")

    # Ending

    @on(Button.Pressed, "#take")
    def take(self) -> None:
        """What is there goes into the draft."""
        if self._said.whole:
            self.dismiss(self._said.text)

    @on(Button.Pressed, "#leave")
    def _leave(self) -> None:
        self.dismiss(None)

    def action_cancel(self) -> None:
        """Stop what is being written; else leave."""
        if self._writing is not None:
            self._writing.cancel()
        else:
            self.dismiss(None)

    def action_scroll_preview(self, by: int) -> None:
        """A long text, a screenful further."""
        box = self.query_one("#preview-box", VerticalScroll)
        box.scroll_relative(y=by * max(1, box.size.height - 1), animate=False)


class ReplyDialog(SuggestDialog):
    """A reply to the customer's last mail, for the draft."""

    TITLE_TEXT = "Suggest a reply"
    LABEL = "What do you want to say? (may stay empty)"


class TranslationDialog(SuggestDialog):
    """The draft's own text in another language, in its place."""

    TITLE_TEXT = "Translate your text"
    LABEL = "Into which language?"
    TAKE = "Replace"

    def field(self) -> Input:
        """Names of languages are completed while one types."""
        known = SuggestFromList(languages.every(), case_sensitive=False)
        return Input(self._value, suggester=known, compact=True, id="said")

    @on(Input.Submitted)
    def _must_be_named(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            event.prevent_default()
            self._complain("Name a language, for example German.")


class MailTranslationDialog(TranslationDialog):
    """A mail in another language, to be read; the mail itself stays as it is."""

    TITLE_TEXT = "Translate the mail"
    TAKE = "Copy"

    def take(self) -> None:
        """Into the clipboard; a translation of a mail never takes its place."""
        if self._said.whole:
            app = shell(self)
            app.copy_to_clipboard(self._said.text)
            app.tell("The translation is in the clipboard.")
