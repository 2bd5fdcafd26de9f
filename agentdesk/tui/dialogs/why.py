"""Why work is where it is: who may take it, who may not and why not, and what was decided before."""

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from agentdesk import services
from agentdesk.domain.board import Explanation, Reason
from agentdesk.domain.ids import AgentId, InteractionId, WorkItemId
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import fit, moment_words, one_line

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

NAME = 20
"""Cells of the column of names."""

MOST_SHOWN = 200
"""Agents of one decision; typing a name finds the others."""

MOST_PAST = 20
PAST_AGENTS = 12

Part = tuple[str, str]


class WhyDialog(Dialog[None]):
    """Shows explanations; typing a name leaves only the agents of that name."""

    CSS_PATH = with_dialog_css("why.tcss")
    HINT: ClassVar[str] = "Type a name to ask about somebody · Arrows scroll · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_text(-1)", show=False),
        Binding("down", "scroll_text(1)", show=False),
        Binding("pageup", "scroll_text(-8)", show=False),
        Binding("pagedown", "scroll_text(8)", show=False),
        Binding("enter", "cancel", show=False),
    ]

    def __init__(
        self, explanations: Sequence[Explanation], about: AgentId | None, title: str = ""
    ) -> None:
        super().__init__()
        self._explanations, self._about, self._title_words = tuple(explanations), about, title

    def title_text(self) -> str:
        """As given, or the item that it is about."""
        if self._title_words or not self._explanations:
            return one_line(self._title_words) or "Why"
        first = self._explanations[0]
        return f"Why · {first.number} in {one_line(first.queue)}"

    def compose_body(self) -> Iterable[Widget]:
        """The box for a name, and the text."""
        yield Input(placeholder="Why not …", compact=True, id="who")
        with VerticalScroll(id="why-scroll", can_focus=False):
            yield Static("", id="why", markup=False)

    def on_mount(self) -> None:
        """Typing asks about somebody at once."""
        self.query_one(Input).focus()
        self._show()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#why-scroll", VerticalScroll).scroll_home(animate=False)
        self._show()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_cancel()

    def on_resize(self, _event: Resize) -> None:
        """Sentences are wrapped for the width."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        area = self.query_one("#why-scroll", VerticalScroll)
        width = max(30, area.scrollable_content_region.width or 60)
        written = Writer(width, self._about, self.query_one(Input).value, shell(self))
        self.query_one("#why", Static).update(written.text(self._explanations))

    def action_scroll_text(self, by: int) -> None:
        """*by* lines further down."""
        self.query_one("#why-scroll", VerticalScroll).scroll_relative(y=by, animate=False)


class Writer:
    """Explanations as text for a width. *about* stands first; *who* narrows the agents."""

    def __init__(self, width: int, about: AgentId | None, who: str, app: "DeskApp") -> None:
        self._width, self._about, self._who = width, about, who.casefold().split()
        self._me, self._now, self._zone = app.actor.agent_id, app.now(), app.options.zone

    def text(self, explanations: Sequence[Explanation]) -> Content:
        """All of them, one below the other."""
        if not explanations:
            return Content.styled("Nothing waits that could be explained.", "$muted-text")
        parts: list[Part] = []
        several = len(explanations) > 1
        for explanation in explanations:
            if several:
                parts += self._head(explanation)
            parts += self._one(explanation)
        return Content.assemble(*parts)

    def _head(self, explanation: Explanation) -> list[Part]:
        room = self._width - len(explanation.number) - 1
        subject = fit(explanation.subject, room).rstrip()
        return [(f"{explanation.number} ", "$muted-text"), (f"{subject}\n", "bold $heading-text")]

    def _one(self, explanation: Explanation) -> list[Part]:
        parts = self._sentence(explanation.sentence, "bold $foreground")
        parts += [("\n", "")]
        parts += self._reasons(explanation.reasons, MOST_SHOWN)
        past = explanation.past[:MOST_PAST]
        if past:
            parts += [("\nDecided before\n", "bold $heading-text")]
        for each in past:
            parts += self._past(each)
        if more := len(explanation.past) - len(past):
            parts += [(f"and {more} more, older\n", "$faint-text")]
        return [*parts, ("\n", "")]

    def _past(self, explanation: Explanation) -> list[Part]:
        at = explanation.at
        when = moment_words(at, self._now, self._zone) if at is not None else ""
        parts = self._hanging(f"{when}  ", "$muted-text", explanation.sentence, "$foreground")
        return parts + self._reasons(explanation.reasons, PAST_AGENTS, indent=2)

    def _reasons(self, reasons: Sequence[Reason], most: int, indent: int = 0) -> list[Part]:
        """The own line first, then whoever was chosen, then the others as they come."""
        wanted = [r for r in reasons if self._asked_for(r)]
        wanted.sort(key=lambda r: (r.agent_id != self._about, not r.chosen))
        parts: list[Part] = []
        for reason in wanted[:most]:
            parts += self._reason(reason, indent)
        if (more := len(wanted) - most) > 0:
            parts += [(f"{' ' * indent}and {more} more; type a name to find one\n", "$faint-text")]
        if self._who and not wanted and reasons:
            parts += [(f"{' ' * indent}Nobody of this name was considered.\n", "$faint-text")]
        return parts

    def _asked_for(self, reason: Reason) -> bool:
        name = reason.agent.casefold()
        return all(word in name for word in self._who)

    def _reason(self, reason: Reason, indent: int) -> list[Part]:
        mine = reason.agent_id == self._about
        you = " (you)" if reason.agent_id == self._me else ""
        name = f"{one_line(reason.agent)}{you}"
        mark, style = ("→ ", "bold $calm") if reason.chosen else ("  ", "$foreground")
        if mine and not reason.chosen:
            mark, style = "▌ ", "bold $unread"
        cells = min(NAME, self._width // 3)
        words = f"{' ' * indent}{mark}{fit(name, cells)}  "
        return self._hanging(words, style, reason.why, "$foreground" if mine else "$muted-text")

    def _sentence(self, words: str, style: str) -> list[Part]:
        return self._hanging("", "", words, style)

    def _hanging(self, lead: str, lead_style: str, words: str, style: str) -> list[Part]:
        """*words* wrapped behind *lead*."""
        cells = cell_len(lead)
        pad = " " * cells
        lines = wrap(one_line(words), max(10, self._width - cells)) or [""]
        parts: list[Part] = [(lead, lead_style)] if lead else []
        parts += [(f"{lines[0]}\n", style)]
        return parts + [(f"{pad}{line}\n", style) for line in lines[1:]]


async def explain_item(app: "DeskApp", work_item_id: WorkItemId) -> None:
    """Why this work item is where it is, until the dialog is closed. Needs a worker."""
    found = await app.act(services.explaining.why(app.desk, app.actor, work_item_id))
    if found is not None:
        await app.push_screen_wait(WhyDialog((found,), app.actor.agent_id))


async def explain_interaction(app: "DeskApp", interaction_id: InteractionId) -> None:
    """The same for the newest search for an agent of an interaction."""
    coro = services.explaining.why_interaction(app.desk, app.actor, interaction_id)
    if (found := await app.act(coro)) is not None:
        await app.push_screen_wait(WhyDialog((found,), app.actor.agent_id))


async def explain_agent(app: "DeskApp", agent_id: AgentId, name: str) -> None:
    """Why each waiting item is not this agent's."""
    found = await app.act(services.explaining.why_agent(app.desk, app.actor, agent_id))
    if found is not None:
        await app.push_screen_wait(WhyDialog(found, agent_id, f"Why not {name}"))
