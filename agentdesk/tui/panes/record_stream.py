"""Everything that ever passed between us and a person or an account, as one stream."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Static

from agentdesk.domain.views import StreamPage
from agentdesk.tui.panes.stream_reader import READERS, StreamReader
from agentdesk.tui.reading import Latest
from agentdesk.tui.widgets.activity_stream import ActivityStream

NOTHING = "Nothing ever came or went."

ReadStream = Callable[[int | None], Awaitable[StreamPage | None]]
"""The newest entries, or those before a seq; None where that failed and was told."""


class RecordStream(StreamReader):
    """Reads with *read* when it is shown first, and again when it is told to."""

    DEFAULT_CSS = """
    RecordStream { height: 1fr; width: 1fr; }
    RecordStream > #nothing { display: none; padding: 1; color: $faint-text; }
    """

    def __init__(self, read: ReadStream, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._read_page = read
        self._latest = Latest(self, self._read)
        self._jump = False

    def compose(self) -> ComposeResult:
        yield Static(NOTHING, id="nothing", markup=False)
        yield ActivityStream(id="stream")

    def on_mount(self) -> None:
        """Read the end."""
        self._latest.ask()

    def reload(self) -> None:
        """Something changed."""
        self._latest.ask()

    async def _read(self) -> None:
        page = await self._read_page(None)
        if page is not None and self.is_attached:
            self.query_one("#nothing").display = not page.entries
            self.stream.show(_all_read(page), jump=self._jump)
            self._jump = False

    @on(ActivityStream.EarlierWanted)
    def _earlier_wanted(self, event: ActivityStream.EarlierWanted) -> None:
        event.stop()
        self.run_worker(self._read_earlier(event.seq), group="read-earlier", exclusive=True)

    async def _read_earlier(self, seq: int) -> None:
        page = await self._read_page(seq)
        if page is not None and self.is_attached:
            self.stream.prepend(page)

    @on(ActivityStream.NewestWanted)
    def _newest_wanted(self, event: ActivityStream.NewestWanted) -> None:
        event.stop()
        self._jump = True
        self._latest.ask()

    @on(ActivityStream.BottomSeen)
    @on(ActivityStream.TopMoved)
    def _place(self, event: ActivityStream.BottomSeen | ActivityStream.TopMoved) -> None:
        """Nothing is marked as read here, and no place is kept."""
        event.stop()

    @on(ActivityStream.Selected)
    def _selected(self, event: ActivityStream.Selected) -> None:
        event.stop()
        self.refresh_bindings()

    @on(events.Show)
    def _shown(self) -> None:
        self.stream.call_after_refresh(self.stream.look)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what reads; the stream hands its keys on to here."""
        if action == "load_earlier":
            return bool(self.children) and self.stream.has_earlier
        if action in ("leave", "fold_composer"):
            return True
        return action in READERS

    async def action_fold_composer(self) -> None:
        """Escape in the stream: nothing is written here, so it leaves."""
        await self.screen.run_action("go_back")


def _all_read(page: StreamPage) -> StreamPage:
    """Nothing in it is marked as new: what is unread belongs to its interaction's agent."""
    last = page.entries[-1].seq if page.entries else 0
    return replace(page, read_through=max(page.read_through, last))
