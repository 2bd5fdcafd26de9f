"""Handing an interaction on through the contact centre that routes it: the dialog, and the five seconds
after it.
"""

from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.ccaas.transfers import Choices, Passed
from agentdesk.domain.errors import DeskError
from agentdesk.domain.views import InteractionView
from agentdesk.tui.dialogs.centre_transfer import CentreTransferDialog
from agentdesk.tui.messages import InteractionFinished, TransferAsked
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.target_list import Target

if TYPE_CHECKING:
    from agentdesk.tui.panes.interaction import InteractionPane


class PassingOn:
    """One pane's interaction, asked of its centre to be passed on."""

    def __init__(self, pane: "InteractionPane") -> None:
        self._pane = pane
        self._centre = ""
        self._passed: Passed | None = None

    async def ask(self, view: InteractionView) -> None:
        """Until it went, failed on its way or is silent, or the dialog was left."""
        app, self._passed = shell(self._pane), None
        self._centre = one_line(view.centre.name) if view.centre else ""
        dialog = CentreTransferDialog(view.number, self._centre, self._find, self._hand_on)
        if (target := await app.push_screen_wait(dialog)) is not None:
            self._tell(view.number, target)

    async def _find(self, words: str) -> Choices:
        app, ix = shell(self._pane), self._pane.interaction_id
        try:
            return await services.ccaas.transferring.targets(app.desk, app.actor, ix, words)
        except DeskError as error:
            return Choices(self._centre, unavailable=str(error))

    async def _hand_on(self, target: Target, note: str) -> str:
        """The sentence that keeps it here; empty when it went, failed on its way or is silent."""
        app, pane = shell(self._pane), self._pane
        assert target.there is not None
        pane.post_message(TransferAsked(pane.interaction_id))
        begin = services.ccaas.transferring.begin
        try:
            order = await begin(app.desk, app.actor, pane.interaction_id, target.there, note)
        except DeskError as error:
            return str(error)
        pane.forget_draft()
        pane.read_again()
        outcome = services.ccaas.transferring.outcome
        self._passed = await outcome(app.desk, app.actor, pane.interaction_id, order)
        if self._passed is None:
            pane.post_message(TransferAsked(pane.interaction_id, over=True))
            return ""
        return "" if self._passed.back_to else self._passed.why

    def _tell(self, number: str, target: Target) -> None:
        app, passed = shell(self._pane), self._passed
        if passed is None:
            app.tell(
                f"{self._centre} has not answered yet. {number} stays read-only until it does.",
                "warning",
            )
            return
        if passed.back_to:
            words = f"It waits in {one_line(passed.back_to)}."
            app.tell(f"{number} was not transferred: {passed.why} {words}", "warning")
        else:
            app.tell(f"{number} went to {one_line(target.name)}.")
        self._pane.post_message(InteractionFinished(self._pane.interaction_id))
