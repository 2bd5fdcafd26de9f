"""One interaction as a tab: head, wrap-up countdown, conversation, composer.

`ConversationPane` reads; this class hands what a person does to `Replying`, `Handling` and `Saving`.
It has `action_<id>` for every action of the scopes interaction and composer.
"""

from collections.abc import Coroutine
from typing import Any
from weakref import WeakKeyDictionary

from textual import events, on
from textual.app import App
from textual.widgets import Input, TextArea

from agentdesk import services
from agentdesk.domain.draft import Draft
from agentdesk.domain.ids import DraftId, InteractionId
from agentdesk.domain.interaction import WRITABLE
from agentdesk.domain.views import InteractionView
from agentdesk.tui.actions import BY_ID, Scope
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes import possible
from agentdesk.tui.panes.composing import Composing
from agentdesk.tui.panes.conversation import ConversationPane
from agentdesk.tui.panes.customer_keys import CustomerKeys
from agentdesk.tui.panes.handling import Handling
from agentdesk.tui.panes.recipients import RecipientCheck
from agentdesk.tui.panes.replying import Replying
from agentdesk.tui.panes.saving import Saving
from agentdesk.tui.panes.sending import Sending
from agentdesk.tui.panes.transferring import Transferring
from agentdesk.tui.panes.undelivered import Undelivered
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.composer import Composer, Mode
from agentdesk.tui.widgets.composer_prompt import ComposerPrompt
from agentdesk.tui.widgets.entry import EntryCard
from agentdesk.tui.widgets.interaction_head import InteractionHead
from agentdesk.tui.widgets.recipient_field import Field

_notes_begun: WeakKeyDictionary[App[Any], dict[InteractionId, str]] = WeakKeyDictionary()
"""Notes begun in tabs that were closed since. A note is in the database only once it is added."""


class InteractionPane(ConversationPane, CustomerKeys):
    """The tab of one interaction. Post `RecordsChanged` to it; await `flush` before it goes."""

    def __init__(self, interaction_id: InteractionId, number: str, top: int = 0) -> None:
        super().__init__(interaction_id, number, top)
        self._replying = Replying(self)
        self._handling = Handling(self)
        self._saving = Saving(self)
        self._transferring = Transferring(self)
        self._sending = Sending(self, self._replying)
        self._undelivered = Undelivered(self, self._sending)
        self._recipients = RecipientCheck(self)
        self._composing = Composing(self)
        self._others = Latest(self, self._read_others)
        self._note = ""

    def on_mount(self) -> None:
        """Bring back a note that was begun."""
        self._note = _notes_begun.get(self.app, {}).pop(self.interaction_id, "")
        self.note_composer.body.load_text(self._note)

    def on_unmount(self) -> None:
        """Keep a note that was begun, for as long as the app runs."""
        if self._note:
            _notes_begun.setdefault(self.app, {})[self.interaction_id] = self._note

    @on(TextArea.Changed, "#note TextArea")
    def _note_typed(self, event: TextArea.Changed) -> None:
        self._note = event.text_area.text

    # Composers

    @property
    def reply_composer(self) -> Composer:
        """Where mails are written."""
        return self.query_one("#reply", Composer)

    @property
    def note_composer(self) -> Composer:
        """Where notes are written."""
        return self.query_one("#note", Composer)

    @property
    def open_composer(self) -> Composer | None:
        """The one that is shown."""
        return next((c for c in (self.reply_composer, self.note_composer) if c.is_open), None)

    def focus_composer(self) -> None:
        """Give the keys to what is being written, or begin a reply."""
        if (composer := self.open_composer) is not None:
            composer.focus_text()
        else:
            self.action_open_reply()

    async def make_room(self, mode: Mode) -> None:
        """Fold the other composer: one is open at a time."""
        if mode is Mode.NOTE:
            await self._replying.fold()
        else:
            self.note_composer.close()

    def show_wrap_up(self) -> None:
        """The wrap-up began with what was sent: ask for its code."""
        self._do(self._handling.ask_for_code(), "close")

    def forget_draft(self) -> None:
        """The draft went with what was done: nothing of it is saved any more."""
        self._replying.forget()

    async def write_in(self, draft: Draft) -> None:
        """Write in *draft*; another one that is being written is folded and stays."""
        keeper = self.reply_composer.keeper
        if keeper is not None and keeper.draft.id == draft.id and not keeper.lost:
            return self.reply_composer.focus_text()
        await self._replying.fold()
        await self._replying.begin(draft)

    async def flush(self) -> None:
        """Save what is typed."""
        await self._replying.flush()

    def show_view(self, view: InteractionView) -> None:
        """Also: a wrap-up that ended elsewhere takes its dialog along."""
        super().show_view(view)
        self._handling.follow(view)
        self._others.ask()

    @on(RecordsChanged)
    def _drafts_changed(self, event: RecordsChanged) -> None:
        if event.change.drafts:
            self._do(self._replying.follow(event.change), "follow")
            self._others.ask()

    def open_draft(self, draft_id: DraftId) -> None:
        """Write on in that draft."""
        self._do(self._replying.open_draft(draft_id), "draft")

    async def _read_others(self) -> None:
        """Who else writes here."""
        app = shell(self)
        if app.is_open and self.view is not None and self.view.state in WRITABLE:
            rows = await app.act(services.drafts.of(app.desk, app.actor, self.interaction_id))
            if rows is not None and self.is_attached:
                self.query_one(InteractionHead).drafts = tuple(r for r in rows if not r.mine)

    @on(events.Hide)
    def _save_when_hidden(self) -> None:
        self._do(self._replying.flush(), "flush")

    # What is asked for by parts

    @on(Composer.SendWanted)
    def _send_wanted(self, event: Composer.SendWanted) -> None:
        event.stop()
        note = event.composer.mode is Mode.NOTE
        self._do(self._handling.add_note() if note else self._sending.send(), "send")

    @on(Composer.AidWanted)
    def _aid_wanted(self, event: Composer.AidWanted) -> None:
        event.stop()
        match event.action_id:
            case "choose_sending":
                self._do(self._sending.choose(), "send")
            case "insert_template":
                self._do(self._composing.insert_template(event.composer), "aid")
            case "begin_template":
                self._do(self._composing.insert_template(event.composer, typed="/"), "aid")
            case "show_versions":
                self._do(self._replying.choose_version(), "aid")
            case "edit_outside":
                self._do(self._composing.edit_outside(event.composer), "aid")

    @on(InteractionHead.DraftsChosen)
    def _drafts_chosen(self, event: InteractionHead.DraftsChosen) -> None:
        event.stop()
        self.action_choose_draft()

    @on(Composer.AttachWanted)
    def _attach_wanted(self, event: Composer.AttachWanted) -> None:
        event.stop()
        self._do(self._replying.attach(), "attach")

    @on(Composer.DetachWanted)
    def _detach_wanted(self, event: Composer.DetachWanted) -> None:
        event.stop()
        self._do(self._replying.detach(event.file), "attach")

    @on(Composer.TakeOverWanted)
    def _take_over_wanted(self, event: Composer.TakeOverWanted) -> None:
        event.stop()
        self._do(self._replying.take_over(), "draft")

    @on(Input.Changed, "#reply .field")
    @on(Field.Finished)
    def _envelope_typed(self) -> None:
        self._recipients.ask()

    @on(Composer.Toggled)
    def _toggled(self, event: Composer.Toggled) -> None:
        event.stop()
        self._recipients.ask()
        if event.composer is self.reply_composer and event.composer.is_open:
            self._do(self._recipients.prepare(), "prepare")
        self.query_one(ComposerPrompt).display = self.open_composer is None
        self.refresh_bindings()

    @on(Composer.Left)
    def _left(self, event: Composer.Left) -> None:
        event.stop()
        self._do(self._replying.flush(), "flush")
        self.focus_stream()

    @on(EntryCard.FileChosen)
    def _file_chosen(self, event: EntryCard.FileChosen) -> None:
        event.stop()
        self._do(self._saving.save(event.entry, event.index), "save")

    @on(EntryCard.UndoChosen)
    @on(ComposerPrompt.Chosen)
    async def _clicked_action(self, event: EntryCard.UndoChosen | ComposerPrompt.Chosen) -> None:
        event.stop()
        await self.run_action(event.action_id)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is possible now; services check again."""
        if action not in BY_ID:
            return True
        if not self.children:  # being opened or closed
            return False
        composer, entry = self.open_composer, self.stream.selected
        if BY_ID[action].scope is Scope.COMPOSER:
            return composer is not None and bool(composer.check_action(action, parameters))
        if action in possible.ON_ENTRY:
            return entry is not None and bool(possible.with_entry(action, entry))
        if action in ("undo_send", "change_send_time"):
            return self.stream.undoable is not None
        if action == "load_earlier":
            return self.stream.has_earlier
        if self.view is None:
            return False
        writing = composer is self.reply_composer
        return (
            possible.with_view(action, self.view, shell(self).actor, writing=writing) is not False
        )

    def _do(self, coro: Coroutine[Any, Any, object], group: str) -> None:
        """Away from the message loop: dialogs and services may take their time."""
        self.run_worker(coro, group=group)

    def action_open_reply(self) -> None:
        """Write to the customer."""
        self._do(self._replying.open(everyone=False), "draft")

    def action_open_reply_all(self) -> None:
        """Write to the customer and everybody in copy."""
        self._do(self._replying.open(everyone=True), "draft")

    def action_choose_draft(self) -> None:
        """What is being written here, by whomever."""
        self._do(self._replying.choose_draft(), "draft")

    def action_show_versions(self) -> None:
        """What the draft said before."""
        self._in_composer("show_versions")

    def action_open_forward(self) -> None:
        """Send the highlighted mail on."""
        if (entry := self.stream.selected) is not None and entry.message_id is not None:
            self._do(self._replying.forward(entry.message_id), "draft")

    async def action_open_note(self) -> None:
        """Write to colleagues only."""
        await self.make_room(Mode.NOTE)
        self.note_composer.open_note()

    def action_toggle_hold(self) -> None:
        """Wait for the customer, or go on."""
        self._do(self._handling.toggle_hold(), "move")

    def action_snooze_interaction(self) -> None:
        """Put it aside for a while."""
        self._do(self._handling.snooze(), "snooze")

    def action_close_interaction(self) -> None:
        """Close, or show the wrap-up that runs."""
        self._do(self._handling.close(), "close")

    def action_assign_to_me(self) -> None:
        """Take it out of its queue."""
        self._do(self._handling.assign(), "move")

    def action_transfer_interaction(self) -> None:
        """Hand it to another agent or queue."""
        self._do(self._transferring.ask(), "transfer")

    def action_save_attachment(self) -> None:
        """A file of the highlighted entry."""
        if (entry := self.stream.selected) is not None:
            self._do(self._saving.save(entry), "save")

    def action_undo_send(self) -> None:
        """Call back the highlighted mail, or the last one that still waits."""
        if (entry := self.stream.undoable) is not None:
            self._do(self._sending.undo(entry), "draft")

    def action_change_send_time(self) -> None:
        """When the highlighted mail goes out, or the last one that still waits."""
        if (entry := self.stream.undoable) is not None:
            self._do(self._sending.change_time(entry), "send")

    def action_send_again(self) -> None:
        """Once more, unchanged; where the outcome is unknown, after asking."""
        if (entry := self.stream.selected) is not None:
            self._do(self._undelivered.send_again(entry), "settle")

    def action_edit_again(self) -> None:
        """Back into the composer."""
        if (entry := self.stream.selected) is not None:
            self._do(self._undelivered.edit(entry), "draft")

    def action_settle_unknown(self) -> None:
        """What is known, and a decision."""
        if (entry := self.stream.selected) is not None:
            self._do(self._undelivered.ask(entry), "settle")

    def action_discard_draft(self) -> None:
        """Throw the draft away."""
        self._do(self._replying.discard(), "draft")

    def action_send_reply(self) -> None:
        """Send what is being written."""
        self._in_composer("send_reply")

    def action_attach_file(self) -> None:
        """Attach a file to it."""
        self._in_composer("attach_file")

    def action_toggle_copies(self) -> None:
        """Its Cc and Bcc."""
        self._in_composer("toggle_copies")

    def action_take_over_draft(self) -> None:
        """Write it here."""
        self._in_composer("take_over_draft")

    def action_choose_sending(self) -> None:
        """Send it in another way."""
        self._in_composer("choose_sending")

    def action_insert_template(self) -> None:
        """A canned text."""
        self._in_composer("insert_template")

    def action_edit_outside(self) -> None:
        """Its text in another editor."""
        self._in_composer("edit_outside")

    def action_leave_composer(self) -> None:
        """Back to the conversation."""
        self._in_composer("leave_composer")

    def _in_composer(self, action_id: str) -> None:
        if (composer := self.open_composer) is not None:
            composer.call_next(composer.run_action, action_id)

    def action_fold_composer(self) -> None:
        """Escape in the conversation: fold what is being written; it stays."""
        self.note_composer.close()
        self._do(self._replying.fold(), "draft")
