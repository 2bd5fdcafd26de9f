"""Mails that could not be filed: why, what can be read of them, and what to do with them."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from agentdesk import services
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import LocationId
from agentdesk.domain.quarantine import Cause, Choice, Outcome, Place, SetAside, became
from agentdesk.domain.views import Page
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope, keys_of, shown_key
from agentdesk.tui.catalogue import BY_ID
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes.set_aside import SetAsidePane
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.set_aside_list import PLACES, Marks, Places, SetAsideList
from agentdesk.tui.widgets.virtual_list import VirtualList

EVERY_CAUSE = "all"
DOING = {
    "retry": "Trying again",
    "release": "Filing as plain text",
    "discard": "Discarding",
    "restore": "Taking back",
}
WHERE = {
    "retry_mail": {Place.ASIDE},
    "release_mail": {Place.ASIDE, Place.ASKED},
    "discard_mail": {Place.ASIDE, Place.ASKED},
}
"""In which lists an action means anything; the others work in each."""


class QuarantineScreen(Screen[None]):
    """A list above or beside the highlighted mail."""

    CSS_PATH = "quarantine.tcss"
    AUTO_FOCUS = "#mails"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-stacked"),
        (110, "-beside"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.QUARANTINE),
        *actions.bindings(Scope.LISTS, *actions.IN_EVERY_LIST),
        *(Binding(str(n), f"choose_list({n})", show=False) for n in range(1, len(PLACES) + 1)),
    ]

    def __init__(self) -> None:
        super().__init__(id="quarantine")
        self.marks = Marks()
        self._undo: tuple[LocationId, ...] = ()
        self._moving = False
        self._stop_asked = False
        self._folder = ""
        self._counting = Latest(self, self._count)
        self._reading = Latest(self, self._read_mail)

    def compose(self) -> ComposeResult:
        yield Places(id="places")
        with Container(id="set-aside"):
            yield SetAsideList(self.marks, self._fetch, id="mails")
            yield SetAsidePane(id="mail")
        yield DeskFooter()

    @property
    def places(self) -> Places:
        """The line at the top."""
        return self.query_one(Places)

    @property
    def rows(self) -> SetAsideList:
        """The list."""
        return self.query_one(SetAsideList)

    @property
    def pane(self) -> SetAsidePane:
        """The highlighted mail."""
        return self.query_one(SetAsidePane)

    # Reading

    def on_mount(self) -> None:
        """Another list, or another cause, is other rows."""
        self.watch(self.places, "choice", self._start_over, init=False)
        self._counting.ask()

    async def _fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[SetAside] | None:
        app, choice = shell(self), self.places.choice
        page = await app.act(
            services.set_aside.page(
                app.desk, app.actor, choice, after=after, before=before, limit=limit
            )
        )
        if page is not None and not page.rows and after is None and before is None:
            self.pane.show_mail(None)
        return page

    async def _count(self) -> None:
        app = shell(self)
        counts = await app.act(services.set_aside.counts(app.desk, app.actor))
        if counts is not None:
            self.places.counts = counts

    async def _read_mail(self) -> None:
        app, row = shell(self), self.rows.row
        if row is not None:
            mail = services.set_aside.mail(app.desk, app.actor, row.location_id)
            try:
                self.pane.show_mail(await mail)
            except DeskError:  # filed or taken by somebody meanwhile: the list says so at once
                self.rows.reload()

    def _start_over(self) -> None:
        self.marks.clear()
        self.places.marked = ""
        self.rows.start_over(self.places.choice)
        self.refresh_bindings()

    @on(RecordsChanged)
    def _records_changed(self) -> None:
        self._counting.ask()
        self.rows.reload()

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        self._reading.ask()
        self.refresh_bindings()

    # Which mails

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What means anything in this list, and where there is a mail."""
        if action not in BY_ID or BY_ID[action].scope is not Scope.QUARANTINE:
            return super().check_action(action, parameters)
        if action == "choose_cause":
            return True
        if action == "restore_mail" and self._place is Place.ASIDE:
            return bool(self._undo)
        return self.rows.has_rows and self._place in WHERE.get(action, set(Place))

    @property
    def _place(self) -> Place:
        return self.places.choice.place

    def _meant(self) -> Choice | Sequence[LocationId]:
        """All of the list, the marked mails, or the highlighted one."""
        if self.marks.everything:
            return self.places.choice
        row = self.rows.row
        return tuple(self.marks.keys) or ((row.location_id,) if row else ())

    def action_mark_mail(self) -> None:
        """Mark or unmark the highlighted mail, and go on to the next."""
        if (row := self.rows.row) is not None:
            self.marks.toggle(row.location_id)
            self.rows.refresh()
            self.rows.action_move(1)
            self.places.marked = self.marks.words

    def action_mark_all_mails(self) -> None:
        """All of this list, also those that are not read yet; again: none."""
        self.marks.toggle_everything()
        self.rows.refresh()
        self.places.marked = self.marks.words

    # What is done with them

    def action_retry_mail(self) -> None:
        """Read and file again."""
        self._do("retry", services.quarantine.retry_now)

    def action_release_mail(self) -> None:
        """File as plain text."""
        self._do("release", services.quarantine.release)

    def action_discard_mail(self) -> None:
        """Put away."""
        self._do("discard", services.quarantine.discard)

    def action_restore_mail(self) -> None:
        """Undo the last discard, or take back what the list shows."""
        which = self._undo if self._place is Place.ASIDE else None
        self._do("restore", services.quarantine.restore, which)

    @work(group="move")
    async def _do(
        self, what: str, do: Callable[..., Any], which: Sequence[LocationId] | None = None
    ) -> None:
        chosen = self._meant() if which is None else which
        if self._moving or not chosen or not await self._agreed(what, chosen):
            return
        self._moving, self._stop_asked = True, False
        try:
            done = await self._run(what, do, chosen)
        finally:
            self._moving, self.places.progress = False, ""
        if done is not None:
            self._finished(what, chosen, done)

    async def _agreed(self, what: str, chosen: Choice | Sequence[LocationId]) -> bool:
        """Filing many cannot be taken back, so it is asked for once more."""
        if what != "release" or (not isinstance(chosen, Choice) and len(chosen) == 1):
            return True
        from agentdesk.tui.dialogs.confirm import ConfirmDialog

        many = "every mail of this list" if isinstance(chosen, Choice) else f"{len(chosen)} mails"
        question = f"File {many} as plain text? Each becomes an interaction."
        dialog = ConfirmDialog(question, yes="File", no="Keep")
        return await shell(self).push_screen_wait(dialog) is True

    async def _run(
        self, what: str, do: Callable[..., Any], chosen: Choice | Sequence[LocationId]
    ) -> Outcome | None:
        app, done = shell(self), Outcome()
        total = "" if isinstance(chosen, Choice) else f" of {len(chosen):,}"
        try:
            async with aclosing(services.quarantine.run(app.desk, app.actor, do, chosen)) as steps:
                async for done in steps:
                    self.places.progress = f"{DOING[what]}: {done.total:,}{total} · esc stops"
                    if self._stop_asked:
                        break
        except DeskError as error:
            app.tell(str(error), "warning")
            return None
        return done

    def _finished(self, what: str, chosen: Choice | Sequence[LocationId], done: Outcome) -> None:
        self.marks.clear()
        self.places.marked = ""
        self._undo = ()
        said = list(became(what, done))
        if what == "discard" and done.changed and not isinstance(chosen, Choice):
            self._undo = tuple(chosen)
            said.append(f"{self._key('restore_mail')} takes it back.")
        shell(self).tell(" ".join(said), "warning" if done.again or done.failed else "information")
        self.rows.reload()
        self._counting.ask()
        self._reading.ask()
        self.refresh_bindings()

    def _key(self, action_id: str) -> str:
        keys = keys_of(BY_ID[action_id], shell(self).keymap)
        return shown_key(keys[0]) if keys else BY_ID[action_id].label

    @work(group="export", exclusive=True)
    async def action_export_mail(self) -> None:
        """Save the marked mails, or the highlighted one, as they came."""
        from agentdesk.tui.dialogs.save_attachment import Saveable, SaveAttachmentDialog
        from agentdesk.tui.panes.saving import default_folder, sentence

        app, name_of = shell(self), services.set_aside.file_name
        files = [
            Saveable(
                name_of(row.location_id, row.subject),
                row.size,
                partial(self._original, row.location_id),
                private=True,
            )
            for row in self.rows.chosen()
        ]
        if not files:
            return
        root = app.options.files_root
        folder = self._folder or default_folder(root)
        saved = await app.push_screen_wait(SaveAttachmentDialog(files, folder=folder, root=root))
        if saved is not None:
            self._folder = str(saved.folder)
            app.tell(sentence(saved))

    async def _original(self, location_id: LocationId) -> bytes | None:
        app = shell(self)
        found = await app.act(services.quarantine.original(app.desk, app.actor, location_id))
        return None if found is None else found[1]

    # What is shown

    @work(group="cause", exclusive=True)
    async def action_choose_cause(self) -> None:
        """Only mails with one cause, or all."""
        from agentdesk.tui.dialogs.picker import Choice as Line
        from agentdesk.tui.dialogs.picker import PickDialog

        counts, now = self.places.counts, self.places.choice
        found = counts.causes if counts else {}
        lines = [Line(EVERY_CAUSE, "Every cause")]
        lines += [Line(c.value, c.label, remark=str(found.get(c, ""))) for c in Cause]
        chosen = await self.app.push_screen_wait(PickDialog(lines, now.cause or EVERY_CAUSE))
        if chosen is not None:
            cause = None if chosen == EVERY_CAUSE else Cause(chosen)
            self.places.choice = Choice(now.place, cause)

    def action_toggle_source(self) -> None:
        """Bytes or text."""
        self.pane.toggle_source()

    @on(VirtualList.Selected)
    def action_open_mail(self) -> None:
        """The arrows scroll the text from now on."""
        self.pane.focus()

    def action_choose_list(self, place: int) -> None:
        """The list with that digit."""
        self.places.choice = Choice(PLACES[place - 1], self.places.choice.cause)

    def action_next_list(self) -> None:
        """The list to the right, round the end."""
        self._step(1)

    def action_previous_list(self) -> None:
        """The list to the left, round the end."""
        self._step(-1)

    def _step(self, by: int) -> None:
        at = (PLACES.index(self._place) + by) % len(PLACES)
        self.places.choice = Choice(PLACES[at], self.places.choice.cause)

    def action_go_back(self) -> None:
        """Stop what runs; else from the text to the list, and from the list to where one was."""
        if self._moving:
            self._stop_asked = True
        elif self.focused is self.pane:
            self.rows.focus()
        else:
            self.dismiss(None)
