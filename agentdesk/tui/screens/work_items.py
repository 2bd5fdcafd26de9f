"""Everything that waits for an agent: found, ordered, and steered, one by one or many at once."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from agentdesk import services
from agentdesk.domain.board import Steered, WorkLine
from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.views import Page
from agentdesk.tui import actions
from agentdesk.tui.actions import BY_ID, Scope
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.screens import steering
from agentdesk.tui.screens.supervisor import SupervisorScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.virtual_list import VirtualList
from agentdesk.tui.widgets.work_item_list import WorkItemLine, WorkItemList

LISTS = {
    "open": "All that is open",
    "waiting": "Waiting",
    "offered": "Offered",
    "attention": "Needs attention",
}
ORDERS = {"waited": "Longest wait first", "priority": "By priority", "target": "By target"}
EVERY_QUEUE = "0"
CALM_S = 0.25
"""Pause in typing after which the search runs."""

Word = Callable[[Sequence[WorkItemId]], Coroutine[Any, Any, Steered]]


class WorkItemsScreen(SupervisorScreen):
    """A list of any length below its filters."""

    view: ClassVar[str] = "work-items"
    CSS_PATH = "work_items.tcss"
    AUTO_FOCUS = "#items"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Scope.WORK_ITEMS)]

    def compose_view(self) -> Iterable[Widget]:
        """Filters, words, rows."""
        self._which, self._order = "open", "waited"
        self._queue: QueueId | None = None
        self._counts: dict[str, int] = {}
        self._calm: Timer | None = None
        yield WorkItemLine(id="item-filters")
        yield Input(id="item-search", placeholder="Words, a name or a number", compact=True)
        yield WorkItemList(self._fetch, id="items")

    @property
    def rows(self) -> WorkItemList:
        """The list."""
        return self.query_one(WorkItemList)

    @property
    def search(self) -> Input:
        """The words that are looked for."""
        return self.query_one("#item-search", Input)

    # Reading

    async def read_view(self) -> None:
        """How many there are, and what is looked at."""
        app = shell(self)
        counts = services.work_list.counts(app.desk, app.actor, self._queue)
        found = await app.act(counts)
        if not self.is_attached:
            return
        self._counts = dict(found or {})
        self._show_filters()
        self.rows.reload()

    async def _fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[WorkLine] | None:
        app = shell(self)
        return await app.act(
            services.work_list.page(
                app.desk,
                app.actor,
                which=self._which,
                queue_id=self._queue,
                search=self.search.value,
                order=self._order,
                after=after,
                before=before,
                limit=limit,
            )
        )

    def _show_filters(self) -> None:
        line = self.query_one(WorkItemLine)
        count = self._counts.get(self._which)
        most = services.work_list.COUNTED
        number = "" if count is None else f" {count:,}{'+' if count >= most else ''}"
        line.words = (
            ("choose_filter", f"{LISTS[self._which]}{number}"),
            ("choose_item_queue", self._queue_name()),
            ("choose_item_order", ORDERS[self._order]),
        )
        line.marked = len(self.rows.marked)

    def _queue_name(self) -> str:
        setup = shell(self).desk.in_force.queues.get(self._queue) if self._queue else None
        return setup.name if setup else "All queues"

    def _start_over(self) -> None:
        filtered = self._which != "open" or self._queue is not None or bool(self.search.value)
        self.rows.start_over(filtered=filtered)
        self._show_filters()
        self.ask()

    @on(Input.Changed, "#item-search")
    def _search_changed(self) -> None:
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(CALM_S, self._start_over)

    @on(Input.Submitted, "#item-search")
    def _search_submitted(self) -> None:
        self.rows.focus()

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    # Which items

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What means anything for the rows that are meant."""
        if action not in BY_ID or BY_ID[action].scope is not Scope.WORK_ITEMS:
            return super().check_action(action, parameters)
        if action.startswith("choose") or action == "find_items":
            return True
        if action == "undo_steering":
            return self.shared.steered is not None
        return self.is_mounted and self.rows.has_rows

    def action_mark_item(self) -> None:
        """Mark or unmark it, and go on to the next."""
        self.rows.toggle_mark()
        self._show_filters()

    def action_mark_items(self) -> None:
        """All that is read, or none."""
        self.rows.toggle_all()
        self._show_filters()

    def action_find_items(self) -> None:
        """Type what to look for."""
        self.search.focus()

    def action_go_back(self) -> None:
        """From the box to the list, from marks to none, from the list to the desk."""
        if self.focused is self.search:
            self.rows.focus()
        elif self.rows.marked:
            self.action_mark_items()
        else:
            super().action_go_back()

    async def _ask_for(self, names: dict[str, str], now: str, title: str) -> str | None:
        lines = [Choice(key, words) for key, words in names.items()]
        return await self.app.push_screen_wait(PickDialog(lines, now, title))

    @work(group="choose", exclusive=True)
    async def action_choose_filter(self) -> None:
        """Waiting, offered, needs attention, or all."""
        chosen = await self._ask_for(LISTS, self._which, "Which work items")
        if chosen is not None:
            self._which = chosen
            self._start_over()

    @work(group="choose", exclusive=True)
    async def action_choose_item_order(self) -> None:
        """What stands first."""
        chosen = await self._ask_for(ORDERS, self._order, "Order")
        if chosen is not None:
            self._order = chosen
            self._start_over()

    @work(group="choose", exclusive=True)
    async def action_choose_item_queue(self) -> None:
        """One queue, or all."""
        queues = {str(k): q.name for k, q in shell(self).desk.in_force.queues.items()}
        names = {EVERY_QUEUE: "All queues", **queues}
        chosen = await self._ask_for(names, str(self._queue or EVERY_QUEUE), "Queue")
        if chosen is not None:
            self._queue = None if chosen == EVERY_QUEUE else QueueId(int(chosen))
            self._start_over()

    # Reading one

    @on(VirtualList.Selected)
    def action_read_item(self) -> None:
        """Its conversation."""
        if (row := self.rows.row) is not None:
            self.read_conversation(row.interaction_id, row.number)

    @work(group="why", exclusive=True)
    async def action_explain_item(self) -> None:
        """Why it has no agent yet."""
        from agentdesk.tui.dialogs.why import explain_item

        if (row := self.rows.row) is not None:
            await explain_item(shell(self), row.work_item_id)

    # Steering

    async def _steer(self, what: steering.Wanted, word: Word) -> None:
        """One confirmation for many, then the word, then what became of it."""
        app, rows = shell(self), list(self.rows.meant())
        if not rows or not await steering.agreed(app, what, len(rows)):
            return
        steered = await app.act(word([row.work_item_id for row in rows]))
        if steered is None:
            return
        self.shared.steered = steered if steered.undo else None
        steering.tell(app, what, steered)
        self.rows.marked.clear()
        self.refresh_bindings()
        self._latest.ask()

    @work(group="steer", exclusive=True)
    async def action_assign_items(self) -> None:
        """To an agent who can take it now."""
        app = shell(self)
        chosen = await steering.choose_agent(app, self._ids())
        if chosen is not None:
            agent_id, name = AgentId(int(chosen[0])), chosen[1]
            await self._steer(
                steering.Wanted("Offer", f"to {name}", "offered"),
                lambda ids: services.steering.assign(app.desk, app.actor, ids, agent_id),
            )

    @work(group="steer", exclusive=True)
    async def action_requeue_items(self) -> None:
        """Another search."""
        app = shell(self)
        await self._steer(
            steering.Wanted("Requeue", "", "requeued"),
            lambda ids: services.steering.requeue(app.desk, app.actor, ids),
        )

    @work(group="steer", exclusive=True)
    async def action_move_items(self) -> None:
        """To another queue."""
        app = shell(self)
        chosen = await steering.choose_queue(app, self._ids())
        if chosen is not None:
            queue_id, name = QueueId(int(chosen[0])), chosen[1]
            await self._steer(
                steering.Wanted("Move", f"to {name}", "moved"),
                lambda ids: services.steering.move(app.desk, app.actor, ids, queue_id),
            )

    @work(group="steer", exclusive=True)
    async def action_set_items_priority(self) -> None:
        """More or less urgent."""
        app, rows = shell(self), self.rows.meant()
        if not rows:
            return
        chosen = await self._ask_for(steering.PRIORITIES, str(rows[0].priority), "Priority")
        if chosen is not None:
            priority = int(chosen)
            await self._steer(
                steering.Wanted("Give", f"priority {priority}", "changed"),
                lambda ids: services.steering.set_priority(app.desk, app.actor, ids, priority),
            )

    @work(group="steer", exclusive=True)
    async def action_cancel_items(self) -> None:
        """Nobody is asked any more."""
        app = shell(self)
        await self._steer(
            steering.Wanted("Cancel", "", "canceled", always_ask=True),
            lambda ids: services.steering.cancel(app.desk, app.actor, ids),
        )

    @work(group="steer", exclusive=True)
    async def action_undo_steering(self) -> None:
        """As it was."""
        app, steered = shell(self), self.shared.steered
        if steered is None:
            return
        self.shared.steered = None
        undone = await app.act(services.steering.undo(app.desk, app.actor, steered))
        if undone is not None:
            steering.tell(app, steering.Wanted("Undo", "", "as before"), undone)
        self.refresh_bindings()
        self._latest.ask()

    def _ids(self) -> list[WorkItemId]:
        return [row.work_item_id for row in self.rows.meant()]
