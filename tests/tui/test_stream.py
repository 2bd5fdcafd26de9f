"""The activity stream: what stays where it is, what is new, what counts as seen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual import on
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.selection import Selection

from agentdesk.domain.message import Attachment
from agentdesk.domain.views import Delivery, StreamEntry, StreamPage
from agentdesk.tui.widgets.activity_stream import ActivityStream
from agentdesk.tui.widgets.entry import CardVisual, EntryCard
from agentdesk.tui.widgets.paged_cards import MOST_MOUNTED, PAGE, PRUNE_AT
from tests.tui.pane_host import HostApp, at, change, mail_in, mail_out, page, until
from tests.tui.test_entry_text import quoted


def card_text(card: EntryCard) -> str:
    """Everything that a mounted card shows."""
    visual = card.render()
    assert isinstance(visual, CardVisual)
    below = visual.body.plain if visual.body is not None else ""
    return f"{visual.head(card.content_size.width).plain}\n{below}"


# The mounted stream


class Seen(HostApp):
    """Remembers the messages of the stream."""

    def __init__(self) -> None:
        super().__init__(lambda: ActivityStream(id="stream"))
        self.heard: list[Message] = []

    @on(ActivityStream.BottomSeen)
    @on(ActivityStream.EarlierWanted)
    @on(ActivityStream.NewestWanted)
    @on(EntryCard.FileChosen)
    def hear(self, event: Message) -> None:
        self.heard.append(event)

    def of(self, kind: type[Message]) -> list[Any]:
        """Messages of one kind."""
        return [each for each in self.heard if isinstance(each, kind)]


@asynccontextmanager
async def streaming(
    shown: StreamPage, size: tuple[int, int] = (80, 20), top: int = 0
) -> AsyncIterator[tuple[Seen, ActivityStream, Pilot[None]]]:
    """An app that shows one page."""
    app = Seen()
    app._make = lambda: ActivityStream(top=top, id="stream")
    async with app.run_test(size=size) as pilot:
        stream = app.query_one(ActivityStream)
        stream.show(shown)
        await pilot.pause()
        stream.focus()
        await pilot.pause()
        yield app, stream, pilot


def mails(*seqs: int, lines: int = 3) -> tuple[StreamEntry, ...]:
    """Mails of a few lines each."""
    return tuple(mail_in(n, "\n".join(f"mail {n} line {i}" for i in range(lines))) for n in seqs)


HOSTILE = [
    "[b]bold?[/b] [/order] [@click=app.quit]x[/] [link=http://x]",
    "w" * 10_000,
    "👩‍👩‍👧‍👦🏳️‍🌈 e\u0301 " * 50,
    "שלום עולם مرحبا بالعالم " * 40,
    "漢字かな交じり文 " * 60,
    "\x1b[31mred\x1b[0m \x07\x00 \u202eabc\u202c \u200b",
    "\t tabs\tand\ttabs\r\nand\rreturns",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [20, 80])
async def test_whatever_a_mail_holds_is_shown_as_plain_text(text: str, width: int) -> None:
    hostile = mail_in(1, text, title=f"{text[:300]} → support@example.com", actor=text[:50])
    async with streaming(page(hostile, change(2, text[:200])), (width, 20)) as (app, stream, _):
        assert len(stream.cards) == 2
        assert all(strip.cell_length <= width for strip in app.screen._compositor.render_strips())


async def test_newest_is_in_sight_at_first() -> None:
    async with streaming(page(*mails(*range(1, 30)))) as (_, stream, _pilot):
        assert stream.at_end
        assert stream.selected is not None
        assert stream.selected.seq == 29


async def test_a_short_conversation_starts_at_the_top() -> None:
    async with streaming(page(mail_in(1)), (80, 40)) as (_, stream, _pilot):
        assert stream.cards[0].region.y - stream.region.y == 0


async def test_new_entries_keep_the_end_in_sight() -> None:
    async with streaming(page(*mails(*range(1, 20)))) as (_, stream, pilot):
        stream.show(page(*mails(*range(1, 22))))
        await pilot.pause()
        assert stream.at_end
        assert stream.selected is not None
        assert stream.selected.seq == 21


async def test_new_entries_do_not_move_the_line_that_is_read() -> None:
    async with streaming(page(*mails(*range(1, 20)))) as (_, stream, pilot):
        stream.scroll_to(y=12, animate=False, immediate=True)
        await pilot.pause()
        before = stream.scroll_offset.y
        stream.show(page(*mails(*range(1, 22))))
        await pilot.pause()
        assert stream.scroll_offset.y == before == 12
        below = stream.query_one("#below")
        await until(pilot, lambda: below.display)
        assert "2 new below" in str(below.render())


async def test_the_hint_goes_to_the_end_when_it_is_clicked() -> None:
    async with streaming(page(*mails(*range(1, 20)))) as (_, stream, pilot):
        stream.scroll_home(animate=False, immediate=True)
        await pilot.pause()
        stream.show(page(*mails(*range(1, 22))))
        await until(pilot, lambda: stream.query_one("#below").display)
        await pilot.click("#below")
        await pilot.pause()
        assert stream.at_end
        assert not stream.query_one("#below").display


async def test_changes_and_own_mails_are_not_news() -> None:
    async with streaming(page(*mails(*range(1, 20)))) as (_, stream, pilot):
        stream.scroll_home(animate=False, immediate=True)
        await pilot.pause()
        stream.show(page(*mails(*range(1, 20)), change(20, "held"), mail_out(21)))
        await pilot.pause()
        assert not stream.query_one("#below").display


async def test_a_line_stands_before_the_first_unread_entry() -> None:
    async with streaming(page(*mails(1, 2, 3), read=2)) as (_, stream, _pilot):
        line = stream.query_one("#new")
        assert line.display
        children = list(stream.children)
        assert children.index(line) == children.index(stream.card(3)) - 1


async def test_the_line_goes_once_the_agent_has_looked_elsewhere() -> None:
    async with streaming(page(*mails(1, 2, 3), read=2)) as (_, stream, pilot):
        stream.leave()
        await pilot.pause()
        assert not stream.query_one("#new").display


async def test_unread_mail_longer_than_the_screen_is_shown_from_its_first_line() -> None:
    entries = (*mails(1, 2), *mails(3, lines=60))
    async with streaming(page(*entries, read=2)) as (_, stream, _pilot):
        assert stream.query_one("#new").region.y == stream.region.y
        assert not stream.at_end


async def test_the_bottom_counts_as_seen_when_it_is_in_sight() -> None:
    async with streaming(page(*mails(1, 2, 3), read=1)) as (app, _, _pilot):
        assert [each.seq for each in app.of(ActivityStream.BottomSeen)] == [3]


async def test_nothing_counts_as_seen_while_scrolled_up() -> None:
    async with streaming(page(*mails(*range(1, 20)))) as (app, stream, pilot):
        stream.scroll_home(animate=False, immediate=True)
        await pilot.pause()
        app.heard.clear()
        stream.show(page(*mails(*range(1, 22))))
        await pilot.pause()
        assert not app.of(ActivityStream.BottomSeen)
        await pilot.press("end")
        stream.go_to_newest()
        await pilot.pause()
        assert [each.seq for each in app.of(ActivityStream.BottomSeen)] == [21]


async def test_nothing_counts_as_seen_in_a_hidden_tab() -> None:
    async with streaming(page(mail_in(1))) as (app, stream, pilot):
        stream.display = False
        app.heard.clear()
        stream.show(page(mail_in(1), mail_in(2)))
        await pilot.pause()
        assert not app.of(ActivityStream.BottomSeen)


async def test_nothing_counts_as_seen_while_the_terminal_is_not_looked_at() -> None:
    async with streaming(page(mail_in(1))) as (app, stream, pilot):
        app.app_focus = False
        app.heard.clear()
        stream.show(page(mail_in(1), mail_in(2)))
        await pilot.pause()
        assert not app.of(ActivityStream.BottomSeen)


async def test_delivery_is_updated_in_place() -> None:
    waiting = mail_out(2, delivery=Delivery.QUEUED)
    async with streaming(page(mail_in(1), waiting)) as (_, stream, pilot):
        before = stream.cards
        stream.show(page(mail_in(1), replace(waiting, delivery=Delivery.SENT)))
        await pilot.pause()
        assert stream.cards == before
        assert "sent" in card_text(before[1])


async def test_a_countdown_ticks_without_a_layout() -> None:
    waiting = mail_out(1, delivery=Delivery.DELAYED, due_at=at(0) + timedelta(seconds=10))
    async with streaming(page(waiting)) as (app, stream, pilot):
        assert "leaves in 10 s" in card_text(stream.cards[0])
        app.turn(4)
        await pilot.pause()
        assert "leaves in 6 s" in card_text(stream.cards[0])


async def test_an_entry_that_is_gone_leaves_the_stream() -> None:
    async with streaming(page(*mails(1, 2, 3))) as (_, stream, pilot):
        stream.show(page(*mails(1, 3)))
        await pilot.pause()
        assert [card.seq for card in stream.cards] == [1, 3]


async def test_a_late_entry_is_put_in_its_place() -> None:
    async with streaming(page(*mails(1, 3))) as (_, stream, pilot):
        stream.show(page(*mails(1, 2, 3)))
        await pilot.pause()
        shown = [child.seq for child in stream.children if isinstance(child, EntryCard)]
        assert shown == [1, 2, 3]


# Earlier entries


async def test_earlier_entries_come_on_top_and_the_reader_stays() -> None:
    async with streaming(page(*mails(*range(101, 121)), earlier=True)) as (app, stream, pilot):
        assert stream.query_one("#earlier").display
        stream.go_to_first()
        await pilot.pause()
        stream.move(-1)
        await pilot.pause()
        assert [each.seq for each in app.of(ActivityStream.EarlierWanted)] == [101]
        card = stream.card(101)
        assert card is not None
        before = card.region.y
        stream.prepend(page(*mails(*range(81, 101))))
        await pilot.pause()
        await pilot.pause()
        assert card.region.y == before
        assert not stream.query_one("#earlier").display
        assert stream.cards[0].seq == 81


async def test_the_line_on_top_loads_earlier_entries_by_mouse() -> None:
    async with streaming(page(mail_in(5), earlier=True)) as (app, _, pilot):
        await pilot.click("#earlier")
        assert [each.seq for each in app.of(ActivityStream.EarlierWanted)] == [5]


async def test_far_cards_go_while_the_end_is_in_sight() -> None:
    async with streaming(page(*mails(*range(1, PAGE + 1), lines=1))) as (_, stream, pilot):
        last = PRUNE_AT + 10
        for end in range(PAGE + 10, last + 1, 10):
            stream.show(page(*mails(*range(end - PAGE + 1, end + 1), lines=1), earlier=True))
            await pilot.pause()
        assert len(stream.cards) <= PRUNE_AT
        assert stream.cards[-1].seq == last
        assert stream.has_earlier


async def test_no_more_than_the_limit_is_ever_mounted() -> None:
    newest = page(*mails(*range(901, 1_001), lines=1), earlier=True)
    async with streaming(newest) as (app, stream, pilot):
        for start in range(801, 300, -100):
            entries = mails(*range(start, start + 100), lines=1)
            stream.prepend(page(*entries, earlier=True))
            await pilot.pause()
        assert len(stream.cards) == MOST_MOUNTED
        assert "later activities" in str(stream.query_one("#below").render())
        stream.go_to_newest()
        await until(pilot, lambda: app.of(ActivityStream.NewestWanted))
        stream.show(newest, jump=True)
        await pilot.pause()
        assert [card.seq for card in stream.cards] == list(range(901, 1_001))
        assert stream.at_end


async def test_more_than_a_page_of_news_starts_afresh() -> None:
    async with streaming(page(*mails(1, 2))) as (_, stream, pilot):
        stream.show(page(*mails(*range(501, 601), lines=1), earlier=True))
        await pilot.pause()
        assert stream.cards[0].seq == 501
        assert stream.has_earlier


# Moving


async def test_the_highlight_moves_by_entry_and_is_seen() -> None:
    async with streaming(page(*mails(1, 2, 3))) as (_, stream, pilot):
        stream.move(-1)
        await pilot.pause()
        assert [card.seq for card in stream.cards if card.has_class("-selected")] == [2]
        assert stream.card(2) is not None
        lit, plain = stream.cards[1], stream.cards[0]
        assert lit.background_colors[1] != plain.background_colors[1]


async def test_an_entry_taller_than_the_screen_is_scrolled_through() -> None:
    async with streaming(page(*mails(1, lines=60), *mails(2))) as (_, stream, pilot):
        stream.go_to_first()
        await pilot.pause()
        stream.move(1)
        await pilot.pause()
        assert stream.selected is not None
        assert stream.selected.seq == 1
        assert stream.scroll_offset.y == stream.STEP_LINES
        for _ in range(30):
            stream.move(1)
            await pilot.pause()
        assert stream.selected.seq == 2


async def test_pages_scroll_by_key() -> None:
    async with streaming(page(*mails(*range(1, 20)))) as (_, stream, pilot):
        end = stream.scroll_offset.y
        await pilot.press("pageup")
        await pilot.pause()
        assert stream.scroll_offset.y < end


async def test_folds_open_one_by_one_and_all_at_once() -> None:
    async with streaming(page(quoted(1), quoted(2))) as (_, stream, pilot):
        stream.toggle_fold()
        await pilot.pause()
        assert [card.unfolded for card in stream.cards] == [False, True]
        assert stream.cards[1].size.height > stream.cards[0].size.height
        stream.unfold_all()
        await pilot.pause()
        assert [card.unfolded for card in stream.cards] == [True, True]
        stream.unfold_all()
        assert [card.unfolded for card in stream.cards] == [False, False]


async def test_a_fold_opens_by_mouse() -> None:
    async with streaming(page(quoted(1))) as (_, stream, pilot):
        await pilot.click(stream.cards[0], offset=(5, 2))
        await pilot.pause()
        assert stream.cards[0].unfolded


async def test_a_file_is_chosen_by_mouse() -> None:
    file = Attachment("invoice.pdf", 84_200, "application/pdf", 0)
    async with streaming(page(mail_in(1, "Hi", attachments=(file,)))) as (app, stream, pilot):
        await pilot.click(stream.cards[0], offset=(8, 2))
        await pilot.pause()
        assert [each.index for each in app.of(EntryCard.FileChosen)] == [0]


async def test_the_text_of_a_card_can_be_selected_and_its_head_cannot() -> None:
    async with streaming(page(mail_in(1, "Order 5512"))) as (_, stream, _pilot):
        whole = stream.cards[0].get_selection(Selection(None, None))
        assert whole == ("Order 5512", "\n")


async def test_what_came_behind_a_dialog_counts_as_seen_once_it_is_gone() -> None:
    async with streaming(page(mail_in(1))) as (app, stream, pilot):
        await app.push_screen(ModalScreen())
        app.heard.clear()
        stream.show(page(mail_in(1), mail_in(2)))
        await pilot.pause()
        assert not app.of(ActivityStream.BottomSeen)
        await app.pop_screen()
        app.turn(1)
        await until(pilot, lambda: app.of(ActivityStream.BottomSeen))


async def test_a_click_highlights_an_entry() -> None:
    async with streaming(page(*mails(1, 2, 3))) as (_, stream, pilot):
        await pilot.click(stream.cards[0])
        await pilot.pause()
        assert stream.selected is not None
        assert stream.selected.seq == 1


# Place


async def test_the_place_that_was_left_is_found_again() -> None:
    async with streaming(page(*mails(*range(1, 30))), top=5) as (_, stream, _pilot):
        card = stream.card(5)
        assert card is not None
        assert card.region.y == stream.region.y
        assert stream.top == 5


async def test_the_end_is_the_place_zero() -> None:
    async with streaming(page(*mails(*range(1, 30)))) as (_, stream, _pilot):
        assert stream.top == 0


async def test_another_width_keeps_the_line_at_the_upper_edge() -> None:
    long = "A long sentence that wraps in a narrow window, more than once. " * 5
    entries = [mail_in(n, long) for n in range(1, 30)]
    async with streaming(page(*entries), (100, 20), top=10) as (_, stream, pilot):
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        await pilot.pause()
        first = stream.first_visible()
        assert first is not None
        assert first.seq == 10


async def test_the_end_stays_in_sight_when_the_stream_shrinks() -> None:
    async with streaming(page(*mails(*range(1, 30))), (80, 30)) as (_, stream, pilot):
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        assert stream.at_end
