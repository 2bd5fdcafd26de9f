"""Conversations as chains of tasks: which task stands for one now, and how it stands.

A task says in its attributes which is the first of its chain and which the one before it. It takes that
one's place once that one has ended, so a transfer that broke off in between has not happened yet.
"""

from datetime import timedelta

from agentdesk.ccaas.twilio.asking import TaskRouter
from agentdesk.ccaas.twilio.attributes import FIRST
from agentdesk.ccaas.twilio.log import remembered
from agentdesk.ccaas.twilio.reading import Reservation, Task, reservation_of, snapshot_of, task_of
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import UnknownThere
from agentdesk.domain.ccaas.values import Snapshot

MOST_REMEMBERED = 10_000


class Chains:
    """The conversations of a workspace. What it remembers only saves questions."""

    def __init__(self, router: TaskRouter) -> None:
        self._router = router
        self._newest: dict[str, str] = {}
        self._firsts: dict[str, str] = {}
        self._patience: dict[str, timedelta | None] = {}

    async def snapshot(self, conversation: str) -> Snapshot:
        """How it stands. Raises `UnknownThere`, `CentreProblem`."""
        task = await self.head(conversation)
        if task is None:
            task, held = await remembered(
                self._router, self._newest.get(conversation, conversation)
            )
        else:
            held = await self.reservations(task)
        asked = any(one.status == "pending" for one in held)
        patience = await self._patience_of(task.workflow) if asked else None
        return snapshot_of(conversation, task, held, self._router.http.there(), patience)

    async def head(self, conversation: str) -> Task | None:
        """The task that stands for it now; None where all of its chain are deleted."""
        known = await self.task(self._newest.get(conversation, conversation))
        if known is not None and known.live:
            return known
        newest = await self.newest(conversation)
        if newest is None or (known is not None and newest.sid == known.sid):
            return known
        if known is None or known.sid != newest.named("previous"):
            before = await self.task(newest.named("previous"))
            if before is not None and before.live:
                return before
        self._remember(self._newest, conversation, newest.sid)
        return newest

    async def newest(self, conversation: str) -> Task | None:
        """The newest task that names it as the first of its chain: of those of one second, the one that no
        other follows.
        """
        found = await self.matching(FIRST, conversation)
        times = [one.created or self._router.http.there() for one in found]
        last = [one.sid for one, at in zip(found, times, strict=True) if at == max(times)]
        whole = [task for sid in last if (task := await self.task(sid)) is not None]
        followed = {task.named("previous") for task in whole}
        return next((task for task in whole if task.sid not in followed), None)

    async def matching(self, attribute: str, value: str) -> list[Task]:
        """Tasks whose attribute is this text. Their attributes may be missing: fetch one to have them."""
        query = {"EvaluateTaskAttributes": f"{attribute} == '{value}'"}
        return [task_of(one) for one in await self._router.list("tasks", query, "Tasks")]

    async def task(self, sid: str) -> Task | None:
        """One task, None where it is not there (any more): minutes after its end it is deleted."""
        try:
            answer = await self._router.get("Tasks", sid)
        except UnknownThere:
            return None
        task = task_of(Wire(self._router.name, "a task", answer.body), answer)
        self._remember(self._firsts, task.sid, task.first)
        return task

    async def reservations(self, task: Task) -> list[Reservation]:
        """To whom it was and is offered."""
        found = await self._router.list("reservations", {}, "Tasks", task.sid, "Reservations")
        return [reservation_of(one) for one in found]

    async def conversation_of(self, sid: str) -> str:
        """The conversation that a task belongs to."""
        if sid not in self._firsts:
            await self.task(sid)
        return self._firsts.get(sid, sid)

    async def _patience_of(self, workflow: str) -> timedelta | None:
        """How long an offer is good: told by the workflow, and asked once."""
        if not workflow:
            return None
        if workflow not in self._patience:
            answer = await self._router.get("Workflows", workflow)
            wire = Wire(self._router.name, "a workflow", answer.body)
            seconds = wire.number("task_reservation_timeout")
            self._patience[workflow] = timedelta(seconds=seconds) if seconds else None
        return self._patience[workflow]

    def forget(self) -> None:
        """Ask again for what may have been changed by an administrator."""
        self._patience.clear()

    def _remember(self, book: dict[str, str], name: str, value: str) -> None:
        if len(book) >= MOST_REMEMBERED:
            book.clear()
        book[name] = value
