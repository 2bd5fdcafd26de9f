"""What waits to go out of this conversation, and how it is taken back."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from pathlib import Path

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.sending_words import goes_out, seconds, undoable


class SendBar(Static):
    """`Goes out in 7 s · u undoes`, ticking. Hidden while nothing waits.

    All of it follows from `due_at`, so it reads the same after a restart.
    """

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self._waiting: tuple[StreamEntry, ...] = ()

    def on_mount(self) -> None:
        """Tick from now on."""
        shell(self).ticked.subscribe(self, lambda _: self.tick())

    def show_waiting(self, entries: Sequence[StreamEntry]) -> None:
        """Those of *entries* that can still be called back."""
        self._waiting = tuple(e for e in entries if e.delivery is Delivery.DELAYED)
        self.tick()

    def tick(self) -> None:
        """Say what is left at this moment."""
        self.set_reactive(SendBar.auto_links, False)
        words = self._words()
        self.set_class(bool(words), "-shown")
        if words:
            self.update(words)

    def _words(self) -> Content | None:
        now = shell(self).now()
        waiting = [e for e in self._waiting if e.due_at is not None and e.due_at > now]
        first, rest = undoable(waiting), len(waiting) - 1
        if first is None:
            return None
        words = self._scheduled(first, now) if first.scheduled_for else self._leaving(first, now)
        return words + Content.styled(f"   and {rest} more", "$muted-text") if rest else words

    def _leaving(self, entry: StreamEntry, now: datetime) -> Content:
        assert entry.due_at is not None
        left = ceil((entry.due_at - now).total_seconds())
        return Content.assemble(
            (f"Goes out in {seconds(left)}", "bold"),
            (" · ", "$muted-text"),
            self._offer("undo_send", "undoes"),
        )

    def _scheduled(self, entry: StreamEntry, now: datetime) -> Content:
        assert entry.due_at is not None
        offers = (
            self._offer("undo_send", "takes back"),
            self._offer("change_send_time", "another time or now"),
        )
        when = goes_out(entry.due_at, now, shell(self).options.zone)
        return Content(" · ").join([Content.styled(f"Goes out {when}", "bold"), *offers])

    def _offer(self, action_id: str, words: str) -> Content:
        offer = Content.assemble((key_of(self, action_id), "bold"), f" {words}")
        return offer.stylize(Style.from_meta({"@click": f"pane('{action_id}')"}))

    async def action_pane(self, action_id: str) -> None:
        """An offer was clicked."""
        if self.parent is not None:
            await self.app.run_action(action_id, self.parent)
