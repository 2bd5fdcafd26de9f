"""Where work may go: agents and queues in one list that is narrowed by typing."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from agentdesk.domain.board import TargetAgent, TargetQueue, Targets
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.views import Page
from agentdesk.tui.presence_colours import mark_of, style_of
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.virtual_list import Column, VirtualList

EMPTY = "Nobody and no queue has this name."


@dataclass(frozen=True, slots=True)
class Target:
    """One line: an agent or a queue. `why_not` is the sentence that keeps work away."""

    name: str
    why_not: str = ""
    agent: TargetAgent | None = None
    queue: TargetQueue | None = None

    @property
    def key(self) -> tuple[AgentId | None, QueueId | None]:
        """Tells it from the others."""
        return (
            self.agent.agent_id if self.agent else None,
            self.queue.queue_id if self.queue else None,
        )


def targets_of(found: Targets) -> tuple[Target, ...]:
    """Those that can take work first: agents, then queues; then the others."""
    agents = [Target(a.name, a.why_not, agent=a) for a in found.agents]
    queues = [Target(q.name, q.why_not, queue=q) for q in found.queues]
    return tuple(sorted([*agents, *queues], key=lambda target: bool(target.why_not)))


def matching(targets: Iterable[Target], words: str) -> tuple[Target, ...]:
    """Those whose names hold all of *words*."""
    wanted = words.casefold().split()
    return tuple(t for t in targets if all(w in t.name.casefold() for w in wanted))


class Rows(VirtualList[Target], can_focus=False):
    """The lines; the keys come from the box above them."""


class TargetList(Vertical):
    """A box to type in and the list below it. Posts `Chosen` for a line that can take work."""

    DEFAULT_CSS = """
    TargetList { height: auto; }
    TargetList > Input { margin-bottom: 1; }
    TargetList > Rows { height: 9; max-height: 40vh; background: transparent; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-8)", show=False),
        Binding("pagedown", "move(8)", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """Work shall go there."""

        target: Target

    @dataclass
    class Refused(Message):
        """It cannot; `sentence` says why."""

        sentence: str

    def __init__(self, targets: Targets) -> None:
        super().__init__(id="target-list")
        self._targets = targets_of(targets)

    def compose(self) -> ComposeResult:
        yield Input(placeholder="Type a name", compact=True, id="target-search")
        yield Rows(COLUMNS, self._fetch, key=lambda t: t.key, empty=EMPTY, id="target-rows")

    async def _fetch(self, *_cursors: object) -> Page[Target]:
        return Page(matching(self._targets, self.query_one(Input).value))

    @property
    def rows(self) -> Rows:
        """The lines."""
        return self.query_one(Rows)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self.rows.cursor = None
        self.rows.load()

    def action_move(self, by: int) -> None:
        """The cursor *by* lines further, while typing goes on."""
        self.rows.action_move(by)

    @on(Input.Submitted)
    @on(VirtualList.Selected)
    def _choose(self, event: Message) -> None:
        event.stop()
        target = self.rows.row
        if target is None:
            self.post_message(self.Refused("Choose an agent or a queue."))
        elif target.why_not:
            self.post_message(self.Refused(f"{target.name}: {target.why_not}."))
        else:
            self.post_message(self.Chosen(target))


def _name(target: Target) -> tuple[str, str]:
    return one_line(target.name), "$faint-text" if target.why_not else "$foreground"


def _state(target: Target) -> tuple[str, str]:
    if target.agent is not None:
        agent = target.agent
        works = not target.why_not or agent.colour == "green"
        words = f"{mark_of(works=works)} {one_line(agent.presence_label)}"
        return words, style_of(agent.colour, works=works)
    return "queue", "$heading-text"


def _load(target: Target) -> tuple[str, str]:
    if target.agent is not None:
        return f"{target.agent.used}/{target.agent.capacity}", "$muted-text"
    assert target.queue is not None
    return f"{target.queue.waiting} wait", "$muted-text"


def _remark(target: Target) -> tuple[str, str]:
    """Why not; else what speaks for it."""
    if target.why_not:
        return target.why_not, "$faint-text"
    if target.agent is not None:
        count = target.agent.matching_skills
        return (f"{count} skill{'s' if count > 1 else ''}" if count else ""), "$muted-text"
    assert target.queue is not None
    count = target.queue.available
    return f"{count or 'nobody'} available", "$muted-text"


COLUMNS = (
    Column("Agent or queue", _name, 18),
    Column("Presence", _state, 12, from_width=50),
    Column("Load", _load, 7),
    Column("", _remark),
)
