"""One interaction as a tab: what is done with it beside reading and writing.

It has `action_<id>` for every action of the scopes interaction and composer.
"""

from collections.abc import Iterable

from textual.widget import Widget

from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import WRITABLE
from agentdesk.domain.views import InteractionView
from agentdesk.tui.hints import key_of
from agentdesk.tui.messages import TabRequested
from agentdesk.tui.panes import possible
from agentdesk.tui.panes.case_making import CaseMaking
from agentdesk.tui.panes.handling import Handling
from agentdesk.tui.panes.sources import InteractionSource
from agentdesk.tui.panes.thread import ThreadPane
from agentdesk.tui.panes.transferring import Transferring
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.wrap_up_bar import WrapUpBar


class InteractionPane(ThreadPane[InteractionView]):
    """The tab of one interaction, with the countdown of its wrap-up."""

    def __init__(self, interaction_id: InteractionId, number: str, top: int = 0) -> None:
        super().__init__(InteractionSource(interaction_id, number), top)
        self.interaction_id = interaction_id
        self._handling = Handling(self)
        self._transferring = Transferring(self)
        self._making = CaseMaking(self)

    def compose_notices(self) -> Iterable[Widget]:
        """Also the wrap-up that runs."""
        yield from super().compose_notices()
        yield WrapUpBar(f"{key_of(self, 'close_interaction')} chooses a code", id="wrap-up")

    def show_view(self, view: InteractionView) -> None:
        """Also the countdown; a wrap-up that ended elsewhere takes its dialog along."""
        super().show_view(view)
        self.query_one(WrapUpBar).show_wrap_up(view.wrap_up)
        self._handling.follow(view)
        if view.transferring_to and self.open_composer is not None:
            self.action_fold_composer()

    @property
    def may_be_answered(self) -> bool:
        """Until its wrap-up begins, or a contact centre passes it on."""
        view = self.view
        return view is not None and view.state in WRITABLE and not view.transferring_to

    @property
    def drops_unused(self) -> bool:
        """Where we began to write, a draft without words is all that there is."""
        return self.view is not None and self.view.direction == "inbound"

    def allows(self, action_id: str, *, writing: bool) -> bool | None:
        """What its state allows; services check again."""
        assert self.view is not None
        return possible.with_view(action_id, self.view, shell(self).actor, writing=writing)

    def closed_by_sending(self) -> None:
        """The wrap-up began: ask for its code."""
        self._do(self._handling.ask_for_code(), "close")

    # Actions

    def action_toggle_hold(self) -> None:
        """Wait for the customer, or go on."""
        self._do(self._handling.toggle_hold(), "move")

    def action_snooze_interaction(self) -> None:
        """Put it aside for a while."""
        self._do(self._handling.snooze(), "snooze")

    def action_close_interaction(self) -> None:
        """Close, or show the wrap-up that runs."""
        self._do(self._handling.close(), "close")

    def action_assign_to_me(self) -> None:
        """Take it out of its queue."""
        self._do(self._handling.assign(), "move")

    def action_transfer_interaction(self) -> None:
        """Hand it to another agent or queue."""
        self._do(self._transferring.ask(), "transfer")

    def action_create_case(self) -> None:
        """A case of it, or part of one."""
        self._do(self._making.ask(), "case")

    def action_open_link(self) -> None:
        """The case that came of it, else the interaction that it continues."""
        link = possible.link_of(self.view) if self.view is not None else None
        if link is not None:
            self.post_message(TabRequested(*link))
