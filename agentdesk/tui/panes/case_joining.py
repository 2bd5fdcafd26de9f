"""Cases that belong together: related, a part of another one, merged into another one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.case_head import CaseView
from agentdesk.domain.case_views import CaseRow
from agentdesk.domain.ids import CaseId, CustomerId
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.find_choice import Find, FindChoiceDialog
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.panes.moves import Moves
from agentdesk.tui.widgets.cells import one_line

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.case import CasePane

WAYS = {
    "relate": ("Relate to another case", "both show each other; nothing else changes"),
    "parent": ("Make it a part of another case", "both stay open and show each other"),
    "merge": ("Merge into another case", "this one closes; later mail goes to the other one"),
}
DOES = {
    "relate": "{number} and the case that you choose will show each other. Nothing else changes.",
    "parent": "{number} becomes a part of the case that you choose. Both stay open.",
    "merge": (
        "{number} closes, and the case that you choose takes over its conversation, who takes part, "
        "and later mail. It can be undone until mail comes or goes."
    ),
}


def case_finder(
    app: "DeskApp", customer_id: CustomerId | None, *, without: CaseId | None = None
) -> Find:
    """Finds cases that are not closed by typed words, the customer's first; *without*: not this one."""

    async def find(words: str) -> Sequence[Choice] | None:
        rows = await app.act(services.cases.find(app.desk, app.actor, words, customer_id))
        return rows if rows is None else [_choice(row) for row in rows if row.case_id != without]

    return find


def _choice(row: CaseRow) -> Choice:
    where = f"{one_line(row.customer, 40)} · {row.state.label}"
    return Choice(str(row.case_id), f"{row.number}  {one_line(row.subject, 60)}", remark=where)


class CaseJoining(Moves):
    """What ties the case of one pane to others."""

    _pane: "CasePane"

    async def ask(self) -> None:
        """How, then with which case; or what shall not be tied any more."""
        app, view = self._app, self._pane.view
        if view is None:
            return
        await self._pane.flush()
        if view.merged_into:
            return await self._undo_merge(view)
        dialog = PickDialog(list(_ways(view)), title=f"{view.number} and other cases")
        chosen = await app.push_screen_wait(dialog)
        if chosen in WAYS:
            await self._tie(view, chosen)
        elif chosen is not None:
            await self._untie(view, chosen)

    async def _tie(self, view: CaseView, way: str) -> None:
        app = self._app
        dialog = FindChoiceDialog(
            WAYS[way][0],
            case_finder(app, view.customer.customer_id, without=view.case_id),
            sentence=DOES[way].format(number=view.number),
            empty="No such case. Closed ones cannot be chosen.",
        )
        if (key := await app.push_screen_wait(dialog)) is None:
            return
        other = CaseId(int(key))
        where = (app.desk, app.actor, view.case_id, other)
        if way == "relate":
            await self._done(services.cases.relate(*where, on=True))
        elif way == "parent":
            await self._done(services.cases.set_parent(*where))
        elif await self._done(services.cases.merge(*where)):
            app.tell(f"{view.number} was merged. Its details lead to the case that took it over.")

    async def _untie(self, view: CaseView, chosen: str) -> None:
        app = self._app
        kind, _, key = chosen.partition(" ")
        other = CaseId(int(key))
        if kind == "unrelate":
            await self._done(
                services.cases.relate(app.desk, app.actor, view.case_id, other, on=False)
            )
        else:
            await self._done(services.cases.set_parent(app.desk, app.actor, view.case_id, None))

    async def _undo_merge(self, view: CaseView) -> None:
        app = self._app
        question = f"Take {view.number} out of {view.merged_into} again? It gets its state back."
        dialog = ConfirmDialog(question, yes="Take it out", no="Cancel", title="Undo merge")
        if await app.push_screen_wait(dialog):
            await self._done(services.cases.undo_merge(app.desk, app.actor, view.case_id))


def _ways(view: CaseView) -> list[Choice]:
    """What can be tied, then what can be untied."""
    ties = [Choice(key, label, remark=does) for key, (label, does) in WAYS.items()]
    for row in view.related:
        if row.how == "related":
            label = f"No longer related to {row.number}"
            ties.append(
                Choice(f"unrelate {row.thread_id}", label, remark=one_line(row.subject, 40))
            )
        elif row.how == "parent":
            label = f"No longer a part of {row.number}"
            ties.append(Choice(f"unhang {row.thread_id}", label, remark=one_line(row.subject, 40)))
    return ties
