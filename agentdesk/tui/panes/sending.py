"""Sending what was written in a thread: now, later or in another way, and taking it back."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from agentdesk import services
from agentdesk.domain.delivery import AfterSend
from agentdesk.domain.draft import Draft
from agentdesk.domain.errors import DeskError, SomethingNew
from agentdesk.domain.ids import DraftId, OutboxId
from agentdesk.domain.promised import promises_file
from agentdesk.domain.views import StreamEntry
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.send_options import NOW, SendChoice, SendOptionsDialog, Way
from agentdesk.tui.dialogs.something_new import AfterStop, SomethingNewDialog
from agentdesk.tui.panes.replying import Replying
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.draft_keeper import DraftKeeper

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.thread import ThreadPane

T = TypeVar("T")
E = TypeVar("E", bound=DeskError)


async def or_error(coro: Coroutine[Any, Any, T], kind: type[E]) -> T | E:
    """The result of *coro*, or its error where it is a *kind*: an answer, not a failure."""
    try:
        return await coro
    except kind as error:
        return error


class Sending:
    """The way out of one pane. Each method is one thing that a person does."""

    def __init__(self, pane: "ThreadPane[Any]", replying: Replying) -> None:
        self._pane, self._replying = pane, replying
        self._hinted: DraftId | None = None

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    async def send(self, choice: SendChoice | None = None) -> None:
        """Send the mail; a second press while it is being sent does nothing."""
        keeper = self._replying.composer.keeper
        if keeper is None or keeper.lost or self._replying.busy:
            return
        self._replying.busy = True
        try:
            if await keeper.flush() and await self._means_it(keeper):
                await self._queue(keeper, choice or SendChoice())
        finally:
            self._replying.busy = False

    async def choose(self) -> None:
        """Ask how, then send that way."""
        choice = await self._ask(self._pane.ways, "Send")
        if choice is None:
            self._replying.composer.focus_text()
        else:
            await self.send(choice)

    async def _ask(self, ways: tuple[Way, ...], title: str) -> SendChoice | None:
        view = self._pane.view
        who = view.customer if view is not None else None
        dialog = SendOptionsDialog(
            ways,
            title=title,
            name=services.templates.first_name(who.name) if who else "",
            time_zone=who.time_zone if who else "",
        )
        return await self._app.push_screen_wait(dialog)

    async def _means_it(self, keeper: DraftKeeper) -> bool:
        """Ask once where the text promises a file and there is none."""
        draft = keeper.draft
        if draft.files or self._hinted == draft.id or not promises_file(keeper.typed.body):
            return True
        self._hinted = draft.id
        question = "Your text speaks of an attachment, but there is none. Send it without?"
        sure = await self._app.push_screen_wait(
            ConfirmDialog(question, yes="Send", no="Go back", title="No attachment")
        )
        return bool(sure)

    async def _queue(
        self, keeper: DraftKeeper, choice: SendChoice, *, anyway: bool = False
    ) -> None:
        app, draft = self._app, keeper.draft
        coro = services.sending.queue(
            app.desk,
            app.actor,
            draft.id,
            draft.token,
            anyway=anyway,
            after=choice.after,
            send_at=choice.send_at,
        )
        outcome = await app.act(or_error(coro, SomethingNew))
        if isinstance(outcome, SomethingNew):
            await self._ask_about_news(keeper, choice, outcome)
        elif outcome is not None:
            self._replying.forget()
            self._pane.go_on_reading()
            if choice.after is AfterSend.CLOSE:
                self._pane.closed_by_sending()

    async def _ask_about_news(
        self, keeper: DraftKeeper, choice: SendChoice, news: SomethingNew
    ) -> None:
        match await self._app.push_screen_wait(SomethingNewDialog(str(news), news.news)):
            case AfterStop.SEND:
                await self._queue(keeper, choice, anyway=True)
            case AfterStop.SHOW:
                self._pane.go_on_reading()
            case AfterStop.DISCARD:
                await self._replying.discard()
            case _:
                self._replying.composer.focus_text()

    # A mail that waits

    async def undo(self, entry: StreamEntry) -> None:
        """Call a mail back; its draft is open again."""
        if entry.outbox_id is not None:
            await self.take_back(services.sending.cancel, entry.outbox_id)

    async def take_back(
        self, how: Callable[..., Coroutine[Any, Any, Draft]], outbox_id: OutboxId
    ) -> None:
        """Write on in the draft that *how* gives back."""
        app = self._app
        draft = await app.act(how(app.desk, app.actor, outbox_id))
        if draft is not None:
            self._hinted = draft.id  # it was sent as it is once: a promised file is no question
            await self._replying.fold()
            await self._replying.begin(draft)
            self._pane.read_again()

    async def change_time(self, entry: StreamEntry) -> None:
        """Another moment for a mail that waits, or none."""
        if entry.outbox_id is None:
            return
        choice = await self._ask(NOW, "When shall this mail go out?")
        if choice is None:
            return
        app = self._app
        if choice.send_at is None:
            coro = services.sending.send_now(app.desk, app.actor, entry.outbox_id)
        else:
            coro = services.sending.reschedule(app.desk, app.actor, entry.outbox_id, choice.send_at)
        await app.act(coro)
        self._pane.read_again()
