"""All fields of a person or an account, to create or to change them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Label, Static, TextArea

from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.dialogs.find_record import Find, FindDialog
from agentdesk.tui.record_draft import LABELS, AccountPick, Refusal, Typed
from agentdesk.tui.widgets.cells import one_line

Save = Callable[[Typed], Awaitable[Refusal | None]]
"""Saves what was typed; answers why not."""

PERSON = ("name", "language", "time_zone", "vip", "tags", "notes")
ACCOUNT = ("name", "tags", "notes")
NO_ACCOUNT = "none; Enter chooses one"
HINTS = {
    "addresses": "mara@acme.example, mara@olsen.example",
    "language": "nb, de, en-GB",
    "time_zone": "Europe/Oslo",
    "tags": "separated by commas",
}


class RecordForm(Dialog[bool]):
    """Saves through *save* and stays open, with what was typed, when that refuses. Answers True.

    *fields* are those that are shown. With `account` among them, *find* finds one.
    """

    CSS_PATH = with_dialog_css("record_form.tcss")
    HINT: ClassVar[str] = "Tab moves · ^G or Enter saves · Esc leaves everything as it was"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g,ctrl+enter", "submit", "Save", show=False, priority=True),
        Binding("delete,backspace", "no_account", show=False),
    ]

    def __init__(
        self,
        title: str,
        typed: Typed,
        save: Save,
        *,
        fields: Sequence[str] = PERSON,
        find: Find | None = None,
    ) -> None:
        super().__init__()
        self._title, self._typed, self._save = title, typed, save
        self._fields, self._find = tuple(fields), find
        self._account = typed.account
        self._saving = False

    def title_text(self) -> str:
        """As given, on one line."""
        return one_line(self._title)

    def compose_body(self) -> Iterable[Widget]:
        """A line for each field, the notes below."""
        for name in self._fields:
            if name == "notes":
                yield Static(LABELS[name], classes="label")
                yield TextArea(self._typed.notes, id="notes", tab_behavior="focus", compact=True)
            else:
                yield Horizontal(
                    Label(LABELS[name], classes="name"), self._field(name), classes="line"
                )
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Save", id="save", compact=True, variant="primary"),
            classes="answers",
        )

    def _field(self, name: str) -> Widget:
        if name == "vip":
            return Checkbox("important: shown with ★", self._typed.vip, id="vip", compact=True)
        if name == "account":
            return Button(_named(self._account), id="account", compact=True)
        return Input(
            getattr(self._typed, name),
            id=name,
            compact=True,
            select_on_focus=False,
            placeholder=HINTS.get(name, ""),
        )

    def on_mount(self) -> None:
        """The name first."""
        self.query_one("#name").focus()

    # What is typed

    @property
    def typed(self) -> Typed:
        """The fields as they are now."""
        fields: dict[str, Any] = {str(each.id): each.value for each in self.query(Input)}
        typed = replace(self._typed, **fields, account=self._account)
        if "vip" in self._fields:
            typed = replace(typed, vip=self.query_one("#vip", Checkbox).value)
        return replace(typed, notes=self.query_one("#notes", TextArea).text)

    def _show(self, typed: Typed) -> None:
        for each in self.query(Input):
            each.value = getattr(typed, str(each.id))
        if "vip" in self._fields:
            self.query_one("#vip", Checkbox).value = typed.vip
        if "account" in self._fields:
            self._take_account(typed.account)
        self.query_one("#notes", TextArea).load_text(typed.notes)

    @on(Button.Pressed, "#account")
    def _choose_account(self) -> None:
        if self._find is not None:
            dialog = FindDialog("Account", self._find, new=True)
            self.app.push_screen(dialog, self._account_chosen)

    def _account_chosen(self, hit: object) -> None:
        if isinstance(hit, AccountPick):
            self._take_account(hit)
            self.focus_next()

    def _take_account(self, account: AccountPick) -> None:
        self._account = account
        self.query_one("#account", Button).label = _named(account)

    def action_no_account(self) -> None:
        """On the account: none."""
        if self.focused is not None and self.focused.id == "account":
            self._take_account(AccountPick())

    # Saving

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def action_submit(self) -> None:
        """Save, once: a second press meanwhile does nothing."""
        if not self._saving:
            self._saving = True
            self._submit()

    @work(group="save")
    async def _submit(self) -> None:
        try:
            refusal = await self._save(self.typed)
        finally:
            self._saving = False
        if refusal is None:
            self.dismiss(True)
            return
        if refusal.typed is not None:
            self._show(refusal.typed)
        self._complain(refusal.sentence)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(Content(one_line(sentence)))
        problem.add_class("-shown")


def _named(account: AccountPick) -> Content:
    if not account:
        return Content.styled(NO_ACCOUNT, "italic")
    new = "" if account.account_id is not None else "  new"
    return Content.assemble(
        one_line(account.name, 60), (new or "  Enter chooses, Del removes", "dim")
    )
