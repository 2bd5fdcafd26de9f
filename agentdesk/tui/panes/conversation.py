"""The reading side of an interaction's tab: what is read when, and what was seen."""

from pathlib import Path

from textual import events, on
from textual.app import ComposeResult

from agentdesk import services
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import InteractionView
from agentdesk.tui.hints import key_of
from agentdesk.tui.messages import (
    PositionChanged,
    RecordsChanged,
    TabRequested,
    ViewRead,
)
from agentdesk.tui.panes import possible
from agentdesk.tui.panes.stream_reader import StreamReader
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.activity_stream import ActivityStream
from agentdesk.tui.widgets.composer import Composer, Mode
from agentdesk.tui.widgets.composer_prompt import ComposerPrompt
from agentdesk.tui.widgets.interaction_head import InteractionHead
from agentdesk.tui.widgets.send_bar import SendBar
from agentdesk.tui.widgets.wrap_up_bar import WrapUpBar


class ConversationPane(StreamReader):
    """Shows view and stream of one interaction and reads them again whenever a change names it."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, interaction_id: InteractionId, number: str, top: int = 0) -> None:
        super().__init__(id=f"ix-{interaction_id}")
        self.interaction_id, self.number = interaction_id, number
        self.view: InteractionView | None = None
        self._top = top
        self._jump = False
        self._read_through = 0
        self._latest = Latest(self, self._read)

    def compose(self) -> ComposeResult:
        yield InteractionHead(self.number, id="head")
        yield WrapUpBar(f"{key_of(self, 'close_interaction')} chooses a code", id="wrap-up")
        yield ActivityStream(top=self._top, id="stream")
        yield SendBar(id="sending")
        yield ComposerPrompt(id="prompt")
        yield Composer(Mode.REPLY, id="reply")
        yield Composer(Mode.NOTE, id="note")

    def on_mount(self) -> None:
        """Read everything."""
        self._latest.ask()

    # Reading

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if self.interaction_id in event.change.interactions:
            self._latest.ask()

    def read_again(self) -> None:
        """Something of this interaction was moved from here."""
        self._latest.ask()

    def go_on_reading(self) -> None:
        """After writing: to the end of the conversation, where the new entry will be."""
        self._jump = True
        self.stream.leave()
        self.focus_stream()
        self._latest.ask()

    def show_entry(self, seq: int) -> None:
        """Highlight that entry, wherever in the conversation it is."""
        self.stream.go_to(seq)

    async def _read(self) -> None:
        app, ix = shell(self), self.interaction_id
        if not app.is_open:
            return
        page = await app.act(services.views.stream(app.desk, app.actor, ix))
        view = await app.act(services.views.interaction(app.desk, app.actor, ix))
        if page is not None and self.is_attached:
            self._read_through = max(self._read_through, page.read_through)
            self.stream.show(page, jump=self._jump)
            for bar in self.query(SendBar):  # not where one only reads
                bar.show_waiting(page.entries)
            self._jump = False
        if view is not None and self.is_attached:
            self.show_view(view)

    def show_view(self, view: InteractionView) -> None:
        """The head, the countdown and everything that depends on the state."""
        self.view = view
        self.query_one(InteractionHead).view = view
        self.query_one(WrapUpBar).show_wrap_up(view.wrap_up)
        self.query_one(ComposerPrompt).view = view
        self.post_message(ViewRead(view))
        self.refresh_bindings()

    @on(ActivityStream.EarlierWanted)
    def _earlier_wanted(self, event: ActivityStream.EarlierWanted) -> None:
        event.stop()
        self.run_worker(self._read_earlier(event.seq), group="earlier", exclusive=True)

    async def _read_earlier(self, seq: int) -> None:
        app, ix = shell(self), self.interaction_id
        page = await app.act(services.views.stream(app.desk, app.actor, ix, before=seq))
        if page is not None and self.is_attached:
            self.stream.prepend(page)

    @on(ActivityStream.NewestWanted)
    def _newest_wanted(self, event: ActivityStream.NewestWanted) -> None:
        event.stop()
        self._jump = True
        self._latest.ask()

    # Seen

    @on(ActivityStream.BottomSeen)
    def _bottom_seen(self, event: ActivityStream.BottomSeen) -> None:
        event.stop()
        if event.seq > self._read_through:
            self._read_through = event.seq
            self.run_worker(self._mark_read(event.seq), group="read")

    async def _mark_read(self, seq: int) -> None:
        app, ix = shell(self), self.interaction_id
        await app.act(services.handling.mark_read(app.desk, app.actor, ix, seq))

    @on(ActivityStream.TopMoved)
    def _top_moved(self, event: ActivityStream.TopMoved) -> None:
        event.stop()
        self.post_message(PositionChanged(self.interaction_id, event.top))

    @on(ActivityStream.Selected)
    def _selected(self, event: ActivityStream.Selected) -> None:
        event.stop()
        self.refresh_bindings()

    @on(events.Show)
    def _shown(self) -> None:
        self.stream.call_after_refresh(self.stream.look)

    @on(events.Hide)
    def _hidden(self) -> None:
        self.stream.leave()

    def action_open_link(self) -> None:
        """The interaction that this one continues."""
        parent = possible.parent_of(self.view) if self.view is not None else None
        if parent is not None:
            self.post_message(TabRequested(*parent))

    @on(InteractionHead.LinkChosen)
    def _link_chosen(self, event: InteractionHead.LinkChosen) -> None:
        event.stop()
        self.action_open_link()
