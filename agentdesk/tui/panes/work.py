"""The left pane: inbox, mentions, ongoing work, cases, what is on hold, drafts. One list, one cursor."""

from datetime import datetime
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from agentdesk import services
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Desktop
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.hints import key_of
from agentdesk.tui.messages import TabRequested
from agentdesk.tui.panes.work_lines import Item, WorkLine, items, lines
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.line import Painter, target_at

NOTHING = Desktop((), (), (), ())
NO_LINE = WorkLine()


class WorkList(ScrollView, can_focus=True):
    """Draws the lines; its cursor is bound to a record, so that news never moves it elsewhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("home", "move(-100000)", show=False),
        Binding("end", "move(100000)", show=False),
        Binding("pageup", "move(-8)", show=False),
        Binding("pagedown", "move(8)", show=False),
        *actions.bindings(Scope.INBOX, "accept_offer", "reject_offer"),
    ]

    class Pressed(Message):
        """A row of ongoing work, on hold or a draft was clicked."""

    desktop: reactive[Desktop] = reactive(NOTHING)
    works: reactive[bool] = reactive(True)
    signed_out: reactive[tuple[str, ...]] = reactive(())
    """Contact centres that this agent must sign in to."""

    def __init__(self) -> None:
        super().__init__(id="work-list")
        self._painter = Painter(self)
        self._lines: list[WorkLine] = []
        self._key = ""

    @property
    def item(self) -> Item | None:
        """What is highlighted."""
        return next((each for each in items(self._lines) if each.key == self._key), None)

    def on_mount(self) -> None:
        """Countdowns tick with the app."""
        shell(self).ticked.subscribe(self, self.tick)
        self.tick()

    def watch_desktop(self) -> None:
        """Show what is there now."""
        self.tick()
        self.refresh_bindings()

    def watch_works(self) -> None:
        """Another presence, another sentence in the empty inbox."""
        self.tick()

    def watch_signed_out(self) -> None:
        """It is said above the inbox."""
        self.tick()

    def on_resize(self) -> None:
        """Lines are made for a width."""
        self.tick()

    def tick(self, _moment: datetime | None = None) -> None:
        """Make the lines of this moment and repaint only those that differ."""
        if not self.is_attached or not self.size.width or not shell(self).is_open:
            return
        before, width = self._lines, self.scrollable_content_region.width
        self._lines = lines(
            self.desktop,
            shell(self).now().astimezone(shell(self).options.zone),
            width,
            works=self.works,
            presence_key=key_of(self, "set_presence"),
            fields=shell(self).options.card_fields,
            signed_out=self.signed_out,
            sign_in_key=key_of(self, "sign_in_to_centre"),
        )
        self.virtual_size = Size(width, len(self._lines))
        for y, line in enumerate(self._lines):
            if y >= len(before) or before[y] != line:
                self.refresh_line(y)
        if len(before) > len(self._lines):
            self.refresh()
        self._keep_cursor(items(before))

    def render_line(self, y: int) -> Strip:
        """One line; the highlighted record on the cursor's ground."""
        at, width = y + self.scroll_offset.y, self.size.width
        if at >= len(self._lines):
            return Strip.blank(width, self._painter.style())
        line = self._lines[at]
        base = ""
        if line.item is not None and line.item.key == self._key:
            base = "on $cursor-background" if self.has_focus else "on $resting-background"
        return self._painter.strip(line.pieces, width, base)

    def watch_has_focus(self, _focus: bool) -> None:
        """The cursor shows whether it is heard; the first visit highlights the first record."""
        super().watch_has_focus(_focus)
        if _focus and self.item is None and (first := items(self._lines)):
            self.highlight(first[0].key)
        self.refresh()

    # Moving

    def action_move(self, by: int) -> None:
        """The cursor *by* records further."""
        order = [each.key for each in items(self._lines)]
        if not order:
            return
        at = order.index(self._key) + by if self._key in order else 0
        self.highlight(order[min(max(at, 0), len(order) - 1)])

    def highlight(self, key: str) -> None:
        """Put the cursor on that record, and bring it into view."""
        self._key = key
        ys = [y for y, line in enumerate(self._lines) if line.item and line.item.key == key]
        if ys:
            top = 0 if ys[0] == 1 else ys[0]  # with the first record its heading comes into view
            region = Region(0, top, self.size.width, ys[-1] - top + 1)
            self.scroll_to_region(region, animate=False, force=True)
        self.refresh()
        self.refresh_bindings()

    def _keep_cursor(self, before: list[Item]) -> None:
        """A cursor whose record is gone goes to its neighbour; with the focus there is always one."""
        order = [each.key for each in items(self._lines)]
        if self._key in order or not (self._key or self.has_focus):
            return
        old = [each.key for each in before]
        at = old.index(self._key) if self._key in old else 0
        self.highlight(order[min(at, len(order) - 1)] if order else "")

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """A click highlights; on a key's name it does what the key does; on work it opens."""
        at = event.y + self.scroll_offset.y
        line = self._lines[at] if 0 <= at < len(self._lines) else NO_LINE
        item = line.item
        if item is not None:
            self.highlight(item.key)
        if target := target_at(line.pieces, event.x):
            self.call_later(self.run_action, target)
        elif item is not None and item.work_item_id is None:
            self.post_message(self.Pressed())

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only an offer can be accepted, or rejected where its queue lets it."""
        if action == "reject_offer":
            return self.item is not None and self.item.can_reject
        if action == "accept_offer":
            item = self.item
            return item is not None and item.work_item_id is not None and not item.asked
        return super().check_action(action, parameters)

    @work(group="offer", exclusive=True)
    async def action_accept_offer(self) -> None:
        """Take the highlighted offer and open it."""
        item, app = self.item, shell(self)
        if item is None or item.work_item_id is None:
            return
        coro = services.offers.accept(app.desk, app.actor, item.work_item_id)
        if (taken := await app.act(coro)) is None:
            return
        if item.centre:
            self._open_when_ours(taken, item)
        else:
            self.post_message(TabRequested(taken, item.number))

    @work(group="answer")
    async def _open_when_ours(self, interaction_id: InteractionId, item: Item) -> None:
        """A contact centre is asked for it; what it does not give is told in a sentence."""
        app = shell(self)
        wait = services.ccaas.answered.accepted(app.desk, app.actor, interaction_id)
        refused = await app.act(wait)
        if refused:
            app.tell(f"{item.number}: {refused}", "warning")
        elif refused is not None:
            self.post_message(TabRequested(interaction_id, item.number))

    @work(group="offer", exclusive=True)
    async def action_reject_offer(self) -> None:
        """Ask for a reason, then give the highlighted offer back."""
        from agentdesk.tui.dialogs.reject import RejectDialog

        item, app = self.item, shell(self)
        if item is None or item.work_item_id is None:
            return
        coro = services.offers.reject_reasons(app.desk, app.actor, item.work_item_id)
        choices = await app.act(coro)
        if not choices:
            return
        reason = await self.app.push_screen_wait(RejectDialog(choices, item.number))
        if reason is not None:
            await app.act(services.offers.reject(app.desk, app.actor, item.work_item_id, reason))


class WorkPane(Widget):
    """The list and what `enter` does on records that are no offers.

    Two bindings of one key in one node would be lost when either is remapped; so they are in two.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Scope.INBOX, "open_interaction")]

    def compose(self) -> ComposeResult:
        yield WorkList()

    @property
    def work_list(self) -> WorkList:
        """The list inside."""
        return self.query_one(WorkList)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An offer must be accepted before it can be opened."""
        if action == "open_interaction":
            item = self.work_list.item if self.is_mounted else None
            return item is not None and item.work_item_id is None
        return super().check_action(action, parameters)

    @on(WorkList.Pressed)
    def action_open_interaction(self) -> None:
        """Open the highlighted record as a tab."""
        item, app = self.work_list.item, shell(self)
        if item is None:
            return
        about = (item.thread_id, item.number, item.seq, item.draft_id)
        self.post_message(TabRequested(*about))
        if item.mention_id is not None:
            see = services.notes.see(app.desk, app.actor, item.mention_id)
            self.run_worker(app.act(see), group="see")
