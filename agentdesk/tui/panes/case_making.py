"""A case from an interaction: a new one, or one that exists takes it."""

from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.case import NewCase
from agentdesk.domain.ids import AgentId, CaseId
from agentdesk.domain.views import InteractionView
from agentdesk.tui.dialogs.case_form import (
    EXISTING,
    NOTHING,
    PRIORITIES,
    SAVED,
    CaseForm,
    CaseTyped,
    Choices,
)
from agentdesk.tui.dialogs.find_choice import FindChoiceDialog
from agentdesk.tui.dialogs.picker import Choice
from agentdesk.tui.messages import CaseMade, ThreadBecame
from agentdesk.tui.panes.case_joining import case_finder
from agentdesk.tui.panes.casework import refusal
from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.interaction import InteractionPane

CLOSES = (
    "{number} closes with Task created, without a wrap-up; its conversation goes on in the case. "
    "This cannot be undone: merge the case into another one if it was a mistake."
)


class CaseMaking:
    """What one pane's interaction becomes."""

    def __init__(self, pane: "InteractionPane") -> None:
        self._pane = pane
        self._made: CaseId | None = None

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    async def ask(self) -> None:
        """What shall be said of the case, or which case takes it."""
        app, view = self._app, self._pane.view
        if view is None:
            return
        await self._pane.flush()
        if (choices := await self._choices()) is None:
            return
        typed = CaseTyped(view.subject, priority=str(view.priority), assign_to=_key(app))
        form = CaseForm(
            f"Create a case from {view.number}",
            typed,
            choices,
            self._create,
            summary=self._summary,
            closes=CLOSES.format(number=view.number),
        )
        match await app.push_screen_wait(form):
            case str(answer) if answer == SAVED and self._made is not None:
                await self._become(view, self._made, "was created")
            case str(answer) if answer == EXISTING:
                await self._add_to_existing(view)

    async def _choices(self) -> Choices | None:
        app = self._app
        where = (app.desk, app.actor)
        categories = await app.act(services.cases.categories(*where))
        groups = await app.act(services.cases.groups(*where))
        agents = await app.act(services.cases.agents(*where))
        if categories is None or groups is None or agents is None:
            return None
        none, nobody = Choice(NOTHING, "none"), Choice(NOTHING, "nobody yet")
        return {
            "priority": PRIORITIES,
            "category": (none, *(Choice(c.key, c.label) for c in categories)),
            "group": (none, *(Choice(g.key, g.label) for g in groups)),
            "assign_to": (*(Choice(str(a.agent_id), a.name) for a in agents), nobody),
        }

    async def _create(self, typed: CaseTyped) -> str:
        app, ix = self._app, self._pane.interaction_id
        new = NewCase(
            subject=typed.subject,
            description=typed.description,
            priority=int(typed.priority),
            category=typed.category,
            group=typed.group,
            assign_to=AgentId(int(typed.assign_to)) if typed.assign_to else None,
        )

        async def make() -> None:
            self._made = await services.cases.create(app.desk, app.actor, ix, new)
            self._pane.post_message(CaseMade(self._made))

        return await refusal(make())

    async def _summary(self) -> str:
        app, ix = self._app, self._pane.interaction_id
        return await app.act(services.summaries.description(app.desk, app.actor, ix)) or ""

    async def _add_to_existing(self, view: InteractionView) -> None:
        app = self._app
        dialog = FindChoiceDialog(
            f"Add {view.number} to a case",
            case_finder(app, view.customer.customer_id),
            sentence=f"{view.number} closes with Task created; its conversation goes on in the case.",
            empty="No such case. Closed ones cannot be chosen.",
        )
        if (key := await app.push_screen_wait(dialog)) is None:
            return
        case_id = CaseId(int(key))

        async def add() -> bool:
            await services.cases.associate(app.desk, app.actor, view.interaction_id, case_id)
            return True

        if await app.act(add()):
            await self._become(view, case_id, "goes on")

    async def _become(self, view: InteractionView, case_id: CaseId, how: str) -> None:
        """The tab of the interaction becomes that of the case; one toast says so."""
        app = self._app
        case = await app.act(services.cases.view(app.desk, app.actor, case_id))
        if case is None:
            return
        self._pane.forget_draft()
        app.tell(f"{case.number} {how}; {view.number} is closed with Task created.")
        self._pane.post_message(ThreadBecame(view.interaction_id, case_id, case.number))


def _key(app: "DeskApp") -> str:
    """Whoever makes it has it, unless they say otherwise."""
    return str(app.actor.agent_id) if app.actor.agent_id else NOTHING
