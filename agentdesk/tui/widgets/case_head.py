"""The three lines above the conversation of a case: what it is about, whose it is, what was promised."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual.content import Content

from agentdesk.domain.case import CaseState
from agentdesk.domain.case_head import CaseView
from agentdesk.domain.case_views import EffortView, TargetMood, TargetView
from agentdesk.domain.when import spoken
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import target_words
from agentdesk.tui.widgets.thread_head import (
    ThreadHead,
    dotted,
    link_to,
    priority,
    rest,
    spread,
    titled,
)

OPENED_ON = ("merged_into", "parent", "from")
"""What the head links to, in this order; the details name all."""


class CaseHead(ThreadHead[CaseView]):
    """Number, subject, state; owner, group, due date and links; service levels and effort."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"head--{state.value.replace('_', '-')}" for state in CaseState
    }

    def on_mount(self) -> None:
        """Countdowns tick."""
        shell(self).ticked.subscribe(self, self._tick)

    def _tick(self, _moment: datetime) -> None:
        if self.view is not None and any(t.due_at for t in self.view.targets):
            self.refresh()

    def lines(self, view: CaseView, width: int) -> Sequence[Content]:
        """All three."""
        now = shell(self).now()
        state = Content.styled(
            f"● {view.state.label}", f".head--{view.state.value.replace('_', '-')}"
        )
        first = spread(titled(view.number, view.subject), state, width)
        second = _fitting(self._facts(view, now), self._links(view), width)
        third = _fitting(_levels(view, now), _effort(view.effort), width)
        return first, second, third

    def _facts(self, view: CaseView, now: datetime) -> Iterator[Content]:
        """The second line from the longest form to the shortest."""
        owner = f"{view.owner} (you)" if view.mine else view.owner or "nobody yet"
        due = [self._due(view.due_at, now)] if view.due_at is not None else []
        level = priority(view.priority)
        group = [rest(view.group)] if view.group else []
        category = [rest(view.category)] if view.category else []
        yield dotted([rest(owner), *group, *category, level, *due])
        yield dotted([rest(owner), *group, level, *due])
        yield dotted([rest(owner), level, *due])

    def _due(self, due_at: datetime, now: datetime) -> Content:
        words = f"due {spoken(due_at, now, shell(self).options.zone)}"
        return Content.styled(words, ".head--over" if due_at <= now else ".head--rest")

    def _links(self, view: CaseView) -> Iterator[Content]:
        writing, watching = self.writing(), len(view.watchers)
        parts = [writing] if writing is not None else []
        links = [_link(view, how) for how in OPENED_ON if any(r.how == how for r in view.related)]
        watchers = f"{watching} watcher{'s' if watching > 1 else ''}"
        eyes = [rest(f"{watchers}, you too" if view.watched else watchers)] if watching else []
        yield dotted([*parts, *eyes, *links])
        yield dotted([*parts, *links])
        yield dotted([*parts, *links[:1]])
        yield dotted(parts)


def _link(view: CaseView, how: str) -> Content:
    """`from IMS0000123 +2`."""
    found = [r for r in view.related if r.how == how]
    words = {"merged_into": "merged into ", "parent": "part of ", "from": "from "}[how]
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return rest(words) + link_to(found[0].thread_id, found[0].number) + rest(more)


def _levels(view: CaseView, now: datetime) -> Iterator[Content]:
    """The third line, from all service levels to the one that matters first."""
    if not view.targets:
        yield rest("no service levels")
        return
    running = [t for t in view.targets if t.mood is not TargetMood.MET]
    yield dotted([_level(t, now, t.kind.label) for t in view.targets])
    yield dotted([_level(t, now, t.kind.label) for t in running] or [rest("all met")])
    short = [_level(t, now, t.kind.label.removesuffix(" response")) for t in running]
    yield dotted(short or [rest("all met")])


def _level(target: TargetView, now: datetime, name: str) -> Content:
    words = target_words.left(target, now)
    return rest(f"{name} ") + Content.styled(words, f".head--{target_words.mood(target, now)}")


def _effort(effort: EffortView) -> Iterator[Content]:
    """`intake 12 min · resolution 1 h 5 min`; nothing where nobody has worked yet."""
    told = (("intake", effort.intake_s), ("resolution", effort.resolution_s))
    words = [f"{name} {worked(seconds)}" for name, seconds in told if seconds >= 1]
    yield rest(" · ".join(words))
    total = effort.intake_s + effort.resolution_s
    yield rest(f"effort {worked(total)}" if words else "")
    yield rest("")


def worked(seconds: float) -> str:
    """`12 min`, `1 h 5 min`; less than a minute is one."""
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def _fitting(left: Iterator[Content], right: Iterator[Content], width: int) -> Content:
    """Both ends in the longest forms that fit: the right gives way first, then the left."""
    lefts, rights = list(left), list(right)
    for words in lefts:
        for beside in rights:
            gap = 2 if beside else 0
            if words.cell_length + gap + beside.cell_length <= width:
                return spread(words, beside, width)
    return spread(lefts[-1], Content(""), width)
