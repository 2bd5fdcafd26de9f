"""Two records of one person side by side: what they know, which one stays, what moves."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.domain.ids import CustomerId
from agentdesk.domain.people import PersonRecord
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import fit, moment_words, one_line

NAME_CELLS = 10
Chosen = tuple[CustomerId, CustomerId]


class MergeDialog(Dialog[Chosen]):
    """Answers (who stays, who is joined into it)."""

    CSS_PATH = with_dialog_css("merge.tcss")
    TITLE_TEXT: ClassVar[str] = "Merge two records"
    HINT: ClassVar[str] = "X swaps · Enter or M merges · Esc leaves both as they are"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "swap", show=False),
        Binding("m", "merge", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, keep: PersonRecord, other: PersonRecord) -> None:
        super().__init__()
        self._keep, self._other = keep, other

    def compose_body(self) -> Iterable[Widget]:
        """The table, what happens, answers."""
        with VerticalScroll(id="table-scroll"):
            yield Static(id="table", markup=False)
        yield Static(id="moves", classes="sentence", markup=False)
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Swap", id="swap", compact=True),
            Button("Merge", id="merge", compact=True, variant="primary"),
            classes="answers",
        )

    def on_mount(self) -> None:
        """Draw at the width that there is."""
        self.query_one("#table-scroll").can_focus = False
        self.query_one("#merge").focus()

    def on_resize(self) -> None:
        """The columns share the width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        app = shell(self)
        width = max(30, self.query_one("#table-scroll").scrollable_content_region.width)
        cells = (width - NAME_CELLS - 3) // 2
        pair = (
            _known(self._keep, app.now(), app.options.zone),
            _known(self._other, app.now(), app.options.zone),
        )
        lines = [_line("", "stays", "is joined into it", cells, heading=True)]
        for field in pair[0]:
            lines += _rows(field, pair[0][field], pair[1][field], cells)
        self.query_one("#table", Static).update(Content("\n").join(lines))
        self.query_one("#moves", Static).update(Content(_moves(self._keep, self._other)))

    @on(Button.Pressed, "#swap")
    def action_swap(self) -> None:
        """The other one stays."""
        self._keep, self._other = self._other, self._keep
        self._draw()

    @on(Button.Pressed, "#merge")
    def action_merge(self) -> None:
        """Answer."""
        self.dismiss((self._keep.customer_id, self._other.customer_id))

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()


def _known(record: PersonRecord, now: datetime, zone: tzinfo | None) -> dict[str, tuple[str, ...]]:
    """What stands in a column, each field with its lines."""
    known = record.details
    return {
        "Name": (f"{known.name}{'  ★' if known.vip else ''}",),
        "Kind": (record.kind.value,),
        "Account": (record.account,),
        "Addresses": tuple(a.email for a in record.addresses[:6]) or ("",),
        "Language": (known.language,),
        "Time zone": (known.time_zone,),
        "Tags": (", ".join(known.tags),),
        "Notes": (known.notes,),
        "Open": (str(record.open_count),),
        "Since": (moment_words(record.known_since, now, zone),),
    }


def _rows(name: str, left: tuple[str, ...], right: tuple[str, ...], cells: int) -> list[Content]:
    """As many lines as the longer side has; none where neither knows anything."""
    if not any(left) and not any(right):
        return []
    count = max(len(left), len(right))
    pad = [(*side, *("",) * (count - len(side))) for side in (left, right)]
    return [
        _line(name if at == 0 else "", pad[0][at] or "–", pad[1][at] or "–", cells)
        for at in range(count)
    ]


def _line(name: str, left: str, right: str, cells: int, *, heading: bool = False) -> Content:
    style = "bold $heading-text" if heading else "$foreground"
    other = "bold $muted-text" if heading else "$muted-text"
    return Content.assemble(
        (f"{name:<{NAME_CELLS}} ", "$muted-text"),
        (fit(left, cells), style),
        "  ",
        (fit(right, cells), other),
    )


def _moves(keep: PersonRecord, other: PersonRecord) -> str:
    count = len(other.addresses)
    what = f"{count} address{'es' if count != 1 else ''}" if count else "no address"
    names = [one_line(r.details.name, 60) or "(no name)" for r in (keep, other)]
    return (
        f"{what[0].upper()}{what[1:]}, every interaction, case and draft of {names[1]} go to "
        f"{names[0]}; what {names[0]} does not know is filled in. It can be undone on the record."
    )
