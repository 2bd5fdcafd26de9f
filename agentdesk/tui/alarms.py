"""What a supervisor is told when a queue crosses a threshold: once, and again only after it recovered."""

from collections.abc import Iterator

from agentdesk.domain.board import Board, QueueTile
from agentdesk.domain.ids import QueueId
from agentdesk.tui.news import News
from agentdesk.tui.widgets.cells import clip, span_words

TITLE_CELLS = 40
Alarm = tuple[QueueId, str]


class Alarms:
    """Remembers what is crossed. The first board only shows how things stand."""

    def __init__(self) -> None:
        self._crossed: set[Alarm] | None = None

    def of(self, board: Board) -> tuple[News, ...]:
        """A sentence for each threshold that was crossed since the last board."""
        now = {
            (tile.queue_id, kind): (tile, words)
            for tile in board.queues
            for kind, words in crossed(tile)
        }
        before, self._crossed = self._crossed, set(now)
        if before is None:
            return ()
        return tuple(
            News(clip(tile.name, TITLE_CELLS), words, ring=True, bad=True)
            for alarm, (tile, words) in now.items()
            if alarm not in before
        )


def crossed(tile: QueueTile) -> Iterator[tuple[str, str]]:
    """Which thresholds a queue is beyond, each with a sentence."""
    if tile.waiting + tile.offered_now and 0 < tile.target_s <= tile.longest_s:
        yield "target", f"Work waits for longer than {span_words(tile.target_s)}."
    if tile.service_level is not None and tile.service_level < tile.goal:
        level, goal = f"{tile.service_level * 100:.0f} %", f"{tile.goal * 100:.0f} %"
        yield "goal", f"Only {level} was accepted in time; the goal is {goal}."
    if tile.warn_waiting and tile.waiting >= tile.warn_waiting:
        yield "waiting", f"{tile.waiting} wait; the warning is at {tile.warn_waiting}."
    if tile.attention:
        yield "attention", f"{tile.attention} need attention: nobody took them."
