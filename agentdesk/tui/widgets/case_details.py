"""Below the head of a case, folded to one line: description, records around it, how it was resolved."""

from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from agentdesk.domain.case_head import CaseView
from agentdesk.domain.case_views import RelatedThread
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.text import safe
from agentdesk.tui.hints import key_of
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.thread_head import spread

HOW = {
    "from": "grew out of",
    "related": "related to",
    "parent": "part of",
    "child": "has as a part",
    "merged": "took over",
    "merged_into": "merged into",
}
NAME_CELLS = 14
MOST_LINES = 12
"""Of a description; the rest is seen in the dialog that edits it."""


class CaseDetails(Widget):
    """A click on its first line folds and unfolds it; a record named in it opens."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    view: reactive[CaseView | None] = reactive(None, layout=True)
    unfolded: reactive[bool] = reactive(False, layout=True)

    @dataclass
    class LinkChosen(Message):
        """Another record was clicked."""

        thread_id: ThreadId
        number: str

    def render(self) -> Content:
        """One line, or all."""
        self.set_reactive(CaseDetails.auto_links, False)
        if self.view is None:
            return Content("")
        if not self.unfolded:
            return self._folded(self.view)
        parts = [self._first("▾", "", "folds"), *self._whole(self.view)]
        return Content("\n").join(parts)

    def _folded(self, view: CaseView) -> Content:
        words = one_line(view.description) or _around(view) or "no description"
        return self._first("▸", words, "unfolds")

    def _first(self, mark: str, words: str, does: str) -> Content:
        key = Content.assemble(
            (key_of(self, "toggle_details"), "bold"), (f" {does}", "$muted-text")
        )
        return spread(_faint(f"{mark} {words}"), key, self.content_size.width)

    def _whole(self, view: CaseView) -> list[Content]:
        lines = [Content(line) for line in safe(view.description).split("\n")[:MOST_LINES]]
        found = lines if view.description.strip() else [_faint("no description")]
        if view.code:
            found.append(_fact("resolved as", Content(f"{view.code}: {one_line(view.notes)}")))
        found += [_fact(HOW[r.how], _record(r)) for r in view.related]
        if view.watchers:
            names = ", ".join(one_line(w.name) for w in view.watchers)
            found.append(_fact("watched by", Content(names)))
        return found

    def on_click(self, event: events.Click) -> None:
        """The first line folds."""
        if event.y == 0:
            self.unfolded = not self.unfolded

    def action_open_thread(self, thread_id: ThreadId, number: str) -> None:
        """A record was clicked."""
        self.post_message(self.LinkChosen(thread_id, number))


def _faint(words: str) -> Content:
    return Content.styled(words, "$muted-text")


def _fact(name: str, value: Content) -> Content:
    return _faint(f"{name:<{NAME_CELLS}}") + value


def _record(row: RelatedThread) -> Content:
    click = Style.from_meta({"@click": f"open_thread({row.thread_id}, '{row.number}')"})
    number = Content.styled(row.number, "underline").stylize(click)
    return number + _faint(f"  {one_line(row.subject)} · {row.state}")


def _around(view: CaseView) -> str:
    return ", ".join(f"{HOW[r.how]} {r.number}" for r in view.related if r.how != "from")
