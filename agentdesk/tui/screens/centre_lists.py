"""The lists of the contact centres' screen: what stands for what, orders that wait, codes to review.

Each knows how it is read, what its columns are, and what a sentence says of the highlighted row.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from agentdesk import services
from agentdesk.domain.ccaas.orders import OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ccaas.views import (
    MappingRow,
    OrderRow,
    ReviewRow,
    code_words,
    needs,
    review_words,
)
from agentdesk.domain.views import Page
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.asked_list import AskedList
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.virtual_list import Column

Row = TypeVar("Row")
Asked = Callable[[], Kind | None]
"""Which kind is asked for; None: all."""

KINDS = {
    Kind.QUEUE: "Queues",
    Kind.AGENT: "Agents",
    Kind.PRESENCE: "Presences",
    Kind.CODE: "Codes",
}
MISSING = {
    Kind.QUEUE: "New mail of {0} waits here and is not handed over to {1}.",
    Kind.AGENT: "{0} gets no work from {1}.",
    Kind.PRESENCE: "{1} is not told when an agent here is {0}.",
    Kind.CODE: "{0} is not sent to {1}: what is closed with it waits, or goes by the fallback code.",
}
"""What it means that something of ours is not mapped."""


class CentreList(AskedList[Row]):
    """One list; `told` is what stands below it."""

    def told(self, row: Any) -> str:
        """What is to be known of a row, and what to do."""
        raise NotImplementedError

    def say_when_empty(self, sentence: str) -> None:
        """What stands there while nothing does; empty: its usual words."""
        self._empty = sentence or self.EMPTY
        self.refresh()

    async def _page_of(self, read: Any, *args: Any, **page: Any) -> Page[Row] | None:
        app = shell(self)
        found: Page[Row] | None = await app.act(read(app.desk, app.actor, *args, **page))
        return found


class OursList(CentreList[MappingRow]):
    """Of ours, what a centre does not know."""

    EMPTY = "Everything of ours stands for something there."

    def columns(self) -> Sequence[Column[MappingRow]]:
        """What, and where it is missing."""
        return [
            Column("Kind", _kind, 9),
            Column("Here", lambda row: (one_line(row.local_name), "$foreground")),
            Column("Key", lambda row: (row.local, "$muted-text"), 18, from_width=70),
            Column("Contact centre", _centre, 20, from_width=50),
        ]

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[MappingRow] | None:
        """Of the chosen kind."""
        page = {"after": after, "before": before, "limit": limit}
        return await self._page_of(services.ccaas.reading.ours, self._asked(), **page)

    def told(self, row: MappingRow) -> str:
        """What does not happen because of it."""
        means = MISSING[row.kind].format(one_line(row.local_name), one_line(row.centre_name))
        return f"{means} {key_of(self, 'map_record')} chooses what it is called there."


class TheirsList(CentreList[MappingRow]):
    """Of theirs, what means nothing here."""

    EMPTY = "Nothing else is known of a centre. Import reads what it has."

    def columns(self) -> Sequence[Column[MappingRow]]:
        """What, with what tells it from its like."""
        return [
            Column("Kind", _kind, 9),
            Column("There", lambda row: (row.external_name, "$foreground")),
            Column("Detail", lambda row: (row.detail, "$muted-text"), 24, from_width=80),
            Column("Contact centre", _centre, 20, from_width=50),
        ]

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[MappingRow] | None:
        """Of the chosen kind."""
        page = {"after": after, "before": before, "limit": limit}
        return await self._page_of(services.ccaas.reading.theirs, self._asked(), **page)

    def told(self, row: MappingRow) -> str:
        """That this is often as it should be."""
        return (
            f"Nothing here stands for {row.external_name} of {one_line(row.centre_name)}. "
            f"That is no fault unless it is to reach this desk; {key_of(self, 'map_record')} maps it."
        )


class MappedList(CentreList[MappingRow]):
    """What of ours is called how there."""

    EMPTY = "Nothing is mapped. Import what a centre has, then map what list 1 shows."

    def columns(self) -> Sequence[Column[MappingRow]]:
        """Ours, theirs, and whether that holds in both directions."""
        return [
            Column("Kind", _kind, 9),
            Column("Here", lambda row: (one_line(row.local_name), "$foreground")),
            Column("", lambda row: ("↔" if row.both_ways else "→", "$muted-text"), 1),
            Column("There", _there),
            Column("Contact centre", _centre, 18, from_width=80),
        ]

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[MappingRow] | None:
        """Of the chosen kind."""
        page = {"after": after, "before": before, "limit": limit}
        return await self._page_of(services.ccaas.reading.mapped, self._asked(), **page)

    def told(self, row: MappingRow) -> str:
        """Which way it holds; that it is gone there."""
        here, there, centre = one_line(row.local_name), row.external_name, one_line(row.centre_name)
        if row.gone:
            return (
                f"{centre} does not have {there} any more, so {here} is as good as not mapped. "
                f"{key_of(self, 'map_record')} chooses another one."
            )
        if row.both_ways:
            return f"{here} is called {there} at {centre}, in both directions."
        return (
            f"{here} is sent as {there} to {centre}; what comes as {there} from there is another."
        )


class WaitingOrderList(CentreList[OrderRow]):
    """Orders that wait for a person."""

    EMPTY = "No order waits for a person."
    LAST: ClassVar[str | None] = "0"

    def key_of(self, row: Any) -> Any:
        """One order."""
        return row.order_id

    def columns(self) -> Sequence[Column[OrderRow]]:
        """What is wanted of whom for whom, and why it waits."""
        return [
            Column("Order", lambda row: (row.op.words, "$foreground"), 9),
            Column(
                "For", lambda row: (row.number or one_line(row.agent) or "–", "$muted-text"), 12
            ),
            Column("State", _order_state, 8),
            Column("Waits for", lambda row: (one_line(row.error), "$foreground")),
            Column("Agent", lambda row: (one_line(row.agent) or "–", "$muted-text"), 14, 110),
            Column("Contact centre", _centre, 16, from_width=100),
            Column("Since", lambda row: (self._when(row.created_at), "$muted-text"), 7, 64, True),
        ]

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[OrderRow] | None:
        """The newest first."""
        page = {"after": after, "before": before, "limit": limit}
        return await self._page_of(services.ccaas.reading.waiting, **page)

    def told(self, row: OrderRow) -> str:
        """What it needs, whole."""
        return one_line(needs(row))


class ReviewList(CentreList[ReviewRow]):
    """Codes that a person should know about."""

    EMPTY = "No code is to be reviewed."
    LAST: ClassVar[str | None] = "0"

    def key_of(self, row: Any) -> Any:
        """One handling."""
        return row.segment_id

    def columns(self) -> Sequence[Column[ReviewRow]]:
        """Both codes, and whose they are."""
        return [
            Column("Number", lambda row: (row.number, "$muted-text"), 10),
            Column("Here", lambda row: (one_line(row.ours) or "–", "$foreground"), 20),
            Column("There", lambda row: (row.theirs or "–", "$foreground")),
            Column("Why", _review, 24, from_width=64),
            Column("Agent", lambda row: (one_line(row.agent) or "–", "$muted-text"), 14, 100),
            Column("When", lambda row: (self._when(row.at), "$muted-text"), 7, 80, True),
        ]

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[ReviewRow] | None:
        """The newest first."""
        page = {"after": after, "before": before, "limit": limit}
        return await self._page_of(services.ccaas.reading.to_review, **page)

    def told(self, row: ReviewRow) -> str:
        """What happened, and what to do."""
        what = "which counts" if row.differs else "whether that will do"
        return f"{one_line(review_words(row))} {key_of(self, 'decide_code')} decides {what}."


def _kind(row: MappingRow) -> tuple[str, str]:
    return row.kind.value, "$muted-text"


def _centre(row: Any) -> tuple[str, str]:
    return one_line(row.centre_name), "$muted-text"


def _there(row: MappingRow) -> tuple[str, str]:
    return (f"{row.external_name} (gone)", "$over") if row.gone else (row.external_name, "$calm")


def _order_state(row: OrderRow) -> tuple[str, str]:
    return ("given up", "$over") if row.state is OrderState.DEAD else ("waits", "$soon")


def _review(row: ReviewRow) -> tuple[str, str]:
    words = code_words(row.sync, differs=row.differs)
    return words, "$late" if row.differs else "$soon"
