"""How a summary is drawn. Its text comes from mails or a model: plain, never read as markup."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from textual.content import Content

from agentdesk.domain.assistance import Summary, Usage
from agentdesk.domain.summaries import SummaryView, parts_of, writer_of
from agentdesk.domain.text import safe
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.entry_text import local_time

NOTHING = Summary()


@dataclass(frozen=True, slots=True)
class SummaryState:
    """What is known of the summary of one conversation.

    `growing` is what was written so far while `busy`; `problem` why the last try ended. `allowed`:
    this agent may ask at all.
    """

    kept: SummaryView | None = None
    growing: Summary = NOTHING
    busy: bool = False
    problem: str = ""
    allowed: bool = True

    @property
    def shown(self) -> Summary | None:
        """What there is to read: what grows once it says something, else what was kept."""
        if self.busy and parts_of(self.growing):
            return self.growing
        return self.kept.summary if self.kept is not None else None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the words around a summary depend on: the time, the currency, and the key that writes it."""

    now: datetime
    zone: tzinfo | None
    currency: str
    key: str


def heading(state: SummaryState, around: Surroundings) -> Content:
    """`SUMMARY`, and below it how it stands."""
    title = Content.styled("SUMMARY", "bold $heading-text")
    if state.busy:
        step = one_line(state.growing.step) or "reading"
        return title + Content.assemble(("  esc stops", "$muted-text"), (f"\n{step} …", "$soon"))
    if state.kept is not None and state.kept.stale:
        words = f"\nstale: {state.kept.newer.words}, {around.key} refreshes"
        return title + Content.styled(words, "$late")
    return title


def body(state: SummaryState, around: Surroundings) -> Content:
    """The parts, each with its heading; else what to press."""
    lines: list[Content] = []
    if state.problem:
        lines.append(Content.styled(one_line(state.problem), "$over"))
    if (summary := state.shown) is not None:
        lines += [_part(*part) for part in parts_of(summary)]
    elif not state.busy:
        lines.append(_invitation(around, again=bool(state.problem)))
    return Content("\n\n").join(lines)


def _part(name: str, text: str) -> Content:
    return Content.assemble((name, "bold $muted-text"), "\n", (safe(text), "$foreground"))


def _invitation(around: Surroundings, *, again: bool) -> Content:
    words = "tries again" if again else "summarises this conversation"
    return Content.assemble((around.key, "bold $unread"), (f" {words}", "$muted-text"))


def foot(state: SummaryState, around: Surroundings) -> Content:
    """Who wrote it, when, what it cost, and this agent's vote."""
    kept = state.kept
    if kept is None or state.busy:
        return Content("")
    when = local_time(kept.at, around.now, around.zone)
    asked = f" for {one_line(kept.asked_by)}" if kept.asked_by else ""
    said = [f"{one_line(writer_of(kept.summary))} · {when}{asked}"]
    if cost := cost_words(kept.summary.usage, around.currency):
        said.append(cost)
    if not kept.summary.extractive:
        said.append("written by a model: check before you rely on it")
    line = Content.styled("\n".join(said), "$faint-text")
    if kept.helpful is None:
        return line
    return line + Content.styled(
        "\nhelpful ✓" if kept.helpful else "\nnot helpful ✗", "$muted-text"
    )


def cost_words(usage: Usage, currency: str) -> str:
    """`1,280 tokens, 0.0042 USD`; empty where nothing left the machine."""
    tokens = usage.tokens_in + usage.tokens_out
    if not tokens:
        return ""
    cost = "" if usage.cost is None else f", {usage.cost:.4f} {currency}"
    return f"{tokens:,} tokens{cost}"


def short(state: SummaryState, key: str) -> Content:
    """One line, for where there is no room: the issue, and what to press. Empty where none was kept."""
    if state.kept is None:
        return Content("")
    style, mark = ("$late", "stale ") if state.kept.stale else ("$muted-text", "")
    words = one_line(state.kept.summary.issue or state.kept.summary.done).removeprefix("• ")
    return Content.assemble(
        (f"{key} ", "bold $unread"), (f"{mark}summary  ", style), (words, "$foreground")
    )
