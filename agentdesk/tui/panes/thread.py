"""A thread as a tab, an interaction or a case: head, conversation, composers.

`ConversationPane` reads; this class hands what a person does to its parts. What only an interaction
or only a case can do is added by `InteractionPane` and `CasePane`.
"""

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from textual import events, on
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Input, TextArea

from agentdesk import services
from agentdesk.domain.draft import Draft
from agentdesk.domain.ids import DraftId, ThreadId
from agentdesk.domain.views import CustomerCard, StreamPage
from agentdesk.tui.actions import BY_ID, Scope
from agentdesk.tui.dialogs.send_options import WAYS, Way
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes import possible
from agentdesk.tui.panes.composer_keys import ComposerKeys
from agentdesk.tui.panes.composing import Composing
from agentdesk.tui.panes.conversation import ConversationPane
from agentdesk.tui.panes.customer_keys import CustomerKeys
from agentdesk.tui.panes.entry_keys import EntryKeys
from agentdesk.tui.panes.moving_keys import MOVING, MovingKeys
from agentdesk.tui.panes.noting import Noting
from agentdesk.tui.panes.recipients import RecipientCheck
from agentdesk.tui.panes.replying import Replying
from agentdesk.tui.panes.saving import Saving
from agentdesk.tui.panes.sending import Sending
from agentdesk.tui.panes.sources import Source, View
from agentdesk.tui.panes.suggesting import Suggesting
from agentdesk.tui.panes.summarising import Summarising
from agentdesk.tui.panes.summary_keys import SummaryKeys
from agentdesk.tui.panes.undelivered import Undelivered
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.composer import Composer, Mode
from agentdesk.tui.widgets.composer_prompt import ComposerPrompt
from agentdesk.tui.widgets.entry import EntryCard
from agentdesk.tui.widgets.recipient_field import Field
from agentdesk.tui.widgets.send_bar import SendBar
from agentdesk.tui.widgets.summary import SummaryLine
from agentdesk.tui.widgets.thread_head import ThreadHead

_notes_begun: WeakKeyDictionary[App[Any], dict[ThreadId, str]] = WeakKeyDictionary()
"""Notes begun in tabs that were closed since. A note is in the database only once it is added."""


class ThreadPane(
    ConversationPane[View], EntryKeys, MovingKeys, ComposerKeys, CustomerKeys, SummaryKeys
):
    """The tab of one thread. Post `RecordsChanged` to it; await `flush` before it goes."""

    def __init__(self, source: Source[View], top: int = 0) -> None:
        super().__init__(source, top)
        self._replying = Replying(self)
        self._noting = Noting(self)
        self._saving = Saving(self)
        self._sending = Sending(self, self._replying)
        self._undelivered = Undelivered(self, self._sending)
        self._recipients = RecipientCheck(self)
        self._composing = Composing(self)
        self._suggesting = Suggesting(self)
        self.summarising = Summarising(self)
        self._others = Latest(self, self._read_others)
        self._note = ""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield SendBar(id="sending")
        yield ComposerPrompt(id="prompt")
        yield Composer(Mode.REPLY, id="reply")
        yield Composer(Mode.NOTE, id="note")

    def compose_notices(self) -> Iterable[Widget]:
        """What was summarised, where the card of it has no place."""
        yield SummaryLine()

    @property
    def customer(self) -> CustomerCard | None:
        """Whose it is."""
        return self.view.customer if self.view is not None else None

    # What the two kinds of threads answer

    @property
    def may_be_answered(self) -> bool:
        """Whether anybody may still write to the customer here."""
        raise NotImplementedError

    @property
    def drops_unused(self) -> bool:
        """Whether a reply in which nothing was typed goes when it is folded."""
        return True

    @property
    def ways(self) -> tuple[Way, ...]:
        """In which ways a mail of it may be sent."""
        return WAYS

    def allows(self, action_id: str, *, writing: bool) -> bool | None:
        """What its state allows; None where that does not decide."""
        raise NotImplementedError

    def closed_by_sending(self) -> None:
        """What was sent was to close it."""

    # Notes that were begun

    def on_mount(self) -> None:
        """Bring back a note that was begun."""
        self._note = _notes_begun.get(self.app, {}).pop(self.thread_id, "")
        self.note_composer.body.load_text(self._note)

    def on_unmount(self) -> None:
        """Keep a note that was begun, for as long as the app runs."""
        if self._note:
            _notes_begun.setdefault(self.app, {})[self.thread_id] = self._note

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

    def show_page(self, page: StreamPage, *, jump: bool) -> None:
        """Also what still waits to go out."""
        super().show_page(page, jump=jump)
        self.query_one(SendBar).show_waiting(page.entries)

    def show_view(self, view: View) -> None:
        """Also what can be written now, and by whom it is."""
        super().show_view(view)
        self.query_one(ComposerPrompt).view = view
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
        if app.is_open and self.view is not None and self.may_be_answered:
            rows = await app.act(services.drafts.of(app.desk, app.actor, self.thread_id))
            if rows is not None and self.is_attached:
                self.query_one(ThreadHead).drafts = tuple(r for r in rows if not r.mine)

    @on(events.Hide)
    def _save_when_hidden(self) -> None:
        self._do(self._replying.flush(), "flush")

    # What is asked for by parts

    @on(Composer.SendWanted)
    def _send_wanted(self, event: Composer.SendWanted) -> None:
        event.stop()
        note = event.composer.mode is Mode.NOTE
        self._do(self._noting.add() if note else self._sending.send(), "send")

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
            case "suggest":
                self._do(self._suggesting.ask(event.composer), "aid")
            case "show_versions":
                self._do(self._replying.choose_version(), "aid")
            case "edit_outside":
                self._do(self._composing.edit_outside(event.composer), "aid")

    @on(ThreadHead.DraftsChosen)
    def _drafts_chosen(self, event: ThreadHead.DraftsChosen) -> None:
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
        if not self.children or not hasattr(self, f"action_{action}"):
            return False  # being opened or closed; or nothing that this kind of thread does
        composer, entry = self.open_composer, self.stream.selected
        if BY_ID[action].scope is Scope.COMPOSER:
            return composer is not None and bool(composer.check_action(action, parameters))
        if action in possible.ON_ENTRY:
            return entry is not None and bool(possible.with_entry(action, entry))
        if action in MOVING:
            return self.may_move(action)
        if action in ("undo_send", "change_send_time"):
            return self.stream.undoable is not None
        if action == "show_summary":
            return self.summarising.state.allowed
        if action == "load_earlier":
            return self.stream.has_earlier
        if self.view is None:
            return False
        return self.allows(action, writing=composer is self.reply_composer) is not False

    def action_open_reply(self) -> None:
        """Write to the customer."""
        self._do(self._replying.open(everyone=False), "draft")

    def action_open_reply_all(self) -> None:
        """Write to the customer and everybody in copy."""
        self._do(self._replying.open(everyone=True), "draft")

    def action_choose_draft(self) -> None:
        """What is being written here, by whomever."""
        self._do(self._replying.choose_draft(), "draft")

    async def action_open_note(self) -> None:
        """Write to colleagues only."""
        await self.make_room(Mode.NOTE)
        self.note_composer.open_note()

    def action_discard_draft(self) -> None:
        """Throw the draft away."""
        self._do(self._replying.discard(), "draft")

    def action_fold_composer(self) -> None:
        """Escape in the conversation: fold what is being written; it stays."""
        self.note_composer.close()
        self._do(self._replying.fold(), "draft")
