"""The templates screen: folders, and beside them the highlighted template and how it reads."""

from collections.abc import Hashable
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input

from agentdesk import services
from agentdesk.domain.actor import Role
from agentdesk.domain.template import Template
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.catalogue import BY_ID
from agentdesk.tui.hints import key_of
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes.template_files import export_templates, import_templates
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.template_shelf import NEW, Shelf
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread
from agentdesk.tui.widgets.template_form import TemplateForm
from agentdesk.tui.widgets.template_list import TemplateLine, TemplateList
from agentdesk.tui.widgets.virtual_list import VirtualList

OF_ONE = frozenset(
    {
        "edit_template",
        "copy_template",
        "rename_template",
        "move_template",
        "choose_queues",
        "toggle_kind",
        "remove_template",
    }
)
"""Actions that need a highlighted template."""


class TemplatesHead(LineWidget):
    """What this is, how many there are, and what is not saved."""

    said: reactive[tuple[int, int]] = reactive((0, 0))
    """Templates, and those with changes that are not saved."""

    def pieces(self, width: int) -> Line:
        """` Templates  12 …`, at the right what is to be saved."""
        count, unsaved = self.said
        line = [
            Piece(" Templates  ", "bold $heading-text"),
            Piece(f"{count}" if count else "none yet", "$muted-text"),
        ]
        words = f"{unsaved} not saved " if unsaved else ""
        return spread(line, [Piece(words, "bold $unread")], width)


class TemplatesScreen(Screen[None]):
    """Every agent reads it, supervisors change things."""

    CSS_PATH = "templates.tcss"
    AUTO_FOCUS = "#templates"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-stacked"),
        (120, "-beside"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.TEMPLATES),
        *actions.bindings(Scope.LISTS, "go_back"),
    ]

    def __init__(self) -> None:
        super().__init__(id="templates-screen")
        self.shelf = Shelf()
        self._queues: dict[str, str] = {}
        self._reading = Latest(self, self._read)

    def compose(self) -> ComposeResult:
        yield TemplatesHead(id="templates-head")
        with Horizontal(id="templates-parts"):
            with Vertical(id="template-side"):
                yield Input(id="find-template", placeholder="Words", compact=True)
                yield TemplateList(id="templates")
            yield TemplateForm(id="form")
        yield DeskFooter()

    def on_mount(self) -> None:
        """Read what there is."""
        self.query_one("#find-template", Input).cursor_blink = shell(self).options.blink
        self._reading.ask()

    @property
    def rows(self) -> TemplateList:
        """The list."""
        return self.query_one(TemplateList)

    @property
    def form(self) -> TemplateForm:
        """The highlighted template."""
        return self.query_one(TemplateForm)

    @property
    def editable(self) -> bool:
        """Whether this person may change templates."""
        return shell(self).actor.role is not Role.AGENT

    # Reading

    async def _read(self) -> None:
        app = shell(self)
        kept = await app.act(services.templates.every(app.desk, app.actor))
        queues = await app.act(services.templates.queues(app.desk, app.actor))
        if kept is not None and queues is not None and self.is_attached:
            self._queues = queues
            self.shelf.keep(kept)
            await self.show(self.rows.cursor)

    async def show(self, cursor: Hashable | None) -> None:
        """List and form as they are now, on the line *cursor*."""
        words = self.query_one("#find-template", Input).value
        templates = self.shelf.templates
        await self.rows.show(templates, self.shelf.unsaved, words, cursor)
        self._show_form()

    def _show_form(self) -> None:
        template = self.highlighted
        chosen = sorted(template.queues) if template else []
        names = [self._queues.get(key, key) for key in chosen]
        folders = {each.folder for each in self.shelf.templates}
        self.form.show(template, editable=self.editable, queues=names, folders=folders)
        if template is None:
            self.form.show_nothing(self._nothing_shown())
        self._show_head()

    def _nothing_shown(self) -> Content:
        if self.shelf.templates:
            return Content("")
        if not self.editable:
            return Content("There are no templates yet. A supervisor writes them here.")
        new, bring = key_of(self, "new_template"), key_of(self, "import_templates")
        return Content(f"There are no templates yet. {new} begins one, {bring} imports a file.")

    def _show_head(self) -> None:
        head = self.query_one(TemplatesHead)
        head.said = (len(self.shelf.templates), len(self.shelf.unsaved))
        self.refresh_bindings()

    @property
    def line(self) -> TemplateLine | None:
        """The highlighted line."""
        return self.rows.row

    @property
    def highlighted(self) -> Template | None:
        """The highlighted template, with what was typed."""
        line = self.line
        return None if line is None or line.template is None else self.shelf.get(line.template.id)

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if event.change.templates or event.change.policy:
            self._reading.ask()

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        self._show_form()

    @on(TemplateForm.Typed)
    def _typed(self) -> None:
        template = self.form.template
        if template is not None and self.editable:
            self.shelf.write(template)
            self._show_head()
            self.rows.refresh()

    @on(Input.Changed, "#find-template")
    async def _find(self, event: Input.Changed) -> None:
        event.stop()
        await self.show(self.rows.cursor)

    @on(Input.Submitted, "#find-template")
    def _found(self) -> None:
        self.rows.focus()

    # What may be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """By role, and where there is a template."""
        if action not in BY_ID or BY_ID[action].scope is not Scope.TEMPLATES:
            return super().check_action(action, parameters)
        if not self.children or not BY_ID[action].may(shell(self).actor.role):
            return False
        if action in OF_ONE:
            return self.highlighted is not None
        if action in ("save_template", "discard_template"):
            template = self.highlighted
            return template is not None and template.id in self.shelf.unsaved
        if action == "undo_template":
            return self.shelf.can_undo
        return True

    @on(VirtualList.Selected)
    def action_edit_template(self) -> None:
        """Into its text."""
        if self.highlighted is not None and self.editable:
            self.form.text.focus()

    async def action_new_template(self) -> None:
        """An empty one in this folder, and into its name."""
        await self._begin(self.shelf.new(self.line.folder if self.line else ""))

    async def action_copy_template(self) -> None:
        """The same again, and into its name."""
        if (template := self.highlighted) is not None:
            await self._begin(self.shelf.copy(template))

    async def _begin(self, template: Template) -> None:
        self.query_one("#find-template", Input).value = ""
        await self.show(template.id)
        self.form.field("name").focus()

    def action_rename_template(self) -> None:
        """Into its name."""
        self.form.field("name").focus()

    def action_move_template(self) -> None:
        """Into its folder."""
        self.form.field("folder").focus()

    async def action_toggle_kind(self) -> None:
        """A reply becomes a note, and back; its subject stays while it is not saved."""
        if (template := self.highlighted) is not None:
            await self._write(self.shelf.turned(template))

    @work(group="queues", exclusive=True)
    async def action_choose_queues(self) -> None:
        """Where it is offered."""
        from agentdesk.tui.dialogs.queue_choice import QueueChoiceDialog

        app, template = shell(self), self.highlighted
        if template is None:
            return
        dialog = QueueChoiceDialog(self._queues, template.queues)
        chosen = await app.push_screen_wait(dialog)
        if chosen is not None:
            await self._write(replace(template, queues=chosen))

    async def _write(self, template: Template) -> None:
        self.shelf.write(template)
        await self.show(template.id)

    # Saving and undoing

    @work(group="save", exclusive=True)
    async def action_save_template(self) -> None:
        """From now on everybody gets it so."""
        if (template := self.highlighted) is not None and await self._save(template):
            shell(self).tell(f"{self.shelf.saved_name} is saved.")

    async def _save(self, template: Template) -> bool:
        app = shell(self)
        saved = await app.act(services.templates.save(app.desk, app.actor, template))
        if saved is None:
            return False
        self.shelf.saved(template.id, saved)
        await self.show(saved.id if self.rows.cursor == template.id else self.rows.cursor)
        return True

    @work(group="save", exclusive=True)
    async def action_remove_template(self) -> None:
        """Without it; undo takes it back."""
        app, template = shell(self), self.highlighted
        if template is None:
            return
        if template.id != NEW:

            async def remove() -> bool:
                removing = services.templates.remove
                await removing(app.desk, app.actor, template.id, template.version)
                return True

            if not await app.act(remove()):
                return
        place = self.rows.neighbour
        self.shelf.removed(template.id)
        await self.show(place)
        if template.id != NEW:
            app.tell(f"{template.name} is deleted. {key_of(self, 'undo_template')} takes it back.")

    @work(group="save", exclusive=True)
    async def action_undo_template(self) -> None:
        """As before the last change that was saved here."""
        app = shell(self)
        undo = self.shelf.next_undo
        if undo is None:
            return

        async def take_back() -> Template | None:
            there = self.shelf.find(undo.template_id)
            if undo.before is None:
                assert there is not None
                await services.templates.remove(app.desk, app.actor, there.id, there.version)
                return undo.after
            if there is None:
                return await services.templates.put_back(app.desk, app.actor, undo.template_id)
            before = replace(undo.before, version=there.version)
            return await services.templates.save(app.desk, app.actor, before)

        done = await app.act(take_back())
        if done is not None:
            self.shelf.undone(done)
            app.tell(f"Taken back: {undo.words}.")
        self._reading.ask()

    async def action_discard_template(self) -> None:
        """Begin again with what is kept."""
        if (template := self.highlighted) is not None:
            self.shelf.discard(template.id)
            await self.show(self.rows.cursor)

    # Files and leaving

    @work(group="files", exclusive=True)
    async def action_import_templates(self) -> None:
        """Choose a file, see what it would change, agree."""
        await import_templates(shell(self))
        self._reading.ask()

    @work(group="files", exclusive=True)
    async def action_export_templates(self) -> None:
        """All of them as a file."""
        await export_templates(shell(self))

    def action_find_template(self) -> None:
        """Type some words."""
        box = self.query_one("#find-template", Input)
        box.add_class("-shown")
        box.focus()

    @work(group="leave", exclusive=True)
    async def action_go_back(self) -> None:
        """From the fields to the list, from the list to the desk; what is not saved is asked for."""
        box = self.query_one("#find-template", Input)
        if self.focused is not self.rows:
            self.rows.focus()
        elif box.has_class("-shown"):
            box.value = ""
            box.remove_class("-shown")
        elif await self._may_leave():
            self.dismiss(None)

    async def _may_leave(self) -> bool:
        from agentdesk.tui.dialogs.confirm import ConfirmDialog

        unsaved = [self.shelf.get(each) for each in self.shelf.unsaved]
        if not unsaved:
            return True
        names = ", ".join(t.name or "a template without a name" for t in unsaved[:3] if t)
        question = f"Save your changes before you leave? Not saved: {names}."
        answer = await shell(self).push_screen_wait(
            ConfirmDialog(question, yes="Save", no="Discard", title="Templates")
        )
        if answer is None:
            return False
        return not answer or all([await self._save(t) for t in unsaved if t is not None])
