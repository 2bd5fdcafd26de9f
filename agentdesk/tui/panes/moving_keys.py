"""What is done about the place of a mail, by key: for every pane that shows a conversation."""

from collections.abc import Coroutine
from typing import Any

from textual import on

from agentdesk.domain.ids import MessageId
from agentdesk.tui.panes.moving import Moving, mail_of, proposal_of
from agentdesk.tui.panes.stream_reader import StreamReader
from agentdesk.tui.widgets.entry import EntryCard

MOVING = frozenset(
    {"explain_link", "move_mail", "undo_move", "accept_proposal", "decline_proposal"}
)


class MovingKeys(StreamReader):
    """Mixed into a pane that can be read again."""

    def read_again(self) -> None:
        """Something was moved from here."""
        raise NotImplementedError

    @property
    def moving(self) -> Moving:
        """What does it."""
        return Moving(self, self.read_again)

    @property
    def mail_in_question(self) -> MessageId | None:
        """The highlighted mail, or the one that the highlighted line is about; else the one for which a
        record is proposed.
        """
        if (chosen := mail_of(self.stream.selected)) is not None:
            return chosen
        link = proposal_of(self)
        return link.message_id if link is not None else None

    def may_move(self, action: str) -> bool:
        """Whether one of `MOVING` means anything for what is highlighted."""
        if action == "undo_move":
            return True
        if action in ("accept_proposal", "decline_proposal"):
            return proposal_of(self) is not None
        return self.mail_in_question is not None

    def _place(self, coro: Coroutine[Any, Any, None]) -> None:
        self.run_worker(coro, group="place")

    def action_explain_link(self) -> None:
        """Why the highlighted mail is here."""
        if (mail := self.mail_in_question) is not None:
            self._place(self.moving.explain(mail))

    def action_move_mail(self) -> None:
        """Put the highlighted mail elsewhere."""
        if (mail := self.mail_in_question) is not None:
            self._place(self.moving.move(mail))

    def action_undo_move(self) -> None:
        """Put back what the highlighted line says was moved, else what this agent moved last."""
        entry = self.stream.selected
        link = entry.link if entry is not None else None
        self._place(self.moving.undo(link.move_id if link is not None else None))

    def action_accept_proposal(self) -> None:
        """Link as proposed."""
        if (link := proposal_of(self)) is not None:
            self._place(self.moving.accept(link.message_id))

    def action_decline_proposal(self) -> None:
        """Leave it here."""
        if (link := proposal_of(self)) is not None:
            self._place(self.moving.decline(link.message_id))

    def action_toggle_fold(self) -> None:
        """A line about the place of a mail says why; all else unfolds."""
        entry = self.stream.selected
        if entry is not None and entry.link is not None:
            self.action_explain_link()
        else:
            super().action_toggle_fold()

    @on(EntryCard.LinkChosen)
    def _link_line_chosen(self, event: EntryCard.LinkChosen) -> None:
        event.stop()
        if (mail := mail_of(event.entry)) is not None:
            self._place(self.moving.explain(mail))
