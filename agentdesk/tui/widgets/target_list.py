"""Where work may go: agents and queues in one list that is narrowed by typing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from agentdesk.domain.board import TargetAgent, TargetQueue, Targets
from agentdesk.domain.ccaas.values import CentreTarget, TargetKind
from agentdesk.domain.views import Page
from agentdesk.tui.presence_colours import mark_of, style_of
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.virtual_list import Column, VirtualList

EMPTY = "Nobody and no queue has this name."


@dataclass(frozen=True, slots=True)
class Target:
    """One line: an agent or a queue, of the desk or of a contact centre (`there`). `why_not` is the
    sentence that keeps work away.
    """

    name: str
    why_not: str = ""
    agent: TargetAgent | None = None
    queue: TargetQueue | None = None
    there: CentreTarget | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Tells it from the others."""
        return (
            self.agent.agent_id if self.agent else None,
            self.queue.queue_id if self.queue else None,
            (self.there.kind, self.there.external_id) if self.there else None,
        )

    @property
    def is_queue(self) -> bool:
        """Whether whoever serves it may get the work."""
        there = self.there
        return self.queue is not None or (there is not None and there.kind is TargetKind.QUEUE)


def targets_of(found: Targets) -> tuple[Target, ...]:
    """Those that can take work first: agents, then queues; then the others."""
    agents = [Target(a.name, a.why_not, agent=a) for a in found.agents]
    queues = [Target(q.name, q.why_not, queue=q) for q in found.queues]
    return tuple(sorted([*agents, *queues], key=lambda target: bool(target.why_not)))


def targets_there(found: Iterable[CentreTarget]) -> tuple[Target, ...]:
    """Those of a contact centre, in the same order."""
    made = [Target(t.name, "" if t.available else t.words or NO_WORK, there=t) for t in found]
    return tuple(sorted(made, key=lambda target: (bool(target.why_not), target.is_queue)))


NO_WORK = "takes no work now"


def matching(targets: Iterable[Target], words: str) -> tuple[Target, ...]:
    """Those whose names hold all of *words*."""
    wanted = words.casefold().split()
    return tuple(t for t in targets if all(w in t.name.casefold() for w in wanted))


class Rows(VirtualList[Target], can_focus=False):
    """The lines; the keys come from the box above them."""

    def say_when_empty(self, sentence: str) -> None:
        """Where there is none."""
        self._empty = sentence
        self.refresh()


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

    @dataclass
    class Typed(Message):
        """Another name is looked for."""

        words: str

    def __init__(self, targets: Sequence[Target], empty: str = EMPTY) -> None:
        super().__init__(id="target-list")
        self._targets, self._empty = targets, empty

    def compose(self) -> ComposeResult:
        yield Input(placeholder="Type a name", compact=True, id="target-search")
        yield Rows(COLUMNS, self._fetch, key=lambda t: t.key, empty=self._empty, id="target-rows")

    def show(self, targets: Sequence[Target], empty: str = EMPTY) -> None:
        """Others from now on; who is highlighted stays so. *empty*: the sentence where there are none."""
        self._targets = targets
        self.rows.say_when_empty(empty)
        self.rows.reload()

    @property
    def words(self) -> str:
        """The name that is looked for."""
        return self.query_one(Input).value

    async def _fetch(self, *_cursors: object) -> Page[Target]:
        return Page(matching(self._targets, self.words))

    @property
    def rows(self) -> Rows:
        """The lines."""
        return self.query_one(Rows)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self.rows.cursor = None
        self.rows.load()
        self.post_message(self.Typed(event.value))

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
    if target.is_queue:
        return "queue", "$heading-text"
    if (there := target.there) is not None:
        colour = "green" if there.available else "grey"
        presence = one_line(there.words).partition(",")[0]
        words = f"{mark_of(works=there.available)} {presence or 'agent'}"
        return words, style_of(colour, works=there.available)
    if target.agent is not None:
        agent = target.agent
        works = not target.why_not or agent.colour == "green"
        words = f"{mark_of(works=works)} {one_line(agent.presence_label)}"
        return words, style_of(agent.colour, works=works)
    return "", ""


def _load(target: Target) -> tuple[str, str]:
    if (there := target.there) is not None:
        words = f"{there.used}/{there.capacity}" if there.capacity else ""
        return (f"{there.waiting} wait" if there.waiting else words), "$muted-text"
    if target.agent is not None:
        return f"{target.agent.used}/{target.agent.capacity}", "$muted-text"
    assert target.queue is not None
    return f"{target.queue.waiting} wait", "$muted-text"


def _remark(target: Target) -> tuple[str, str]:
    """Why not; else what speaks for it."""
    if target.why_not:
        return target.why_not, "$faint-text"
    if target.there is not None:
        presence, _, rest = one_line(target.there.words).partition(",")
        return (presence if target.is_queue else rest.strip()), "$muted-text"
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
