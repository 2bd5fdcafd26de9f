"""A file of people: what would happen, then the doing, with progress and a way to stop."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.domain.errors import DeskError
from agentdesk.domain.views import Page
from agentdesk.tui.dialogs.attach import AttachDialog
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.columns import Column
from agentdesk.tui.widgets.virtual_list import VirtualList


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line of the file that is not taken, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file, or would. `unknown`: columns that mean nothing to the desk."""

    form: str
    created: int
    updated: int
    as_was: int
    accounts: int
    refused: int
    lines: tuple[RefusedLine, ...] = ()
    unknown: tuple[str, ...] = ()


Progress = Callable[[int], None]
Run = Callable[[bool, Progress], Awaitable[Outcome]]
"""(only try, progress) -> what became of it. Raises `DeskError`."""


class ImportFileDialog(AttachDialog):
    """Which file."""

    CSS_PATH = with_dialog_css("attach.tcss")
    TITLE_TEXT: ClassVar[str] = "Import people from a file"
    TOO_LARGE: ClassVar[str] = "can be read here: split it."
    HINT: ClassVar[str] = "CSV or vCard · Tab completes · ↑↓ choose · Enter reads · Esc cancels"


class ImportDialog(Dialog[Outcome]):
    """Tries first, shows what would happen, and does it through *run* once that is wanted.

    Answers the outcome once it was done. Escape stops what runs; whole batches of people that were
    taken until then stay.
    """

    CSS_PATH = with_dialog_css("import_people.tcss")
    HINT: ClassVar[str] = "Enter imports once the report is there · Esc stops or leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, name: str, run: Run) -> None:
        super().__init__()
        self._file, self._run = one_line(name, 80), run
        self._lines: tuple[RefusedLine, ...] = ()
        self._running = False

    def title_text(self) -> str:
        """`Import people.csv`."""
        return f"Import {self._file}"

    def compose_body(self) -> Iterable[Widget]:
        """The report, the refused lines, answers."""
        yield Static("", id="report", classes="sentence", markup=False)
        with Vertical(id="refused"):
            yield VirtualList(
                COLUMNS, self._fetch, key=lambda row: row.line, empty="No line is refused."
            )
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Import", id="import", compact=True, variant="primary", disabled=True),
            classes="answers",
        )

    def on_mount(self) -> None:
        """Look at the whole file first."""
        self.query_one("#refused").display = False
        self._do(True)

    async def _fetch(self, after: str | None, before: str | None, limit: int) -> Page[RefusedLine]:
        start = int(after) if after is not None else 0
        part = self._lines[start : start + limit]
        more = start + limit < len(self._lines)
        return Page(part, after=str(start + limit) if more else None)

    @work(group="import", exclusive=True)
    async def _do(self, trial: bool) -> None:
        self._running = True
        self._progress(0, trial=trial)
        try:
            outcome = await self._run(trial, lambda seen: self._progress(seen, trial=trial))
        except DeskError as error:
            self._complain(str(error))
            return
        finally:
            self._running = False
        if trial:
            self._show(outcome)
        else:
            self.dismiss(outcome)

    def _progress(self, seen: int, *, trial: bool) -> None:
        if self.is_attached:
            what = "Looking at the file" if trial else "Importing"
            count = f": {seen:,} people" if seen else " …"
            self.query_one("#report", Static).update(Content(f"{what}{count} · Esc stops"))

    def _show(self, outcome: Outcome) -> None:
        self._lines = outcome.lines
        self.query_one("#report", Static).update(Content("\n".join(report(outcome, trial=True))))
        self.query_one("#refused").display = bool(self._lines)
        self.query_one(VirtualList).load()
        button = self.query_one("#import", Button)
        button.disabled = not (outcome.created or outcome.updated)
        self.query_one("#cancel" if button.disabled else "#import").focus()

    @on(Button.Pressed, "#import")
    def _import(self) -> None:
        if not self._running:
            self.query_one("#import", Button).disabled = True
            self._do(False)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

    def _complain(self, sentence: str) -> None:
        self.query_one("#report", Static).update(Content("Nothing was imported."))
        problem = self.query_one(".problem", Static)
        problem.update(Content(one_line(sentence)))
        problem.add_class("-shown")
        self.query_one("#cancel").focus()


def report(outcome: Outcome, *, trial: bool) -> Sequence[str]:
    """What became of a file in a few lines; *trial*: what would become of it."""
    will = "would be " if trial else ""
    lines = [
        f"{_count(outcome.created, 'person', 'people')} {will}new, {outcome.updated:,} {will}changed, "
        f"{outcome.as_was:,} known as they are."
    ]
    if outcome.accounts:
        lines.append(f"{_count(outcome.accounts, 'account', 'accounts')} {will}new.")
    if outcome.refused:
        shown = len(outcome.lines)
        first = f" The first {shown:,} are listed." if shown < outcome.refused else ""
        lines.append(f"{_count(outcome.refused, 'line', 'lines')} refused.{first}")
    if outcome.unknown:
        names = ", ".join(one_line(name, 40) for name in outcome.unknown[:5])
        lines.append(f"Columns that mean nothing here: {names}.")
    return lines


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


COLUMNS: tuple[Column[RefusedLine], ...] = (
    Column("Line", lambda row: (f"{row.line:,}", "$muted-text"), 9, 0, True),
    Column("Why it is refused", lambda row: (one_line(row.why), "$foreground")),
)
