"""Words over work items: what is asked before, and what is told after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.board import Refusal, Steered, TargetAgent
from agentdesk.domain.ids import WorkItemId
from agentdesk.tui.actions import keys_of, shown_key
from agentdesk.tui.catalogue import BY_ID
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.presence_colours import style_of
from agentdesk.tui.widgets.board_cells import capacity_words
from agentdesk.tui.widgets.cells import one_line

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

PRIORITIES = {
    "1": "1, the most urgent",
    "2": "2",
    "3": "3, as usual",
    "4": "4",
    "5": "5, the least urgent",
}
NAMED = 4
"""So many refused items are named in a toast."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word as it is said: `Move` 3 work items `to Billing`; afterwards 3 are `moved`."""

    verb: str
    how: str
    done: str
    always_ask: bool = False


def items(count: int) -> str:
    """`1 work item`, `12 work items`."""
    return f"{count:,} work item{'' if count == 1 else 's'}"


async def agreed(app: "DeskApp", what: Wanted, count: int) -> bool:
    """One question that says what and how many; none for a single item that can be changed back."""
    if count == 1 and not what.always_ask:
        return True
    from agentdesk.tui.dialogs.confirm import ConfirmDialog

    words = " ".join(part for part in (what.verb, items(count), what.how) if part)
    return await app.push_screen_wait(ConfirmDialog(f"{words}?", yes=what.verb, no="No")) is True


def tell(app: "DeskApp", what: Wanted, steered: Steered) -> None:
    """How many were done, which were refused and why, and how it is taken back."""
    said = [f"{items(steered.done)} {what.done}."] if steered.done else []
    if steered.undo:
        key = next(iter(keys_of(BY_ID["undo_steering"], app.keymap)), "")
        said.append(f"{shown_key(key)} undoes it.")
    said += _refused(steered.refused)
    app.tell(" ".join(said), "warning" if steered.refused else "information")


def _refused(refused: Sequence[Refusal]) -> list[str]:
    named = [f"{r.number}: {one_line(r.sentence)}" for r in refused[:NAMED]]
    if (more := len(refused) - NAMED) > 0:
        named.append(f"And {more:,} more were refused.")
    return named


Picked = tuple[str, str]
"""Key and name."""


async def choose_agent(app: "DeskApp", ids: Sequence[WorkItemId]) -> Picked | None:
    """Who gets it: those who can take it first, the others with the reason why not."""
    targets = await app.act(services.steering.targets(app.desk, app.actor, ids))
    if targets is None:
        return None
    return await _pick(app, [_agent(a) for a in targets.agents], "Assign to")


def _agent(target: TargetAgent) -> Choice:
    room = f"{target.used}/{capacity_words(target.capacity)}"
    skills = f" · {target.matching_skills} skills" if target.matching_skills else ""
    return Choice(
        str(target.agent_id),
        one_line(target.name),
        mark="○" if target.why_not else "●",
        mark_style=style_of(target.colour, works=not target.why_not),
        remark=one_line(target.why_not) or f"{room}{skills}",
    )


async def choose_queue(app: "DeskApp", ids: Sequence[WorkItemId]) -> Picked | None:
    """Where it goes."""
    targets = await app.act(services.steering.targets(app.desk, app.actor, ids))
    if targets is None:
        return None
    lines = [
        Choice(
            str(q.queue_id),
            one_line(q.name),
            remark=one_line(q.why_not) or f"{q.waiting:,} wait, {q.available} free",
        )
        for q in targets.queues
    ]
    return await _pick(app, lines, "Move to")


async def _pick(app: "DeskApp", lines: Sequence[Choice], title: str) -> Picked | None:
    key = await app.push_screen_wait(PickDialog(lines, title=title))
    return next(((line.key, line.label) for line in lines if line.key == key), None)
