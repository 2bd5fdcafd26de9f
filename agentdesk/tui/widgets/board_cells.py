"""How figures of queues and agents are put into cells: bars, trends and the colours of thresholds."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from agentdesk.domain.board import AgentLine, QueueTile
from agentdesk.domain.capacity import UNLIMITED
from agentdesk.domain.ccaas.views import CentreUse
from agentdesk.domain.wrapup import Pace
from agentdesk.tui.presence_colours import mark_of, style_of
from agentdesk.tui.widgets.cells import ROUTED, one_line, span_words

Cell = tuple[str, str]
EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = "▁▂▃▄▅▆▇█"
LOAD_CELLS = 10


def wait_pace(waited_s: float, target_s: float) -> Pace:
    """The same quarters as every countdown: half, three quarters, all of the target."""
    share = waited_s / target_s
    if share >= 1:
        return Pace.OVER
    return Pace.CALM if share < 0.5 else Pace.SOON if share < 0.75 else Pace.LATE


def bar(value: float, most: float, cells: int) -> str:
    """A bar of block characters, exact to an eighth of a cell."""
    eighths = round(min(1.0, value / most) * cells * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (EIGHTHS[rest] if rest else "")


def trend(values: Sequence[int], cells: int) -> str:
    """The last *cells* values as a line of blocks; the highest of them is full."""
    shown = values[-cells:]
    most = max(shown, default=0)
    if not most:
        return HEIGHTS[0] * len(shown)
    return "".join(HEIGHTS[-(-value * (len(HEIGHTS) - 1) // most)] for value in shown)


def wait_mood(tile: QueueTile) -> str:
    """The colour of the longest wait against the queue's target."""
    if not tile.waiting + tile.offered_now or tile.target_s <= 0:
        return "$muted-text"
    return f"${wait_pace(tile.longest_s, tile.target_s).value}"


def level_mood(tile: QueueTile) -> str:
    """The colour of the service level against its goal."""
    if tile.service_level is None:
        return "$faint-text"
    if tile.service_level >= tile.goal:
        return "$calm"
    return "$soon" if tile.service_level >= tile.goal * 0.9 else "$over"


def waiting_mood(tile: QueueTile) -> str:
    """The colour of how many wait, against the number that the queue warns at."""
    if tile.warn_waiting and tile.waiting >= tile.warn_waiting:
        return "$over"
    return "$foreground" if tile.waiting else "$muted-text"


ORDER = [f"${pace.value}" for pace in Pace]


def tile_mood(tile: QueueTile) -> str:
    """The worst of them: what colours the queue as a whole."""
    attention = "$over" if tile.attention else "$muted-text"
    moods = (wait_mood(tile), level_mood(tile), waiting_mood(tile), attention)
    return max((mood for mood in moods if mood in ORDER), key=ORDER.index, default="$muted-text")


def level_words(tile: QueueTile) -> str:
    """`82 %`, or a dash before anything was accepted."""
    return "–" if tile.service_level is None else f"{tile.service_level * 100:.0f} %"


def wait_words(tile: QueueTile, seconds: float) -> str:
    """A wait, or a dash where nothing waits."""
    return span_words(seconds) if tile.waiting + tile.offered_now else "–"


def opens_words(tile: QueueTile, zone: tzinfo | None) -> str:
    """`closed, opens Mon 09:00`; empty while the queue is open."""
    if tile.open:
        return ""
    if tile.opens_at is None:
        return "closed"
    return f"closed, opens {tile.opens_at.astimezone(zone):%a %H:%M}"


def count(number: int, style: str = "$muted-text") -> Cell:
    """A number; a faint dash for none."""
    return (f"{number:,}", style) if number else ("–", "$faint-text")


def capacity_words(capacity: int) -> str:
    """A capacity; no bound is said as such."""
    return "∞" if capacity >= UNLIMITED else str(capacity)


def load(line: AgentLine, cells: int = LOAD_CELLS) -> Cell:
    """`2/4 ▰▰▱▱`: one cell for each unit of capacity, while there is room."""
    words = f"{line.used}/{capacity_words(line.capacity)} "
    most = max(line.capacity, line.used)
    shown = min(most, cells)
    full = min(shown, -(-line.used * shown // max(most, 1)))
    if line.capacity >= UNLIMITED:
        shown = full = min(line.used, cells)
    if not line.works and not line.used:
        mood = "$faint-text"
    else:
        mood = "$calm" if line.used < line.capacity else "$late"
    return words + "▰" * full + "▱" * (shown - full), mood


def presence(line: AgentLine) -> Cell:
    """A dot in the colour that the policy gives, and the name."""
    mood = style_of(line.colour, works=line.works)
    return f"{mark_of(works=line.works)} {line.presence_label}", mood


def at_centres(line: AgentLine) -> Cell:
    """`1/2 On Queue`; of several contact centres each after the first word of its name."""
    known = [use for use in line.centres if use.known]
    several = len(line.centres) > 1
    words = "; ".join(
        f"{one_line(use.name).partition(' ')[0] + ' ' if several else ''}"
        f"{use.used}/{use.capacity} {there_presence(use)}"
        for use in known
    )
    return words or ("–" if line.centres else ""), "$muted-text"


def there_presence(use: CentreUse) -> str:
    """What an agent is there, in a word or two."""
    return (
        use.presence or ("on queue" if use.on_queue else "off queue")
        if use.responding
        else ("not responding")
    )


def there_words(use: CentreUse) -> str:
    """`On Queue, 1 of 2, 3 parked`."""
    if not use.known:
        return "not read yet"
    parked = f", {use.parked} parked" if use.parked else ""
    return f"{there_presence(use)}, {use.used} of {use.capacity}{parked}"


def named(tile: QueueTile) -> str:
    """A queue's name, and the contact centre that routes it."""
    return f"{tile.name} {ROUTED} {one_line(tile.centre)}" if tile.centre else tile.name


def since_words(moment: datetime | None, now: datetime) -> str:
    """How long something has been so; empty where it is not known."""
    return "" if moment is None else span_words((now - moment).total_seconds())
