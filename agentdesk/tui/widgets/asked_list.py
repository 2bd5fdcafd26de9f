"""A virtual list that knows how it is read: the base of the lists that a screen switches between."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from agentdesk.domain.views import Page
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import moment_words
from agentdesk.tui.widgets.virtual_list import Column, VirtualList

Row = TypeVar("Row")


class AskedList(VirtualList[Row]):
    """*asked* tells what its screen asks for at this moment. `LAST` is the cursor behind the last row."""

    EMPTY: ClassVar[str] = ""
    LAST: ClassVar[str | None] = None

    def __init__(self, asked: Callable[[], Any]) -> None:
        self._asked = asked
        super().__init__(
            self.columns(),
            self.fetch,
            key=self.key_of,
            empty=self.EMPTY,
            beyond_last=self.LAST,
        )

    def key_of(self, row: Any) -> Any:
        """What tells a row from the others."""
        return row.key

    def columns(self) -> Sequence[Column[Row]]:
        """What stands in a row."""
        raise NotImplementedError

    async def fetch(self, after: str | None, before: str | None, limit: int) -> Page[Row] | None:
        """A page of rows."""
        raise NotImplementedError

    def _when(self, moment: datetime) -> str:
        app = shell(self)
        return moment_words(moment, app.now(), app.options.zone)
