"""What is said of a case: to create one of an interaction, or to edit it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static, TextArea

from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.dialogs.find_choice import FindChoiceDialog, among
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.dialogs.submitting import SubmittingDialog
from agentdesk.tui.widgets.cells import one_line

NOTHING = ""
"""The key of no category, no group, nobody."""

PRIORITIES = tuple(
    Choice(str(level), f"P{level}", remark=words)
    for level, words in enumerate(("most urgent", "urgent", "usual", "low", "lowest"), 1)
)


@dataclass(frozen=True, slots=True)
class CaseTyped:
    """The fields of the form; the chosen ones by their keys."""

    subject: str = ""
    description: str = ""
    priority: str = "3"
    category: str = NOTHING
    group: str = NOTHING
    assign_to: str = NOTHING


Choices = Mapping[str, Sequence[Choice]]
"""What may be chosen for each field; a field without choices is not shown."""

Save = Callable[[CaseTyped], Awaitable[str]]
"""Saves it; answers the sentence that refuses it, empty when it went."""

Summary = Callable[[], Awaitable[str]]
"""A text for the description; empty where there is none."""

LABELS = {
    "priority": "Priority",
    "category": "Category",
    "group": "Group",
    "assign_to": "Assigned to",
}
EXISTING = "existing"
SAVED = "saved"


class CaseForm(SubmittingDialog[str]):
    """Saves through *save* and stays open when that refuses. Answers `SAVED`, or `EXISTING` where an
    existing case shall take the interaction instead.

    *closes* says what happens to the interaction, where there is one.
    """

    CSS_PATH = with_dialog_css("case_form.tcss")
    HINT: ClassVar[str] = "Tab moves · ^G saves · Esc leaves everything as it was"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g,ctrl+enter", "submit", "Save", show=False, priority=True),
        Binding("f6", "fill_in", "Summary", show=False, priority=True),
        Binding("f7", "take_existing", "Existing", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        typed: CaseTyped,
        choices: Choices,
        save: Save,
        *,
        summary: Summary,
        closes: str = "",
    ) -> None:
        super().__init__()
        self._title, self._typed, self._choices = title, typed, choices
        self._save, self._summary, self._closes = save, summary, closes

    def title_text(self) -> str:
        """As given, on one line."""
        return one_line(self._title)

    def compose_body(self) -> Iterable[Widget]:
        """A line for each field, the description between."""
        subject = Input(self._typed.subject, id="subject", compact=True, select_on_focus=False)
        yield Horizontal(Label("Subject", classes="name"), subject, classes="line")
        yield Static("Description", classes="label")
        yield TextArea(
            self._typed.description, id="description", tab_behavior="focus", compact=True
        )
        for name in self._choices:
            button = Button(self._named(name), id=name, compact=True)
            yield Horizontal(Label(LABELS[name], classes="name"), button, classes="line")
        if self._closes:
            yield Static(Content(self._closes), id="closes")
        yield Static("", classes="problem", markup=False)
        yield Horizontal(*self._buttons(), classes="answers")

    def _buttons(self) -> Iterable[Button]:
        yield Button("Summary F6", id="fill-in", compact=True)
        if self._closes:
            yield Button("Existing case F7", id="existing", compact=True)
        yield Button("Cancel", id="cancel", compact=True)
        words = "Create" if self._closes else "Save"
        yield Button(words, id="save", compact=True, variant="primary")

    def on_mount(self) -> None:
        """The subject first."""
        super().on_mount()
        self.query_one("#subject").focus()

    def _named(self, name: str) -> Content:
        key = getattr(self._typed, name)
        found = next((c for c in self._choices[name] if c.key == key), None)
        label = one_line(found.label, 50) if found is not None else "none"
        return Content.assemble(label, ("  Enter chooses", "dim"))

    # Choosing

    @on(Button.Pressed, "#priority, #category, #group, #assign_to")
    def _choose(self, event: Button.Pressed) -> None:
        self._ask(str(event.button.id))

    @work(group="choose", exclusive=True)
    async def _ask(self, name: str) -> None:
        choices, title = self._choices[name], LABELS[name]
        dialog: Dialog[str]
        if name == "assign_to":
            dialog = FindChoiceDialog(title, among(choices), placeholder="A name")
        else:
            dialog = PickDialog(choices, getattr(self._typed, name), title)
        key = await self.app.push_screen_wait(dialog)
        if key is not None and self.is_attached:
            self._typed = replace(self._typed, **{name: key})
            self.query_one(f"#{name}", Button).label = self._named(name)

    # Description

    @on(Button.Pressed, "#fill-in")
    @work(group="summary", exclusive=True)
    async def action_fill_in(self) -> None:
        """The description from the newest summary; what was typed stays below it."""
        words = await self._summary()
        if not self.is_attached:
            return
        if not words:
            return self.complain("There is no summary of this conversation for you.")
        area = self.query_one("#description", TextArea)
        typed = area.text.strip()
        if words.strip() not in typed:
            area.load_text(f"{words.strip()}\n\n{typed}".strip())
        area.focus()

    # Answers

    @on(Button.Pressed, "#existing")
    def action_take_existing(self) -> None:
        """A case that exists shall take it."""
        if self._closes:
            self.dismiss(EXISTING)

    @on(Button.Pressed, "#save")
    def action_submit(self) -> None:
        """Save what was typed."""
        self.submit(partial(self._save, self.typed), SAVED)

    @property
    def typed(self) -> CaseTyped:
        """The fields as they are now."""
        subject = self.query_one("#subject", Input).value.strip()
        description = self.query_one("#description", TextArea).text.strip()
        return replace(self._typed, subject=subject, description=description)
