"""Mails of one pane and their place: why they are here, moved elsewhere, and put back."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from agentdesk import services
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import MessageId, MoveId
from agentdesk.domain.link_views import EntryLink, LinkNews
from agentdesk.domain.moving import Destination, MoveChoice
from agentdesk.domain.views import StreamEntry
from agentdesk.tui.dialogs.explain_link import AfterWhy, ExplainLinkDialog
from agentdesk.tui.dialogs.move_mail import MoveMailDialog
from agentdesk.tui.hints import key_of
from agentdesk.tui.panes.stream_reader import StreamReader
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line


def mail_of(entry: StreamEntry | None) -> MessageId | None:
    """The mail that an entry is, or that it speaks of."""
    if entry is None:
        return None
    return entry.link.message_id if entry.link is not None else entry.message_id


def proposal_of(pane: StreamReader) -> EntryLink | None:
    """The highlighted proposal, or that for the highlighted mail; else the newest one."""
    links = [card.entry.link for card in pane.stream.cards if card.entry.link is not None]
    proposals = [link for link in links if link.what is LinkNews.PROPOSED]
    chosen = mail_of(pane.stream.selected)
    named = [link for link in proposals if link.message_id == chosen]
    return next(reversed(named or proposals), None)


class Moving:
    """Each method is one thing that a person does about the place of a mail."""

    def __init__(self, pane: StreamReader, read_again: Callable[[], None]) -> None:
        self._pane, self._read_again = pane, read_again

    async def explain(self, message_id: MessageId) -> None:
        """Why it is here; from there it is moved, or its proposal is taken."""
        app = shell(self._pane)
        view = await app.act(services.links.decision(app.desk, app.actor, message_id))
        if view is None:
            return
        match await app.push_screen_wait(ExplainLinkDialog(view)):
            case AfterWhy.MOVE:
                await self.move(message_id)
            case AfterWhy.ACCEPT:
                await self.accept(message_id)
            case AfterWhy.DECLINE:
                await self.decline(message_id)
            case AfterWhy.UNDO if view.move_id is not None:
                await self.undo(view.move_id)

    async def move(self, message_id: MessageId) -> None:
        """Ask where it shall go, and say how to undo that."""
        app = shell(self._pane)
        plan = await app.act(services.moving_choices.plan(app.desk, app.actor, message_id))
        if plan is None:
            return

        async def find(words: str) -> Sequence[MoveChoice] | None:
            coro = services.moving_choices.find(app.desk, app.actor, message_id, words)
            return await app.act(coro)

        async def go(to: Destination, rest: bool) -> str:
            return await self._refused(
                services.moving.move(app.desk, app.actor, (message_id,), to, rest_of_thread=rest)
            )

        if await app.push_screen_wait(MoveMailDialog(plan, find, go)) is not None:
            await self._say_where(message_id)

    async def _refused(self, coro: Coroutine[Any, Any, Any]) -> str:
        """Empty when it went, else the sentence that refuses it."""
        try:
            await coro
        except DeskError as error:
            return str(error)
        return ""

    async def _say_where(self, message_id: MessageId) -> None:
        """A toast with the record and the key that undoes it."""
        app, undo = shell(self._pane), key_of(self._pane, "undo_move")
        self._read_again()
        now = await app.act(services.links.decision(app.desk, app.actor, message_id))
        if now is not None:
            app.tell(f"It went to {one_line(now.number)}. {undo} takes it back.")

    async def undo(self, move_id: MoveId | None) -> None:
        """Put back what was moved; None: what this agent moved last."""
        app = shell(self._pane)
        if move_id is None:
            move_id = await app.act(services.moving_choices.last_move(app.desk, app.actor))
            if move_id is None:
                app.tell("You moved nothing that could be put back.")
                return
        if await self._done(services.moving.undo(app.desk, app.actor, move_id)):
            app.tell("It is back where it was.")

    async def accept(self, message_id: MessageId) -> None:
        """Link the mail as proposed."""
        app = shell(self._pane)
        if await self._done(services.links.accept(app.desk, app.actor, message_id)):
            await self._say_where(message_id)

    async def decline(self, message_id: MessageId) -> None:
        """It stays here."""
        app = shell(self._pane)
        await self._done(services.links.decline(app.desk, app.actor, message_id))

    async def _done(self, coro: Coroutine[Any, Any, Any]) -> bool:
        """Whether it went through; then everything is read again."""

        async def done() -> bool:
            await coro
            return True

        went = bool(await shell(self._pane).act(done()))
        if went:
            self._read_again()
        return went
