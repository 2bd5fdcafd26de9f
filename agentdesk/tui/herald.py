"""Tells what needs the agent: toasts, the bell, a notification of the desktop, a tab that opens."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from agentdesk import services
from agentdesk.domain.ids import CaseId, InteractionId, WorkItemId
from agentdesk.domain.views import Desktop, InboxCard, LoopHealth
from agentdesk.tui import news
from agentdesk.tui.news import News
from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.screens.desk import DeskScreen

LAST_CALL = timedelta(seconds=10)
"""An offer rings once more when so much is left; not one that had hardly more at all."""


class Herald:
    """Compares what was with what is, for the desk screen."""

    def __init__(self, screen: "DeskScreen") -> None:
        self._screen = screen
        self._called: frozenset[WorkItemId] = frozenset()
        self._loops: tuple[LoopHealth, ...] = ()
        self._made: set[CaseId] = set()
        self._transferring: set[InteractionId] = set()

    async def desktop(self, before: Desktop | None, after: Desktop) -> None:
        """The work pane was read again."""
        tabs = self._screen.tabs
        if before is not None and self._made:
            own = tuple(row for row in after.cases if row.case_id in self._made)
            self._made -= {row.case_id for row in own}
            before = replace(before, cases=(*before.cases, *own))
        self.announce(news.of_desktop(before, after, tabs.workspace.active))
        await self._transfers(before, after)
        for row in news.opening(before, after):
            aside = self._is_busy()
            await tabs.open(row.interaction_id, row.number, behind=aside)
            if not aside:
                self._screen.parts.show_tabs()

    def case_made(self, case_id: CaseId) -> None:
        """This agent made it a moment ago: that it is on the desk now is no news."""
        self._made.add(case_id)

    def transfer_asked(self, interaction_id: InteractionId, *, over: bool) -> None:
        """A dialog tells how this transfer ends; *over*: it does not any more."""
        if over:
            self._transferring.discard(interaction_id)
        else:
            self._transferring.add(interaction_id)

    async def _transfers(self, before: Desktop | None, after: Desktop) -> None:
        """What a contact centre was asked to pass on, and has said the end of."""
        app = shell(self._screen)
        for row in news.passed_on(before, after):
            if row.interaction_id in self._transferring:
                self._transferring.discard(row.interaction_id)
                continue
            passed = services.ccaas.transferring.passed(app.desk, app.actor, row.interaction_id)
            if (how := await app.act(passed)) is not None:
                mine = row.interaction_id in news.unread(after)
                self.announce([news.of_transfer(row, how, mine=mine)])

    def health(self, loops: Sequence[LoopHealth]) -> None:
        """A loop has a trouble, or has recovered; that one works is no news."""
        before, self._loops = self._loops, news.settled(self._loops, loops)
        self.announce(news.of_health(before, self._loops))

    def _is_busy(self) -> bool:
        """Somebody types, or looks at something else: a new tab waits in the strip then."""
        app = shell(self._screen)
        typing = isinstance(self._screen.focused, Input | TextArea)
        return typing or app.screen is not self._screen

    def announce(self, found: Iterable[News]) -> None:
        """A toast for each; what needs the agent rings, and is told where the desktop shows it."""
        app, told = shell(self._screen), tuple(found)
        for each in told:
            app.tell(each.sentence, "warning" if each.bad else "information", each.title)
        ringing = [each for each in told if each.ring]
        if ringing:
            self._ring()
            app.notify_desktop(*_in_one(ringing))

    def tick(self, inbox: Sequence[InboxCard], now: datetime) -> None:
        """Offers that are about to run out ring once."""
        due = {c.work_item_id for c in inbox if is_last_call(c, now)}
        if due - self._called:
            self._ring()
        self._called = frozenset(due)

    def _ring(self) -> None:
        app = shell(self._screen)
        if app.options.bell:
            app.bell()


def is_last_call(card: InboxCard, now: datetime) -> bool:
    """Whether little is left of an offer that had much more."""
    if card.expires_at is None or card.expires_at - card.offered_at < 2 * LAST_CALL:
        return False
    return timedelta(0) < card.expires_at - now <= LAST_CALL


def _in_one(found: Sequence[News]) -> tuple[str, str]:
    """Title and text of one notification for all of *found*."""
    if len(found) == 1:
        return found[0].title, found[0].sentence
    return f"{len(found)} things need you", " / ".join(each.sentence for each in found)
