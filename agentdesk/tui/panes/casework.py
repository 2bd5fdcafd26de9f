"""What a person does with a case: its state, whose it is, what is said of it, what is promised."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.domain.case import CaseChanges, CaseState
from agentdesk.domain.case_head import CaseView
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import AgentId
from agentdesk.tui.dialogs.case_form import NOTHING, PRIORITIES, CaseForm, CaseTyped
from agentdesk.tui.dialogs.due_date import DueDialog
from agentdesk.tui.dialogs.find_choice import FindChoiceDialog, among
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.dialogs.resolve_case import ResolveDialog
from agentdesk.tui.panes.moves import Moves

if TYPE_CHECKING:
    from agentdesk.tui.panes.case import CasePane

    pass

NOBODY = "nobody"


async def refusal(coro: Coroutine[Any, Any, object]) -> str:
    """The sentence that refuses *coro*, for the dialog that asked for it; empty when it went."""
    try:
        await coro
    except DeskError as error:
        return str(error)
    return ""


class Casework(Moves):
    """The case of one pane, moved by a person."""

    _pane: "CasePane"

    async def take(self) -> None:
        """It is mine."""
        app, case = self._app, self._pane.case_id
        await self._done(services.cases.assign_to_me(app.desk, app.actor, case))

    async def toggle_awaiting(self) -> None:
        """Wait for the customer, or go on."""
        app, case, view = self._app, self._pane.case_id, self._pane.view
        waits = view is not None and view.state is CaseState.AWAITING_INFO
        move = services.cases.go_on if waits else services.cases.await_information
        await self._done(move(app.desk, app.actor, case))

    async def toggle_watching(self) -> None:
        """Follow it, or no more."""
        app, case, view = self._app, self._pane.case_id, self._pane.view
        if view is not None:
            on = not view.watched
            if await self._done(services.cases.watch(app.desk, app.actor, case, on)):
                words = "You watch" if on else "You do not watch"
                app.tell(f"{words} {view.number}{'' if on else ' any more'}.")

    # The end

    async def resolve(self) -> None:
        """Ask for code and notes; a resolved case is reopened or closed."""
        app, case, view = self._app, self._pane.case_id, self._pane.view
        if view is None:
            return
        await self._pane.flush()
        if view.state is CaseState.RESOLVED:
            return await self._end(view)
        codes = await app.act(services.cases.codes(app.desk, app.actor))
        if codes is None:
            return

        async def resolve(code: str, notes: str) -> str:
            return await refusal(services.cases.resolve(app.desk, app.actor, case, code, notes))

        dialog = ResolveDialog(view.number, codes, resolve, view.notes)
        if await app.push_screen_wait(dialog):
            self._pane.read_again()

    async def _end(self, view: CaseView) -> None:
        app = self._app
        choices = (
            Choice("reopen", "Reopen", remark="it was not resolved after all"),
            Choice("close", "Close", remark="for good: later mail begins a new interaction"),
        )
        chosen = await app.push_screen_wait(PickDialog(choices, title=f"{view.number} is resolved"))
        if chosen is not None:
            move = services.cases.reopen if chosen == "reopen" else services.cases.close
            await self._done(move(app.desk, app.actor, view.case_id))

    # What is said of it

    async def assign(self) -> None:
        """To an agent, a group, or back to nobody."""
        app, view = self._app, self._pane.view
        agents = await app.act(services.cases.agents(app.desk, app.actor))
        groups = await app.act(services.cases.groups(app.desk, app.actor))
        if view is None or agents is None or groups is None:
            return
        choices = [
            *(Choice(f"agent {a.agent_id}", a.name, remark="agent") for a in agents),
            *(Choice(f"group {g.key}", g.label, remark="group, nobody of it yet") for g in groups),
            Choice(NOBODY, "Nobody", remark="its group keeps it"),
        ]
        title = f"Assign {view.number}"
        dialog = FindChoiceDialog(title, among(choices), placeholder="An agent or a group")
        if (chosen := await app.push_screen_wait(dialog)) is None:
            return
        kind, _, key = chosen.partition(" ")
        agent = AgentId(int(key)) if kind == "agent" else None
        group = key if kind == "group" else view.group_key
        await self._done(services.cases.assign(app.desk, app.actor, view.case_id, agent, group))

    async def edit(self) -> None:
        """Subject, description, priority and category."""
        app, view = self._app, self._pane.view
        categories = await app.act(services.cases.categories(app.desk, app.actor))
        if view is None or categories is None:
            return
        typed = CaseTyped(view.subject, view.description, str(view.priority), view.category_key)
        none = Choice(NOTHING, "none")
        choices = {
            "priority": PRIORITIES,
            "category": (none, *(Choice(c.key, c.label) for c in categories)),
        }

        async def save(said: CaseTyped) -> str:
            changes = CaseChanges(said.subject, said.description, int(said.priority), said.category)
            return await refusal(services.cases.edit(app.desk, app.actor, view.case_id, changes))

        form = CaseForm(f"Edit {view.number}", typed, choices, save, summary=self._summary)
        if await app.push_screen_wait(form):
            self._pane.read_again()

    async def _summary(self) -> str:
        app, case = self._app, self._pane.case_id
        return await app.act(services.summaries.description(app.desk, app.actor, case)) or ""

    async def set_due_date(self) -> None:
        """When it was promised to be done."""
        app, view = self._app, self._pane.view
        if view is None:
            return
        dialog = DueDialog(view.number, promised=view.due_at is not None)
        if (choice := await app.push_screen_wait(dialog)) is None:
            return
        changes = CaseChanges(due_at=choice.due_at, drop_due=choice.due_at is None)
        await self._done(services.cases.edit(app.desk, app.actor, view.case_id, changes))
