"""Where mails and notes are written."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from agentdesk.domain.draft import DraftContent, DraftFile, DraftKind, swap_signature
from agentdesk.tui.actions import Scope, bindings
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import may_ask, shell
from agentdesk.tui.widgets.attachments import AttachmentStrip
from agentdesk.tui.widgets.body_text import BodyText
from agentdesk.tui.widgets.draft_keeper import HEARTBEAT_S, DraftKeeper
from agentdesk.tui.widgets.entry_text import local_time
from agentdesk.tui.widgets.envelope import Envelope
from agentdesk.tui.widgets.note_text import NameMenu, NoteText


class Mode(StrEnum):
    """What is written. A note is never mailed."""

    REPLY = "reply"
    NOTE = "note"


KINDS = {DraftKind.REPLY: "Reply", DraftKind.FORWARD: "Forward", DraftKind.NEW: "New mail"}

BODY_LINES, FEWEST_LINES = 8, 3
"""Lines that the text keeps, and those on a screen without room for more."""

STREAM_LINES = 10
"""What the head of the conversation, its newest lines and those around the text need."""


class Composer(Widget):
    """Hidden until `open_draft` or `open_note`. Keeps nothing itself: the `DraftKeeper` does.

    What needs more than this widget (sending, files, taking over) is asked for by message.
    """

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.COMPOSER),
        Binding("slash", "begin_template", show=False, priority=True),
    ]

    @dataclass
    class SendWanted(Message):
        """Send the mail, or add the note."""

        composer: "Composer"

    @dataclass
    class AidWanted(Message):
        """The writer wants the action *action_id*, which needs more than this widget."""

        composer: "Composer"
        action_id: str

    @dataclass
    class AttachWanted(Message):
        """A file should be attached."""

        composer: "Composer"

    @dataclass
    class DetachWanted(Message):
        """A file should go."""

        composer: "Composer"
        file: DraftFile

    @dataclass
    class TakeOverWanted(Message):
        """The draft should be written here, whoever writes it now."""

        composer: "Composer"

    @dataclass
    class Toggled(Message):
        """The composer was opened or closed."""

        composer: "Composer"

    @dataclass
    class Left(Message):
        """The person goes back to the conversation."""

        composer: "Composer"

    def __init__(self, mode: Mode, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=f"-{mode.value}")
        self.mode = mode
        self.keeper: DraftKeeper | None = None

    def compose(self) -> ComposeResult:
        if self.mode is Mode.NOTE:
            names = NameMenu()
            yield NoteText(names)
            yield names
            return
        yield Envelope()
        yield BodyText(
            id="body",
            soft_wrap=True,
            tab_behavior="focus",
            compact=True,
            highlight_cursor_line=False,
        )
        yield AttachmentStrip()

    def on_mount(self) -> None:
        """Keep the lock while open; a still cursor where settings say so."""
        self.body.cursor_blink = shell(self).options.blink
        if self.mode is Mode.REPLY:
            self.set_interval(HEARTBEAT_S, lambda: self.run_worker(self.beat(), group="heartbeat"))

    # What is written

    @property
    def body(self) -> TextArea:
        """The text."""
        return self.query_one("#body", TextArea)

    @property
    def envelope(self) -> Envelope:
        """The lines above it; a note has none."""
        return self.query_one(Envelope)

    @property
    def is_whole(self) -> bool:
        """Whether its fields are there: a tab that is being closed loses them first."""
        return bool(self.children)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    @property
    def content(self) -> DraftContent:
        """Everything as it stands in the fields."""
        if self.mode is Mode.NOTE:
            return DraftContent(body=self.body.text)
        return DraftContent(**self.envelope.typed, body=self.body.text)

    def open_draft(self, keeper: DraftKeeper) -> None:
        """Show the keeper's draft and write in it."""
        self.keeper = keeper
        self.envelope.show_copies(False)
        self._fill(keeper.typed)
        self.body.move_cursor((0, 0))
        self._set_open(True)
        self.show_standing()
        self.focus_text()

    def insert(self, text: str, subject: str = "") -> None:
        """*text* at the cursor; *subject* only where there is none."""
        start, end = self.body.selection
        self.body.replace(text, start, end, maintain_selection_offset=False)
        if self.mode is Mode.REPLY and subject and not self.envelope.field("subject").value.strip():
            self.envelope.field("subject").value = subject

    @on(Envelope.SenderChanged)
    def _sender_changed(self, event: Envelope.SenderChanged) -> None:
        """The signature goes with the address; one that a person changed stays."""
        event.stop()
        text = swap_signature(self.body.text, event.before.signature, event.now.signature)
        if text != self.body.text:
            self.body.replace(text, (0, 0), self.body.document.end)
        self._typed()

    def replace_text(self, text: str) -> None:
        """Another text for the whole body; undo takes it back. It stays here if the draft is lost."""
        self.body.replace(text, (0, 0), self.body.document.end)
        if self.keeper is not None:
            self.keeper.type(self.content)
            self.show_standing()
        self.focus_text()

    def show(self, content: DraftContent) -> None:
        """The draft says something else now: put it into the fields."""
        self._fill(content)
        self.show_standing()

    def write(self, content: DraftContent) -> None:
        """Put *content* into the fields, as if it had been typed."""
        self._fill(content)
        if self.keeper is not None:
            self.keeper.type(self.content)

    def open_note(self) -> None:
        """Show the note that was begun, or an empty one."""
        self._set_open(True)
        self.show_standing()
        self.body.focus()

    def focus_text(self) -> None:
        """To the first empty place that a mail needs."""
        if self.mode is Mode.REPLY and not self.envelope.field("to").value:
            self.envelope.field("to").focus()
        else:
            self.body.focus()

    def close(self) -> None:
        """Hide; what is typed stays with the keeper or, for a note, in the field."""
        self._set_open(False)
        self.keeper = None

    def _set_open(self, is_open: bool) -> None:
        self.set_class(is_open, "-open")
        self.post_message(self.Toggled(self))

    def clear(self) -> None:
        """Empty every field."""
        self._fill(DraftContent())

    def _fill(self, content: DraftContent) -> None:
        if self.mode is Mode.REPLY:
            self.envelope.fill(content)
        if self.body.text != content.body:
            self.body.load_text(content.body)

    # Standing

    def show_standing(self) -> None:
        """Title, files and whether one may write, as the keeper says now."""
        if not self.is_whole:
            return
        self.border_title = self._title()
        if self.keeper is None:
            return
        lost, read_only = bool(self.keeper.lost), self.keeper.read_only
        self.set_class(lost, "-lost")
        self.body.read_only = read_only
        self.envelope.allow(not read_only)
        self.query_one(AttachmentStrip).files = self.keeper.draft.files
        self._make_room()
        if lost and self.keeper.saved and self.content != self.keeper.draft.content:
            self._fill(self.keeper.draft.content)
        self.refresh_bindings()

    @on(Envelope.Resized)
    def _make_room(self) -> None:
        """However many lines stand around it, the text keeps its own; a tiny screen has fewer for it."""
        around = 1 + self.envelope.lines + bool(self.query_one(AttachmentStrip).files)
        room = cast(Widget, self.parent).size.height
        lines = max(FEWEST_LINES, min(BODY_LINES, room - STREAM_LINES)) if room else BODY_LINES
        self.styles.min_height = around + lines

    def _title(self) -> Content:
        if self.mode is Mode.NOTE:
            return Content.assemble(("Note", "bold"), (" · only colleagues see it", "$muted-text"))
        words, style = self._standing()
        kind = self.keeper.draft.kind if self.keeper is not None else DraftKind.REPLY
        markdown = " · Markdown" if shell(self).desk.rules.markdown else ""
        head = (f"{KINDS[kind]}{markdown}", "bold")
        return Content.assemble(head, (" · ", "$muted-text"), (words, style))

    def _standing(self) -> tuple[str, str]:
        keeper = self.keeper
        if keeper is None:
            return "", ""
        if keeper.free:
            return f"{keeper.lost} Type to write on", "$soon"
        if keeper.lost:
            rest = "" if keeper.saved else " What you typed last is kept here."
            return f"{keeper.lost}{rest} {key_of(self, 'take_over_draft')} takes over", "$late"
        if keeper.problem:
            return f"not saved: {keeper.problem}", "$over"
        app = shell(self)
        time = local_time(keeper.draft.updated_at, app.now(), app.options.zone)
        return f"saved {time} · lock: you", "$muted-text"

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self.keeper is not None and not self.keeper.read_only:
            self.keeper.type(self.content)

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.screen.focus_next()

    @on(AttachmentStrip.Removed)
    def _remove_file(self, event: AttachmentStrip.Removed) -> None:
        event.stop()
        self.post_message(self.DetachWanted(self, event.file))

    async def beat(self) -> None:
        """Say that somebody is still writing."""
        if self.keeper is not None and self.is_open:
            await self.keeper.heartbeat()

    async def on_unmount(self) -> None:
        """Whatever ends the pane, the last keystroke is saved."""
        keeper, self.keeper = self.keeper, None
        if keeper is not None and shell(self).is_open:
            await keeper.close()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is possible in this mode and standing."""
        reply, lost = self.mode is Mode.REPLY, bool(self.keeper and self.keeper.lost)
        possible = {
            "send_reply": not lost,
            "attach_file": reply and not lost,
            "choose_sending": reply and not lost,
            "insert_template": not lost,
            "suggest": reply and not lost and may_ask(self),
            "begin_template": not lost and self._on_empty_line,
            "edit_outside": not lost and shell(self).may_lend,
            "show_versions": reply,
            "toggle_copies": reply,
            "take_over_draft": lost,
        }
        return possible.get(action, True)

    def action_send_reply(self) -> None:
        """Send, or add the note."""
        self.post_message(self.SendWanted(self))

    def action_attach_file(self) -> None:
        """Choose a file."""
        self.post_message(self.AttachWanted(self))

    def action_choose_sending(self) -> None:
        """Send in another way than usual."""
        self._want("choose_sending")

    def action_insert_template(self) -> None:
        """A canned text at the cursor."""
        self._want("insert_template")

    @property
    def _on_empty_line(self) -> bool:
        """Whether a slash would be the only sign of its line."""
        body = self.body
        return body.has_focus and not body.document.get_line(body.cursor_location[0]).strip()

    def action_begin_template(self) -> None:
        """A slash on an empty line."""
        self._want("begin_template")

    def action_suggest(self) -> None:
        """What the assistant would write."""
        self._want("suggest")

    def action_show_versions(self) -> None:
        """What it said before."""
        self._want("show_versions")

    def action_edit_outside(self) -> None:
        """Write on in the person's own editor."""
        self._want("edit_outside")

    def _want(self, action_id: str) -> None:
        self.post_message(self.AidWanted(self, action_id))

    def action_take_over_draft(self) -> None:
        """Write here."""
        self.post_message(self.TakeOverWanted(self))

    def action_leave_composer(self) -> None:
        """Back to the conversation; everything stays."""
        self.post_message(self.Left(self))

    def action_toggle_copies(self) -> None:
        """Show Cc and Bcc, or hide them while they are empty."""
        self.envelope.toggle_copies()
