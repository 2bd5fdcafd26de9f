"""One card of the activity stream: a mail, a note or a change."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.css.styles import RulesMap
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

from agentdesk.domain.views import Delivery, EntryKind, StreamEntry
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import entry_facts, entry_text
from agentdesk.tui.widgets.entry_text import Reading

GAP = 2


class CardVisual(Visual):
    """A head of one line, its right part at the right edge, and the text below.

    Only the text can be selected with the mouse: the head belongs to the desk.
    """

    def __init__(self, left: Content, right: Content, body: Content | None) -> None:
        self.left, self.right, self.body = left, right, body

    def head(self, width: int) -> Content:
        """The first line in exactly *width* cells where both parts fit."""
        room = max(1, width - self.right.cell_length - GAP)
        left = self.left.truncate(room, ellipsis=True)
        return (
            left.pad_right(max(GAP, width - left.cell_length - self.right.cell_length)) + self.right
        )

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """All there is."""
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """The head and the wrapped text."""
        return 1 + (self.body.get_height(rules, width) if self.body is not None else 0)

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Head, then text."""
        plain = replace(options, selection=None, selection_style=None)
        strips = self.head(width).render_strips(width, 1, style, plain)
        if self.body is not None:
            rest = None if height is None else max(0, height - 1)
            strips += self.body.render_strips(width, rest, style, options)
        return strips[:height]


class EntryCard(Widget):
    """Shows one `StreamEntry`; `show_entry` replaces it in place."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "entry--who",
        "entry--rest",
        "entry--time",
        "entry--quote",
        "entry--file",
        "entry--calm",
        "entry--soon",
        "entry--late",
        "entry--over",
        "entry--automatic",
        "entry--verified",
        "entry--unverified",
        "entry--warning",
        "entry--notice",
        "entry--mention",
        "entry--proposal",
    }

    @dataclass
    class Chosen(Message):
        """The card was clicked."""

        card: "EntryCard"

    @dataclass
    class FileChosen(Message):
        """Attachment number `index` of `entry` was clicked."""

        entry: StreamEntry
        index: int

    @dataclass
    class UndoChosen(Message):
        """The countdown of `entry` was clicked."""

        entry: StreamEntry
        action_id: str = "undo_send"

    @dataclass
    class LinkChosen(Message):
        """A line about the place of a mail was clicked."""

        entry: StreamEntry

    def __init__(self, entry: StreamEntry, *, unfolded: bool = False) -> None:
        super().__init__(classes=_kind_class(entry))
        self.set_reactive(EntryCard.auto_links, False)
        self._entry, self._unfolded = entry, unfolded
        self._body: Content | None = None
        self._body_of: tuple[StreamEntry, bool] | None = None

    @property
    def entry(self) -> StreamEntry:
        """What is shown."""
        return self._entry

    @property
    def seq(self) -> int:
        """Its place in the stream."""
        return self._entry.seq

    @property
    def unfolded(self) -> bool:
        """Whether quotes are shown."""
        return self._unfolded

    @property
    def is_change(self) -> bool:
        """Whether it is one line about the record, not something that a person wrote."""
        return self._entry.kind is EntryKind.CHANGE

    @property
    def counts_down(self) -> bool:
        """Whether its head changes every second."""
        waits = self._entry.delivery is Delivery.DELAYED and not self._entry.scheduled_for
        return waits and self._entry.due_at is not None

    def show_entry(self, entry: StreamEntry) -> None:
        """Replace what is shown; the same entry costs nothing."""
        if entry != self._entry:
            self._entry = entry
            self.refresh(layout=True)

    def unfold(self, unfolded: bool) -> None:
        """Show or hide quotes and long rows of warnings."""
        if unfolded != self._unfolded and entry_text.folds(self._entry):
            self._unfolded = unfolded
            self.refresh(layout=True)

    def tick(self) -> None:
        """Draw the countdown again. The head is one line, so nothing moves."""
        self.refresh()

    def render(self) -> Visual:
        """Head and text as they read at this moment."""
        app = shell(self)
        zone = app.options.zone
        reading = Reading(self._unfolded, app.now(), zone, lambda action: key_of(self, action))
        if self._body_of != (self._entry, self._unfolded):
            self._body = entry_text.body(self._entry, reading)
            self._body_of = (self._entry, self._unfolded)
        return CardVisual(
            entry_text.head_left(self._entry, reading.key_of),
            entry_text.head_right(self._entry, reading),
            self._body,
        )

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, without the head."""
        visual = self._render()
        if not isinstance(visual, CardVisual) or visual.body is None:
            return None
        return selection.extract(visual.body.plain), "\n"

    def on_click(self, event: events.Click) -> None:
        """Choose this card."""
        self.post_message(self.Chosen(self))

    def action_toggle_fold(self) -> None:
        """The fold line was clicked."""
        self.unfold(not self._unfolded)

    def action_save_file(self, index: int) -> None:
        """A file was clicked."""
        self.post_message(self.FileChosen(self._entry, index))

    def action_explain_link(self) -> None:
        """The line about the place of a mail was clicked."""
        self.post_message(self.LinkChosen(self._entry))

    def action_undo_send(self) -> None:
        """The countdown was clicked."""
        self.post_message(self.UndoChosen(self._entry))


def _kind_class(entry: StreamEntry) -> str:
    kind = "-" + entry.kind.value.replace("_", "-")
    return f"{kind} -automatic" if entry_facts.badge(entry) else kind
