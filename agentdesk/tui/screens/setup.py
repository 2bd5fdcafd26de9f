"""The routing setup: every item as the TOML that it is, checked while it is written."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static, TextArea

from agentdesk import services
from agentdesk.domain.editing import Checked, SetupView
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.catalogue import BY_ID
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.reading import Latest
from agentdesk.tui.screens.setup_words import SetupHead, asked, marks, told, version_lines
from agentdesk.tui.setup_draft import OPTIONS, Draft, Place
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.outline import Outline
from agentdesk.tui.widgets.virtual_list import VirtualList

CALM_S = 0.25
"""So long nothing is typed before the document is checked."""
FIRST = Place("queues")


class SetupScreen(Screen[Draft | None]):
    """Answers the draft while it is not saved, so that it is there again the next time."""

    CSS_PATH = "setup.tcss"
    AUTO_FOCUS = "#outline"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.SETUP),
        *actions.bindings(Scope.LISTS, *actions.IN_EVERY_LIST),
    ]

    def __init__(self, draft: Draft | None = None) -> None:
        super().__init__(id="setup")
        self._draft = draft
        self._view: SetupView | None = None
        self._place = FIRST
        self._checked = Checked()
        self._checking = Latest(self, self._check)
        self._reading = Latest(self, self._read)
        self._calm: Timer | None = None

    def compose(self) -> ComposeResult:
        yield SetupHead(id="setup-head")
        with Horizontal(id="setup-parts"):
            yield Outline(id="outline")
            with Vertical(id="item"):
                yield TextArea(
                    id="toml",
                    soft_wrap=True,
                    tab_behavior="focus",
                    compact=True,
                    show_line_numbers=True,
                    read_only=True,
                )
                yield Static(id="told", markup=False)
        yield DeskFooter()

    def on_mount(self) -> None:
        """Read what is in force."""
        self.editor.cursor_blink = shell(self).options.blink
        self._reading.ask()

    @property
    def editor(self) -> TextArea:
        """The highlighted item's text."""
        return self.query_one("#toml", TextArea)

    @property
    def outline(self) -> Outline:
        """Sections and items."""
        return self.query_one(Outline)

    # Reading and checking

    async def _read(self) -> None:
        app = shell(self)
        view = await app.act(services.setup.current(app.desk, app.actor))
        if view is None:
            return
        self._view = view
        if self._draft is None or not self._draft.changed:
            await self._begin(Draft(view))
        elif self._draft.base_version != view.version:
            who = view.history[0].said if view.history else ""
            app.tell(f"The routing setup was changed meanwhile, {who}.", "warning")
        if self.outline.draft is None and self._draft is not None:
            await self._show(self._place)
        self._checking.ask()

    async def _begin(self, draft: Draft) -> None:
        self._draft = draft
        await self._show(self._place if draft.has(self._place) else Place(self._place.section))

    async def _check(self) -> None:
        app, draft = shell(self), self._draft
        if draft is None:
            return
        checked = await app.act(services.setup.check(app.desk, app.actor, draft.toml()))
        if checked is not None:
            self._checked = checked
            self._tell()

    def _tell(self) -> None:
        """What was found, and help for the line with the cursor."""
        draft = self._draft
        if draft is None:
            return
        self.outline.marks = marks(draft, self._checked)
        self.outline.refresh()
        self.query_one(SetupHead).said = (draft, self._checked, self._view)
        line = self.editor.cursor_location[0] if self.editor.has_focus else 0
        words = told(draft, self._checked, self._place, line)
        self.query_one("#told", Static).update(words)
        self.refresh_bindings()

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if event.change.policy:
            self._reading.ask()

    # The item

    async def _show(self, place: Place) -> None:
        assert self._draft is not None
        await self.outline.show(self._draft, place)
        self._open(place)

    def _open(self, place: Place) -> None:
        assert self._draft is not None
        self._place = place
        with self.prevent(TextArea.Changed):
            self.editor.load_text(self._draft.text(place))
        self.editor.read_only = not self._draft.has(place)
        self._tell()

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        place = self.outline.row
        if place is not None and place != self._place:
            self._open(place)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._draft is not None:
            self._draft.write(self._place, self.editor.text)
            if self._calm is not None:
                self._calm.stop()
            self._calm = self.set_timer(CALM_S, self._checking.ask)

    @on(TextArea.SelectionChanged)
    def _moved(self) -> None:
        self._tell()

    def on_descendant_focus(self) -> None:
        """The help is about the line with the cursor only while it is heard."""
        self._tell()

    # What may be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters belong to the text while it is written."""
        if action not in BY_ID or BY_ID[action].scope is not Scope.SETUP:
            return super().check_action(action, parameters)
        draft = self._draft
        if draft is None:
            return False
        if action in ("save_setup", "discard_setup"):
            return draft.changed
        if action == "undo_item":
            return draft.can_undo
        if action in ("add_item", "duplicate_item", "remove_item"):
            return self._place.section != OPTIONS and (action == "add_item" or self._place.at >= 0)
        return action == "show_setup_history" or draft.has(self._place)

    @on(VirtualList.Selected)
    def action_edit_item(self) -> None:
        """Into the text."""
        if not self.editor.read_only:
            self.editor.focus()

    async def action_add_item(self) -> None:
        """A new one, and into its text."""
        if self._draft is not None:
            await self._changed(self._draft.add(self._place))
            self.editor.focus()

    async def action_duplicate_item(self) -> None:
        """The same again."""
        if self._draft is not None:
            await self._changed(self._draft.duplicate(self._place))

    async def action_remove_item(self) -> None:
        """Without it; undo takes it back."""
        if self._draft is not None:
            await self._changed(self._draft.remove(self._place))

    async def action_move_item_up(self) -> None:
        """Before the one above."""
        await self._move(-1)

    async def action_move_item_down(self) -> None:
        """Behind the one below."""
        await self._move(1)

    async def _move(self, by: int) -> None:
        if self._draft is not None:
            await self._changed(self._draft.move(self._place, by))

    async def action_undo_item(self) -> None:
        """Take back the last of these."""
        if self._draft is not None:
            await self._changed(self._draft.undo())

    async def _changed(self, place: Place) -> None:
        await self._show(place)
        self._checking.ask()

    async def action_next_list(self) -> None:
        """The next section."""
        await self._step(1)

    async def action_previous_list(self) -> None:
        """The section above."""
        await self._step(-1)

    async def _step(self, by: int) -> None:
        if self._draft is None:
            return
        heads = [p for p in self._draft.places() if p.at < 0 or p.section == OPTIONS]
        here = [p.section for p in heads].index(self._place.section)
        await self._show(heads[(here + by) % len(heads)])

    # Saving, versions, leaving

    @work(group="save", exclusive=True)
    async def action_save_setup(self) -> None:
        """Say what changes, ask once, save."""
        app, draft = shell(self), self._draft
        if draft is None or not draft.changed:
            return
        await self._check()
        if problem := next(iter(draft.misplaced()), None):
            await self._show(problem)
            app.tell("Nothing was saved: an item does not begin as it must.", "warning")
        elif self._checked.problems:
            await self._show_first_problem(draft)
        elif not self._checked.changes:
            await self._begin_again()
            app.tell("Nothing was changed.")
        elif await self._agreed(self._checked, yes="Save"):
            text, base = draft.toml(), draft.base_version
            version = await app.act(services.setup.save(app.desk, app.actor, text, base))
            await self._saved(version, "The routing setup is in force on every desk.")

    async def _show_first_problem(self, draft: Draft) -> None:
        first = self._checked.problems[0]
        if first.line:
            await self._show(draft.place_of(first.line)[0])
        shell(self).tell(f"Nothing was saved: {first.sentence}", "warning")

    async def _agreed(self, checked: Checked, *, yes: str) -> bool:
        from agentdesk.tui.dialogs.confirm import ConfirmDialog

        dialog = ConfirmDialog(asked(checked), yes=yes, no="Back", title="Routing setup")
        return await shell(self).push_screen_wait(dialog) is True

    async def _saved(self, version: int | None, words: str) -> None:
        if version is not None:
            await self._begin_again()
            shell(self).tell(words)

    async def _begin_again(self) -> None:
        app = shell(self)
        view = await app.act(services.setup.current(app.desk, app.actor))
        if view is not None:
            self._view = view
            await self._begin(Draft(view))
            self._checking.ask()

    @work(group="save", exclusive=True)
    async def action_show_setup_history(self) -> None:
        """Choose an earlier version, see what it would change, restore it."""
        from agentdesk.tui.dialogs.picker import PickDialog

        app = shell(self)
        versions = await app.act(services.setup.history(app.desk, app.actor))
        if not versions:
            return
        lines = version_lines(versions, app.options.zone)
        chosen = await app.push_screen_wait(PickDialog(lines, lines[0].key))
        if chosen is None or chosen == lines[0].key:
            return
        text = await app.act(services.setup.text_of(app.desk, app.actor, int(chosen)))
        if text is None:
            return
        checked = await app.act(services.setup.check(app.desk, app.actor, text))
        if checked is None:
            return
        if checked.problems:
            app.tell(f"It cannot be restored: {checked.problems[0].sentence}", "warning")
        elif await self._agreed(checked, yes="Restore"):
            base = versions[0].version
            version = await app.act(services.setup.restore(app.desk, app.actor, int(chosen), base))
            await self._saved(version, f"The routing setup is as it was in version {chosen}.")

    @work(group="save", exclusive=True)
    async def action_discard_setup(self) -> None:
        """Begin again with what is in force."""
        from agentdesk.tui.dialogs.confirm import ConfirmDialog

        question = "Discard your changes of the routing setup? They were never in force."
        dialog = ConfirmDialog(question, yes="Discard", no="Keep", danger=True)
        if await shell(self).push_screen_wait(dialog):
            await self._begin_again()

    def action_go_back(self) -> None:
        """From the text to the list; from the list to the desk, what is not saved is kept."""
        if self.editor.has_focus:
            self.outline.focus()
            return
        kept = self._draft if self._draft is not None and self._draft.changed else None
        if kept is not None:
            shell(self).tell("Your changes of the routing setup are kept until you quit.")
        self.dismiss(kept)
