"""One case as a tab: what is done with it beside reading and writing.

It has `action_<id>` for every action of the scope case, and for those of an interaction that mean the
same here.
"""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from agentdesk.domain.case_head import CaseView
from agentdesk.domain.ids import CaseId
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.dialogs.send_options import CASE_WAYS, Way
from agentdesk.tui.messages import TabRequested
from agentdesk.tui.panes import possible
from agentdesk.tui.panes.case_joining import CaseJoining
from agentdesk.tui.panes.casework import Casework
from agentdesk.tui.panes.sources import CaseSource
from agentdesk.tui.panes.thread import ThreadPane
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.case_details import HOW, CaseDetails
from agentdesk.tui.widgets.cells import one_line


class CasePane(ThreadPane[CaseView]):
    """The tab of one case."""

    def __init__(self, case_id: CaseId, number: str, top: int = 0) -> None:
        super().__init__(CaseSource(case_id, number), top)
        self.case_id = case_id
        self._casework = Casework(self)
        self._joining = CaseJoining(self)

    def compose_notices(self) -> Iterable[Widget]:
        """What it is about, folded."""
        yield CaseDetails(id="details")
        yield from super().compose_notices()

    def show_view(self, view: CaseView) -> None:
        """Also the details."""
        super().show_view(view)
        self.query_one(CaseDetails).view = view

    @property
    def may_be_answered(self) -> bool:
        """Until it is closed."""
        return self.view is not None and not self.view.state.closed

    @property
    def ways(self) -> tuple[Way, ...]:
        """A case waits or stays open; no mail closes it."""
        return CASE_WAYS

    def allows(self, action_id: str, *, writing: bool) -> bool | None:
        """What its state allows; services check again."""
        assert self.view is not None
        return possible.with_case(action_id, self.view, writing=writing)

    @on(CaseDetails.LinkChosen)
    def _record_chosen(self, event: CaseDetails.LinkChosen) -> None:
        event.stop()
        self.post_message(TabRequested(event.thread_id, event.number))

    # Actions

    def action_assign_to_me(self) -> None:
        """Take it."""
        self._do(self._casework.take(), "move")

    def action_toggle_awaiting(self) -> None:
        """Wait for the customer, or go on."""
        self._do(self._casework.toggle_awaiting(), "move")

    def action_resolve_case(self) -> None:
        """Say how it was resolved; then reopen or close it."""
        self._do(self._casework.resolve(), "resolve")

    def action_assign_case(self) -> None:
        """Give it to an agent or a group."""
        self._do(self._casework.assign(), "assign")

    def action_edit_case(self) -> None:
        """Subject, description, priority, category."""
        self._do(self._casework.edit(), "edit")

    def action_relate_case(self) -> None:
        """Tie it to another case."""
        self._do(self._joining.ask(), "relate")

    def action_watch_case(self) -> None:
        """Follow it, or no more."""
        self._do(self._casework.toggle_watching(), "move")

    def action_set_due_date(self) -> None:
        """When it was promised."""
        self._do(self._casework.set_due_date(), "due")

    def action_toggle_details(self) -> None:
        """Fold or unfold what stands below the head."""
        details = self.query_one(CaseDetails)
        details.unfolded = not details.unfolded

    def action_open_link(self) -> None:
        """The record around it; where there are several, after asking which."""
        self._do(self._open_link(), "link")

    async def _open_link(self) -> None:
        related = self.view.related if self.view is not None else ()
        found = {str(row.thread_id): row for row in related}
        key: str | None = next(iter(found), None)
        if len(found) > 1:
            choices = [
                Choice(key, f"{row.number}  {one_line(row.subject, 50)}", remark=HOW[row.how])
                for key, row in found.items()
            ]
            key = await shell(self).push_screen_wait(PickDialog(choices, title="Open"))
        if key is not None:
            self.post_message(TabRequested(found[key].thread_id, found[key].number))
