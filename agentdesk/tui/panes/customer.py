"""The right pane: who is writing, and what else there is of them."""

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agentdesk.domain.people import Kind
from agentdesk.domain.views import BouncedAddress, CustomerCard, RelatedRow
from agentdesk.tui.hints import key_of
from agentdesk.tui.messages import TabRequested
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import bounced_sentence, moment_words, one_line, time_there

RELATED = 50
"""Rows shown; the rest is found with the search."""

BOUNCED = 3
"""Refused addresses named; more are counted."""


class CustomerPane(VerticalScroll, can_focus=False):
    """Shows a `CustomerCard`; a related interaction opens with enter or a click."""

    card: reactive[CustomerCard | None] = reactive(None)

    def compose(self) -> ComposeResult:
        yield Static(id="customer-card", markup=False)
        yield Static(id="customer-bounced", markup=False)
        yield Static(id="customer-facts", markup=False)
        yield Static("RELATED", id="related-heading", classes="heading", markup=False)
        yield OptionList(id="related", markup=False, compact=True)

    def show(self, card: CustomerCard | None) -> None:
        """Show *card*; None empties the pane."""
        self.card = card

    def watch_card(self, old: CustomerCard | None, card: CustomerCard | None) -> None:
        """Draw it."""
        if old != card:
            self._draw(card)

    def on_mount(self) -> None:
        """An empty pane says so."""
        shell(self).ticked.subscribe(self, self._tick)
        self._draw(self.card)

    def _draw(self, card: CustomerCard | None) -> None:
        if not self.is_attached:
            return
        rows = card.related[:RELATED] if card else ()
        self.query_one("#customer-card", Static).update(_who(card))
        self._show_bounced(card.bounced if card else ())
        self._show_facts()
        self.query_one("#related-heading").display = bool(rows)
        self._show_related(rows)

    def _show_facts(self) -> None:
        app, card = shell(self), self.card
        there = time_there(card.time_zone, app.now(), app.options.zone) if card else ""
        facts = _facts(card, there)
        if card is not None and card.customer_id is not None:
            facts = Content("\n").join([facts, self._hints(card)])
        self.query_one("#customer-facts", Static).update(facts)

    def _hints(self, card: CustomerCard) -> Content:
        """What to press: for the record, for a guest, and what else there is to see there."""
        parts = [(key_of(self, "show_customer_record"), "bold $unread"), (" record", "$muted-text")]
        if card.kind == Kind.GUEST:
            parts += [("  ", ""), (key_of(self, "verify_guest"), "bold $unread")]
            parts += [(" verify this guest", "$soon")]
        if count := card.duplicates:
            what = f"{count} record{'s' if count > 1 else ''} may be the same person"
            parts += [(f"\n{what}", "$soon")]
        return Content.assemble(*parts)

    def _tick(self, moment: datetime) -> None:
        """Their local time goes on."""
        if moment.second == 0 and self.card is not None and self.card.time_zone:
            self._show_facts()

    def _show_bounced(self, bounced: tuple[BouncedAddress, ...]) -> None:
        app = shell(self)
        line = self.query_one("#customer-bounced", Static)
        line.display = bool(bounced)
        sentences = [
            f"! {bounced_sentence(each, app.now(), app.options.zone)}" for each in bounced[:BOUNCED]
        ]
        if len(bounced) > BOUNCED:
            sentences.append(f"! and {len(bounced) - BOUNCED} more addresses")
        line.update(Content.styled("\n".join(sentences), "bold $warning-text"))

    def _show_related(self, rows: tuple[RelatedRow, ...]) -> None:
        related = self.query_one(OptionList)
        related.display = bool(rows)
        related.clear_options()
        related.add_options(
            Option(self._related(row), id=str(at), disabled=row.thread_id is None)
            for at, row in enumerate(rows)
        )

    def _related(self, row: RelatedRow) -> Content:
        app = shell(self)
        when = moment_words(row.at, app.now(), app.options.zone)
        return Content.assemble(
            (one_line(row.subject) or "(no subject)", "$foreground"),
            "\n",
            (f"{one_line(row.number)} · {when} · {one_line(row.state)}", "$muted-text"),
        )

    @on(OptionList.OptionSelected)
    def _open_related(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self.card.related[event.option_index] if self.card else None
        if row is not None and row.thread_id is not None:
            self.post_message(TabRequested(row.thread_id, row.number))


def _who(card: CustomerCard | None) -> Content:
    """Name, VIP mark and address."""
    if card is None:
        return Content.styled("No customer", "$faint-text")
    parts: list[tuple[str, str]] = [(one_line(card.name) or one_line(card.email), "bold")]
    if card.vip:
        parts.append(("  ★ VIP", "bold $vip"))
    if card.name:
        parts.append((f"\n{one_line(card.email)}", "$muted-text"))
    return Content.assemble(*parts)


def _facts(card: CustomerCard | None, there: str) -> Content:
    """What is known, one fact a line; unknown ones are left out. *there* is their local time."""
    if card is None:
        return Content()
    known = {
        "Account": one_line(card.account),
        "Kind": one_line(card.kind),
        "Language": one_line(card.language),
        "Time": there,
        "Tags": one_line(", ".join(card.tags)),
        "Open": str(card.open_count) if card.open_count else "nothing else",
    }
    parts: list[tuple[str, str]] = []
    for name, value in known.items():
        if value:
            parts += [(f"{name:<9}", "$muted-text"), (f"{value}\n", "$foreground")]
    if notes := card.notes.strip():
        parts.append((f"\n{one_line(notes)}\n", "italic $note"))
    return Content.assemble(*parts)
