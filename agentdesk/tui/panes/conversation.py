"""The reading side of a tab, of an interaction or a case: what is read when, and what was seen."""

from collections.abc import Iterable
from pathlib import Path
from typing import Generic

from textual import events, on
from textual.app import ComposeResult
from textual.widget import Widget

from agentdesk.domain.views import StreamPage
from agentdesk.tui.messages import (
    PositionChanged,
    RecordsChanged,
    TabRequested,
    ViewRead,
)
from agentdesk.tui.panes.sources import Source, View
from agentdesk.tui.panes.stream_reader import StreamReader
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.activity_stream import ActivityStream
from agentdesk.tui.widgets.thread_head import ThreadHead


class ConversationPane(StreamReader, Generic[View]):
    """Shows view and stream of one thread and reads them again whenever a change names it."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, source: Source[View], top: int = 0) -> None:
        super().__init__(id=f"ix-{source.thread_id}")
        self.source = source
        self.thread_id, self.number = source.thread_id, source.number
        self.view: View | None = None
        self._top = top
        self._jump = False
        self._read_through = 0
        self._latest = Latest(self, self._read)

    def compose(self) -> ComposeResult:
        yield self.source.head()
        yield from self.compose_notices()
        yield ActivityStream(top=self._top, id="stream")

    def compose_notices(self) -> Iterable[Widget]:
        """What stands between head and conversation."""
        return ()

    def on_mount(self) -> None:
        """Read everything."""
        self._latest.ask()

    # Reading

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if self.thread_id in event.change.threads:
            self._latest.ask()

    def read_again(self) -> None:
        """Something of this thread was moved from here."""
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
        app = shell(self)
        if not app.is_open:
            return
        page = await app.act(self.source.stream(app))
        view = await app.act(self.source.view(app))
        if page is not None and self.is_attached:
            self._read_through = max(self._read_through, page.read_through)
            self.show_page(page, jump=self._jump)
            self._jump = False
        if view is not None and self.is_attached:
            self.show_view(view)

    def show_page(self, page: StreamPage, *, jump: bool) -> None:
        """The newest entries; *jump* to the last one."""
        self.stream.show(page, jump=jump)

    def show_view(self, view: View) -> None:
        """The head, and everything that depends on the state."""
        self.view = view
        self.query_one(ThreadHead).view = view
        self.post_message(ViewRead(view))
        self.refresh_bindings()

    @on(ActivityStream.EarlierWanted)
    def _earlier_wanted(self, event: ActivityStream.EarlierWanted) -> None:
        event.stop()
        self.run_worker(self._read_earlier(event.seq), group="earlier", exclusive=True)

    async def _read_earlier(self, seq: int) -> None:
        app = shell(self)
        page = await app.act(self.source.stream(app, seq))
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
        app = shell(self)
        await app.act(self.source.mark_read(app, seq))

    @on(ActivityStream.TopMoved)
    def _top_moved(self, event: ActivityStream.TopMoved) -> None:
        event.stop()
        self.post_message(PositionChanged(self.thread_id, event.top))

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

    @on(ThreadHead.LinkChosen)
    def _link_chosen(self, event: ThreadHead.LinkChosen) -> None:
        event.stop()
        self.post_message(TabRequested(event.thread_id, event.number))
