"""How an interaction ended: a code, notes, and the time that is left to say so."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from agentdesk.domain.assistance import CodeSuggestion
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import CodeId
from agentdesk.domain.views import CodeChoice, WrapUpView
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.hints import key_of
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.wrap_up_bar import WrapUpBar

LONGEST_NOTES = 4_000
"""Characters. Source: research on the reference product, wrap-up notes."""


@dataclass(frozen=True, slots=True)
class WrapUpDraft:
    """What was chosen and typed when the dialog was left without submitting.

    `go_on`: the close was a mistake, the work goes on.
    """

    code_id: CodeId | None = None
    notes: str = ""
    go_on: bool = False


Submit = Callable[[CodeId, str], Awaitable[bool]]
Suggest = Callable[[], Awaitable[CodeSuggestion]]


class WrapUpDialog(Dialog[WrapUpDraft]):
    """Submits through *submit* and stays open when that says False.

    Answers None once submitted or closed elsewhere; escape answers what was typed and leaves the
    countdown running. `draft` is what an earlier visit had typed. *suggest* asks the assistant for a
    code, which is only highlighted; without it nothing is offered.
    """

    CSS_PATH = with_dialog_css("wrap_up.tcss")
    HINT: ClassVar[str] = "Tab moves · ^G submits · Esc leaves the countdown running"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g,ctrl+enter", "submit", "Submit", show=False, priority=True),
        Binding("f12", "suggest", "Suggest", show=False, priority=True),
    ]

    def __init__(
        self,
        number: str,
        view: WrapUpView,
        codes: Sequence[CodeChoice],
        submit: Submit,
        draft: WrapUpDraft | None = None,
        suggest: Suggest | None = None,
    ) -> None:
        super().__init__()
        self._number, self._view = number, view
        self._codes, self._submit = tuple(codes), submit
        self._draft = draft or WrapUpDraft()
        self._suggest = suggest
        self.submitting = False
        self._ended = False

    def title_text(self) -> str:
        """`Wrap up IMS0000123`."""
        return f"Wrap up {self._number}"

    def compose_body(self) -> Iterable[Widget]:
        """Countdown, codes, notes, submit."""
        yield WrapUpBar("then the default code", id="countdown")
        hint = f" · {key_of(self, 'suggest')} suggests one" if self._suggest is not None else ""
        yield Static(f"Code{hint}", classes="label")
        options = [Option(_code_line(c), id=str(c.code_id)) for c in self._codes]
        yield OptionList(*options, id="codes", compact=True, markup=False)
        yield Static("", id="advice", markup=False)
        yield Static("Notes", classes="label")
        yield TextArea(self._draft.notes, id="notes", tab_behavior="focus", compact=True)
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Go on working", id="go-on", compact=True),
            Button("Later", id="later", compact=True),
            Button("Submit", id="submit", compact=True, variant="primary"),
            classes="answers",
        )

    def on_mount(self) -> None:
        """The default code, or the one chosen before, is selected."""
        self.query_one(WrapUpBar).show_wrap_up(self._view)
        wanted = self._draft.code_id or self._view.default_code
        ids = [code.code_id for code in self._codes]
        codes = self.query_one("#codes", OptionList)
        codes.highlighted = ids.index(wanted) if wanted in ids else 0
        codes.focus()

    @on(OptionList.OptionSelected)
    def _go_to_notes(self) -> None:
        self.query_one("#notes").focus()

    @on(Button.Pressed, "#submit")
    def _press_submit(self) -> None:
        self.action_submit()

    @on(Button.Pressed, "#go-on")
    def _press_go_on(self) -> None:
        self.dismiss(replace(self._typed(), go_on=True))

    @on(Button.Pressed, "#later")
    def _press_later(self) -> None:
        self.action_cancel()

    def action_submit(self) -> None:
        """Save the code and notes, unless the notes are too long."""
        if self.submitting:
            return
        code, notes = self._chosen(), self._notes()
        if code is None:
            return self._complain("Choose a code first.")
        if len(notes) > LONGEST_NOTES:
            over = len(notes) - LONGEST_NOTES
            return self._complain(f"The notes are {over:,} characters too long. Shorten them.")
        self.submitting = True
        self._send(code, notes)

    @work(group="submit")
    async def _send(self, code: CodeId, notes: str) -> None:
        self.submitting = await self._submit(code, notes)
        if self.submitting:
            self.close_for_good()

    @work(group="suggest", exclusive=True)
    async def action_suggest(self) -> None:
        """Highlight the code that the assistant would choose, and say why."""
        if self._suggest is None:
            return
        self._advise(Content.styled("asking …", "$soon"))
        try:
            found = await self._suggest()
        except DeskError as error:
            return self._advise(Content.styled(one_line(str(error)), "$over"))
        at = next((n for n, c in enumerate(self._codes) if c.key and c.key == found.key), None)
        if at is not None:
            self.query_one("#codes", OptionList).highlighted = at
        name = self._codes[at].label if at is not None else "no code"
        said = f"{one_line(found.by)} suggests {name}: {one_line(found.why)}"
        self._advise(Content.styled(said, "$muted-text"))

    def _advise(self, words: Content) -> None:
        self.query_one("#advice", Static).update(words)

    def action_cancel(self) -> None:
        """Leave; the countdown goes on."""
        self.dismiss(self._typed())

    def _typed(self) -> WrapUpDraft:
        return WrapUpDraft(self._chosen(), self.query_one("#notes", TextArea).text)

    def close_for_good(self) -> None:
        """The wrap-up ended: submitted here or elsewhere, or its time is over."""
        self._ended = True
        if self.is_active:
            self.dismiss(None)

    @on(events.ScreenResume)
    def _close_late(self) -> None:
        """Something else stood in front when the wrap-up ended."""
        if self._ended:
            self.dismiss(None)

    def _chosen(self) -> CodeId | None:
        at = self.query_one("#codes", OptionList).highlighted
        return self._codes[at].code_id if at is not None and self._codes else None

    def _notes(self) -> str:
        return self.query_one("#notes", TextArea).text.strip()

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(Content(sentence))
        problem.add_class("-shown")


def _code_line(code: CodeChoice) -> Content:
    line = Content(f" {code.label}")
    return line + Content.styled("  default", "dim") if code.default else line
