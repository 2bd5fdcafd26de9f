"""Handing an interaction on from its tab: who could take it, the dialog, and what comes after."""

from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.errors import DeskError
from agentdesk.tui.dialogs.transfer import DeskTransferDialog
from agentdesk.tui.messages import InteractionFinished
from agentdesk.tui.panes.passing_on import PassingOn
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.target_list import Target

if TYPE_CHECKING:
    from agentdesk.tui.panes.interaction import InteractionPane


class Transferring:
    """Asks where one pane's interaction shall go, and sends it there."""

    def __init__(self, pane: "InteractionPane") -> None:
        self._pane = pane
        self._passing_on = PassingOn(pane)

    async def ask(self) -> None:
        """Until it went, or the dialog was left."""
        app, view = shell(self._pane), self._pane.view
        if view is None:
            return
        await self._pane.flush()
        if view.centre is not None:
            await self._passing_on.ask(view)
            return
        coro = services.transferring.targets(app.desk, app.actor, view.interaction_id)
        targets = await app.act(coro)
        if targets is None:
            return
        dialog = DeskTransferDialog(view.number, targets, self._hand_on)
        if (target := await app.push_screen_wait(dialog)) is not None:
            app.tell(f"{view.number} went to {one_line(target.name)}.")
            self._pane.post_message(InteractionFinished(view.interaction_id))

    async def _hand_on(self, target: Target, note: str) -> str:
        """Empty when it went, else the sentence that refuses it."""
        app, ix = shell(self._pane), self._pane.interaction_id
        try:
            if target.agent is not None:
                agent_id = target.agent.agent_id
                await services.transferring.to_agent(app.desk, app.actor, ix, agent_id, note)
            elif target.queue is not None:
                queue_id = target.queue.queue_id
                await services.transferring.to_queue(app.desk, app.actor, ix, queue_id, note)
        except DeskError as error:
            return str(error)
        return ""
