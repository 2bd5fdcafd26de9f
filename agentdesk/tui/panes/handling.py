"""What the owner does with an interaction: take it, hold it, close and wrap it up."""

from datetime import datetime
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.assistance import CodeSuggestion
from agentdesk.domain.ids import CodeId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import InteractionView
from agentdesk.domain.when import spoken
from agentdesk.tui.dialogs.snooze import SnoozeDialog
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog, WrapUpDraft
from agentdesk.tui.messages import InteractionFinished
from agentdesk.tui.panes.moves import Moves
from agentdesk.tui.shell import may_ask
from agentdesk.tui.widgets.cells import one_line

if TYPE_CHECKING:
    from agentdesk.tui.panes.interaction import InteractionPane


class Handling(Moves):
    """The state of one pane's interaction, moved by a person."""

    _pane: "InteractionPane"

    def __init__(self, pane: "InteractionPane") -> None:
        super().__init__(pane)
        self._dialog: WrapUpDialog | None = None
        self._begun: WrapUpDraft | None = None

    async def assign(self) -> None:
        """Take the interaction out of its queue."""
        app, ix = self._app, self._pane.interaction_id
        await self._done(services.offers.assign_to_me(app.desk, app.actor, ix))

    async def toggle_hold(self) -> None:
        """Wait for the customer; or go on, which also undoes a close."""
        app, ix, view = self._app, self._pane.interaction_id, self._pane.view
        working = view is not None and view.state is State.WORK_IN_PROGRESS
        move = services.handling.hold if working else services.handling.resume
        done = await self._done(move(app.desk, app.actor, ix))
        centre = view.centre if view is not None else None
        if done and working and centre is not None and not centre.parks:
            app.tell(f"On hold here only: {one_line(centre.name)} cannot put it aside.")

    async def snooze(self) -> None:
        """Ask until when; an answer is told in words."""
        app, view = self._app, self._pane.view
        if view is None:
            return
        dialog = SnoozeDialog(view.number, view.customer.name, snoozed=view.snoozed)
        choice = await app.push_screen_wait(dialog)
        if choice is None:
            return
        await self._pane.flush()
        where = (app.desk, app.actor, self._pane.interaction_id)
        if choice.wake:
            await self._done(services.snoozing.wake(*where))
        elif await self._done(services.snoozing.snooze(*where, choice.until)):
            app.tell(f"{view.number} is put aside {self._until(choice.until)}.")

    def _until(self, until: datetime | None) -> str:
        if until is None:
            return "until the customer answers"
        return f"until {spoken(until, self._app.now(), self._app.options.zone)}"

    # Closing

    async def close(self) -> None:
        """Start the wrap-up, or show the one that runs."""
        view = self._pane.view
        if view is None:
            return
        if view.state is not State.WRAP_UP:
            await self._pane.flush()
            app, ix = self._app, self._pane.interaction_id
            if not await self._done(services.handling.close(app.desk, app.actor, ix)):
                return
            self._pane.forget_draft()
            view = await app.act(services.views.interaction(app.desk, app.actor, ix))
        if view is not None and view.wrap_up is not None:
            await self._ask_for_code(view)

    async def ask_for_code(self) -> None:
        """Show the wrap-up that runs, as it is now."""
        app, ix = self._app, self._pane.interaction_id
        view = await app.act(services.views.interaction(app.desk, app.actor, ix))
        if view is not None and view.wrap_up is not None:
            await self._ask_for_code(view)

    async def _ask_for_code(self, view: InteractionView) -> None:
        app = self._app
        if self._dialog is not None or view.wrap_up is None:
            return
        codes = await app.act(
            services.handling.wrap_up_codes(app.desk, app.actor, view.interaction_id)
        )
        if not codes:
            return
        suggest = self._suggest_code if may_ask(self._pane) else None
        self._dialog = WrapUpDialog(
            view.number, view.wrap_up, codes, self._submit, self._begun, suggest
        )
        try:
            self._begun = await app.push_screen_wait(self._dialog)
        finally:
            self._dialog = None
        if self._begun is not None and self._begun.go_on:
            await self.toggle_hold()

    async def _suggest_code(self) -> CodeSuggestion:
        app, ix = self._app, self._pane.interaction_id
        return await services.suggesting.code(app.desk, app.actor, ix)

    async def _submit(self, code_id: CodeId, notes: str) -> bool:
        app, ix = self._app, self._pane.interaction_id
        went = await self._done(services.handling.wrap_up(app.desk, app.actor, ix, code_id, notes))
        if went:
            self._pane.post_message(InteractionFinished(ix))
        return went

    def follow(self, view: InteractionView) -> None:
        """The wrap-up may have ended without this window: then its dialog goes, with a sentence."""
        dialog = self._dialog
        if dialog is None or view.state is State.WRAP_UP or dialog.submitting:
            return
        if dialog not in self._app.screen_stack:
            return
        dialog.close_for_good()
        self._begun = None
        if view.state.closed:
            self._app.tell(f"{view.number} is closed: its time to wrap up ended.", "warning")
        else:
            self._app.tell(f"{view.number} is open again: its wrap-up was stopped.", "warning")
