"""People and accounts as rows of a list."""

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType

from agentdesk.domain.people import PersonHit
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.columns import Column
from agentdesk.tui.widgets.paged_view import Fetch
from agentdesk.tui.widgets.virtual_list import VirtualList

ACCOUNT = "account"
NEW = "new"
"""Kind of a row that does not exist yet."""
MOST_COUNTED = 100
"""Services count no further."""

KIND_STYLES = {
    "contact": "$calm",
    "consumer": "$calm",
    "guest": "$soon",
    ACCOUNT: "$heading-text",
    NEW: "bold $unread",
}


def key_of(hit: PersonHit) -> Hashable:
    """Tells a row from the others; one that can be made stands for itself."""
    if hit.customer_id is not None:
        return ("person", hit.customer_id)
    return (ACCOUNT, hit.account_id) if hit.account_id is not None else NEW


class PeopleList(VirtualList[PersonHit]):
    """Its enter carries the id of the action that opens a row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open", id="open_person")]

    def __init__(self, fetch: Fetch[PersonHit], *, empty: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, fetch, key=key_of, empty=empty, id=id)

    def say_when_empty(self, sentence: str) -> None:
        """What stands there when nothing is found."""
        self._empty = sentence


class FollowingList(PeopleList, can_focus=False):
    """The same below a text field that keeps the keys."""


def _name(hit: PersonHit) -> tuple[str, str]:
    words = one_line(hit.name) or one_line(hit.email) or "(no name)"
    return (f"★ {words}", "$vip") if hit.vip else (words, "$foreground")


def _kind(hit: PersonHit) -> tuple[str, str]:
    return one_line(hit.kind), KIND_STYLES.get(hit.kind, "$muted-text")


def _account(hit: PersonHit) -> tuple[str, str]:
    return (one_line(hit.account) if hit.kind != ACCOUNT else ""), "$muted-text"


def _count(hit: PersonHit) -> tuple[str, str]:
    more = "+" if hit.interactions >= MOST_COUNTED else ""
    return (f"{hit.interactions}{more}" if hit.interactions else ""), "$muted-text"


COLUMNS: tuple[Column[PersonHit], ...] = (
    Column("Name", _name),
    Column("Kind", _kind, 9, from_width=44),
    Column("Account", _account, 22, from_width=90),
    Column("Address", lambda hit: (one_line(hit.email), "$muted-text"), 30, from_width=66),
    Column("IMS", _count, 4, 110, at_right=True),
)
