"""Choose a canned text and see it as it will stand there."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from agentdesk import services
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.template import Filled, Template, TemplateKind
from agentdesk.domain.views import Page
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.hints import key_of
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.template_text import missing_sentence, preview
from agentdesk.tui.widgets.virtual_list import Column, VirtualList

SHOWN = 200
NONE = "No template."


class TemplateRows(VirtualList[Template], can_focus=False):
    """The lines; the keys come from the box above them."""


class TemplateDialog(Dialog[Filled]):
    """Answers the chosen template, filled in for the interaction.

    The list is narrowed by typing; beside it, or below on a narrow screen, is what will be inserted.
    """

    CSS_PATH = with_dialog_css("template.tcss")
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-below"),
        (100, "-beside"),
    ]
    HINT: ClassVar[str] = "Type to search · ↑↓ choose · ⇞⇟ scroll · Enter inserts · Esc cancels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "scroll_preview(-1)", show=False, priority=True),
        Binding("pagedown", "scroll_preview(1)", show=False, priority=True),
    ]

    def __init__(self, thread_id: ThreadId, kind: TemplateKind) -> None:
        super().__init__()
        self._about, self._kind = thread_id, kind
        self._reading = Latest(self, self._fill)

    def title_text(self) -> str:
        """What is inserted."""
        return "Insert a template" if self._kind is TemplateKind.REPLY else "Insert a note template"

    def compose_body(self) -> Iterable[Widget]:
        """Search, list, preview."""
        yield Input(placeholder="Words of its name, folder or text", compact=True, id="search")
        rows = TemplateRows(COLUMNS, self._fetch, key=lambda t: t.id, empty=NONE, id="templates")
        with_preview = VerticalScroll(Static("", id="preview", markup=False), id="preview-box")
        with_preview.can_focus = False
        yield Horizontal(
            rows, Vertical(Static("", id="missing"), with_preview, id="side"), id="parts"
        )

    def on_mount(self) -> None:
        """Typing searches."""
        self.query_one(Input).focus()

    @property
    def rows(self) -> TemplateRows:
        """The lines."""
        return self.query_one(TemplateRows)

    # Searching

    async def _fetch(self, *_cursors: object) -> Page[Template] | None:
        found = await self._search()
        if found == ():
            self.call_later(self._show, None)  # an answer may come before the preview is there
        return None if found is None else Page(found)

    async def _search(self, limit: int = SHOWN) -> tuple[Template, ...] | None:
        app, words = shell(self), self.query_one(Input).value
        return await app.act(
            services.templates.search(
                app.desk,
                app.actor,
                words,
                self._kind,
                thread_id=self._about,
                limit=limit,
            )
        )

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self.rows.cursor = None
        self.rows.load()

    def action_move(self, by: int) -> None:
        """The cursor *by* lines further, while typing goes on."""
        self.rows.action_move(by)

    # Preview

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        self._reading.ask()

    async def _fill(self) -> None:
        row = self.rows.row
        filled = await self._filled(row) if row is not None else None
        if row is not None and self.is_attached and self.rows.row == row:
            self._show(filled)

    def _show(self, filled: Filled | None) -> None:
        self.query_one("#preview-box", VerticalScroll).scroll_home(animate=False)
        words = self._why_empty() if filled is None else preview(filled.text, filled.subject)
        self.query_one("#preview", Static).update(words)
        line = missing_sentence(filled.missing if filled else ())
        missing = self.query_one("#missing", Static)
        missing.update(line)
        missing.set_class(bool(line), "-shown")

    def _why_empty(self) -> Content:
        if self.query_one(Input).value:
            return Content.styled("No template has these words.", "$muted-text")
        kind = "" if self._kind is TemplateKind.REPLY else "note "
        return Content.styled(
            f"There are no {kind}templates for this queue yet. A supervisor makes them on the "
            f"templates screen ({key_of(self, 'show_templates')} on the desk), or from a file: "
            "agentdesk templates import.",
            "$muted-text",
        )

    def action_scroll_preview(self, by: int) -> None:
        """A long text, a screenful further."""
        box = self.query_one("#preview-box", VerticalScroll)
        box.scroll_relative(y=by * max(1, box.size.height - 1), animate=False)

    # Choosing

    @on(Input.Submitted)
    @on(VirtualList.Selected)
    def _choose(self) -> None:
        self.run_worker(self._insert(), group="insert", exclusive=True)

    async def _insert(self) -> None:
        """What is highlighted; enter may be faster than the list."""
        row = self.rows.row
        if row is None:
            found = await self._search(limit=1)
            row = found[0] if found else None
        filled = None if row is None else await self._filled(row)
        if filled is not None:
            self.dismiss(filled)

    async def _filled(self, template: Template) -> Filled | None:
        app = shell(self)
        return await app.act(services.templates.fill(app.desk, app.actor, template.id, self._about))


def _name(template: Template) -> tuple[str, str]:
    return one_line(template.name), "$foreground"


def _folder(template: Template) -> tuple[str, str]:
    return one_line(template.folder), "$muted-text"


COLUMNS = (Column("Template", _name), Column("Folder", _folder, 14, from_width=34))
