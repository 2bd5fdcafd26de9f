"""The work list: offers with their countdown, ongoing work, what is on hold, drafts."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.errors import OfferGone
from agentdesk.domain.feed import Change
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Desktop
from agentdesk.settings.desk import CardField
from agentdesk.tui.app import DeskApp
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes.offer_lines import FIELDS
from agentdesk.tui.panes.work import WorkList
from agentdesk.tui.panes.work_lines import WorkLine, items, lines
from agentdesk.tui.widgets.line import width_of
from tests.tui.fake_desk import (
    HOSTILE,
    START,
    FakeDesk,
    ago,
    busy_desktop,
    fake_pane,
    offer,
    ongoing,
    running,
    screen_text,
    settle,
    toasts,
)

EMPTY = Desktop((), (), (), ())


def text(found: list[WorkLine]) -> list[str]:
    return ["".join(piece.words for piece in line.pieces).rstrip() for line in found]


def style_of(found: list[WorkLine], words: str) -> str:
    return next(p.style for line in found for p in line.pieces if words in p.words)


def work_list(app: DeskApp) -> WorkList:
    return app.desk_screen.parts.work_list


# The lines


def test_each_part_has_its_heading_with_a_count() -> None:
    found = "\n".join(text(lines(busy_desktop(), START, 40)))
    for heading in ("INBOX 1 ─", "ONGOING 3 ─", "ON HOLD 2 ─", "DRAFTS 1 ─"):
        assert heading in found


def test_an_offer_shows_what_is_left_and_its_keys() -> None:
    found = text(lines(busy_desktop(), START, 40))
    assert found[1].endswith("0:24")
    assert "Refund for order 5512" in found[1]
    assert found[2].endswith("⏎ accept x")
    assert "Ben Okafor · R" in found[2]


@pytest.mark.parametrize(
    ("left", "mood"), [(59, "calm"), (29, "soon"), (14, "late"), (0, "over"), (-5, "over")]
)
def test_the_colour_of_a_countdown_follows_what_is_left(left: int, mood: str) -> None:
    card = offer(1, offered_at=ago(60 - left), expires_at=ago(-left))
    found = lines(replace(EMPTY, inbox=(card,)), START, 40)
    assert style_of(found, f"0:{max(left, 0):02}") == f"bold ${mood}"


def test_an_offer_without_limit_has_no_countdown() -> None:
    found = text(lines(replace(EMPTY, inbox=(offer(1, expires_at=None),)), START, 40))
    assert found[1].rstrip().endswith("5512")


def test_a_wrap_up_shows_what_is_left_of_it() -> None:
    found = lines(busy_desktop(), START, 40)
    assert any(line.endswith("wrap-up 1:12") for line in text(found))
    assert style_of(found, "1:12") == "bold $calm"


def test_unread_mails_are_marked_in_ongoing_and_on_hold() -> None:
    held = replace(busy_desktop().on_hold[0], unread=4)
    found = text(lines(replace(busy_desktop(), on_hold=(held,)), START, 40))
    assert any(line.startswith(" • Invoice") and line.endswith("2 new") for line in found)
    assert any(line.startswith(" • Photos") and line.endswith("4 new") for line in found)


@pytest.mark.parametrize(
    ("works", "sentence"),
    [(True, "No offers. New work appears here."), (False, "No offers while you are away.")],
)
def test_an_empty_inbox_says_why(works: bool, sentence: str) -> None:
    assert sentence in text(lines(EMPTY, START, 40, works=works))[1]


def test_only_records_can_be_highlighted() -> None:
    keys = [item.key for item in items(lines(busy_desktop(), START, 40))]
    assert keys == ["offer:1", "work:123", "work:119", "work:117", "work:98", "work:91", "draft:7"]


@given(st.text(max_size=40), st.text(max_size=40), st.integers(24, 120))
def test_every_line_has_the_width_of_the_pane(subject: str, customer: str, width: int) -> None:
    row = ongoing(1, subject, customer, unread=3)
    card = offer(1, subject, customer=customer, queue=customer)
    desktop = Desktop((card,), (row,), (row,), busy_desktop().drafts)
    for line in lines(desktop, START, width):
        assert width_of(line.pieces) <= width
        if line.item is not None:
            assert width_of(line.pieces) == width


@pytest.mark.parametrize("width", range(1, 24))
def test_a_pane_of_any_width_can_be_made(width: int) -> None:
    assert lines(busy_desktop(), START, width)


# Offers


async def test_enter_accepts_the_highlighted_offer_and_opens_it(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("enter")
        await settle(pilot)
        assert fake.calls_of("accept") == [(1,)]
        assert app.desk_screen.tabs.workspace.active == 201
        assert app.desk_screen.tabs.workspace.tabs[0].number == "IMS0000201"


async def test_x_rejects_the_highlighted_offer_with_a_reason(fake: FakeDesk) -> None:
    async with running(fake) as (_, pilot):
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("2")
        await settle(pilot)
        assert fake.calls_of("reject") == [(1, "skill")]


async def test_x_is_not_offered_where_the_queue_lets_nobody_reject(fake: FakeDesk) -> None:
    fake.desktop = replace(EMPTY, inbox=(offer(1, can_reject=False),))
    async with running(fake) as (app, pilot):
        assert not any(" x " in f"{line} " for line in text(work_list(app)._lines))
        await pilot.press("x")
        await settle(pilot)
        assert app.screen is app.desk_screen
        assert not app.desk_screen.query_one(WorkList).check_action("reject_offer", ())


async def test_escape_keeps_the_offer(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert fake.calls_of("reject") == []
        assert app.screen is app.desk_screen


async def test_an_offer_that_is_gone_is_told_and_nothing_opens(fake: FakeDesk) -> None:
    fake.errors["accept"] = OfferGone("This offer is gone: it timed out.")
    async with running(fake) as (app, pilot):
        await pilot.press("enter")
        await settle(pilot)
        assert "This offer is gone: it timed out." in toasts(app)
        assert app.desk_screen.tabs.workspace.active is None


async def test_the_mouse_accepts_and_rejects(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        line = text(work_list(app)._lines)[2]
        await pilot.click(WorkList, offset=(line.rindex("x"), 2))
        await settle(pilot)
        assert app.screen is not app.desk_screen
        await pilot.press("escape")
        await settle(pilot)
        await pilot.click(WorkList, offset=(line.index("accept"), 2))
        await settle(pilot)
        assert fake.calls_of("accept") == [(1,)]


async def test_a_click_on_work_opens_it_one_on_an_offer_only_highlights_it(
    fake: FakeDesk,
) -> None:
    async with running(fake) as (app, pilot):
        await pilot.click(WorkList, offset=(6, 1))
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active is None
        await pilot.click(WorkList, offset=(6, 6))
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 123


async def test_a_draft_opens_itself_in_the_interaction_it_belongs_to(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("end", "enter")
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 98
        assert fake_pane(app).drafts_opened == [7]


# Cursor and countdown


async def test_news_leave_the_cursor_on_its_record(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("down", "down")
        assert work_list(app).item is not None
        assert work_list(app).item.key == "work:119"
        fake.desktop = replace(fake.desktop, inbox=(offer(8), offer(9), offer(1)))
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert work_list(app).item.key == "work:119"


async def test_when_the_record_goes_the_cursor_goes_to_its_neighbour(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("end")
        fake.desktop = replace(fake.desktop, drafts=())
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert work_list(app).item is not None
        assert work_list(app).item.key == "work:91"


async def test_the_cursor_stops_at_both_ends(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("up", "up")
        assert work_list(app).item is not None
        assert work_list(app).item.key == "offer:1"
        await pilot.press(*["down"] * 20)
        assert work_list(app).item.key == "draft:7"


async def test_countdowns_tick_and_only_their_lines_are_repainted(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[int] = []
    async with running(fake) as (app, pilot):
        monkeypatch.setattr(work_list(app), "refresh_line", painted.append)
        fake.clock.turn(1)
        app.ticked.publish(app.now())
        await settle(pilot)
        found = text(work_list(app)._lines)
        assert found[1].endswith("0:23")
        assert any(line.endswith("wrap-up 1:11") for line in found)
        assert set(painted) == {1, 11}


async def test_a_long_list_scrolls_with_its_cursor(fake: FakeDesk) -> None:
    held = tuple(ongoing(n, f"Held {n}") for n in range(300, 500))
    fake.desktop = replace(fake.desktop, on_hold=held)
    async with running(fake, (140, 20)) as (app, pilot):
        await pilot.press("end")
        await settle(pilot)
        assert work_list(app).scroll_offset.y > 180
        await pilot.press("home")
        await settle(pilot)
        assert work_list(app).scroll_offset.y == 0


async def test_hostile_words_leave_the_screen_whole(fake: FakeDesk) -> None:
    rows = tuple(ongoing(n, words, words) for n, words in enumerate(HOSTILE, 300))
    cards = tuple(offer(n, words, customer=words) for n, words in enumerate(HOSTILE, 20))
    fake.desktop = Desktop(cards, rows, rows, busy_desktop().drafts)
    async with running(fake, (140, 80)) as (app, _):
        assert "Re: [/order] [bold" in screen_text(app)
        assert "\x1b" not in screen_text(app)


# Fields of a card


FULL = offer(
    1,
    account="Acme Lighting AS",
    vip=True,
    queued_at=ago(400),
    note="She called twice",
    sent_by="Ben Ito",
    reason="answered last",
    skills=("German 3", "VAT"),
)


@pytest.mark.parametrize(
    ("fields", "first", "second"),
    [
        (("subject", "customer"), "Refund for order 5512", "★ Ben Okafor"),
        (("customer", "number", "priority"), "★ Ben Okafor", "IMS0000201 · P2"),
        (("number", "account", "waited"), "IMS0000201", "Acme Lighting AS · waits 6m"),
    ],
)
def test_a_card_shows_the_fields_of_the_setting_in_order(
    fields: tuple[str, ...], first: str, second: str
) -> None:
    found = text(lines(replace(EMPTY, inbox=(FULL,)), START, 60, fields=fields))
    assert found[1].startswith(f" ▌ {first}")
    assert found[2].startswith(f" ▌ {second} ")


def test_a_card_shows_at_most_five_fields() -> None:
    six = ("subject", "customer", "queue", "priority", "number", "account")
    found = "\n".join(text(lines(replace(EMPTY, inbox=(FULL,)), START, 90, fields=six)))
    assert "IMS0000201" in found
    assert "Acme" not in found


def test_a_card_says_who_sends_it_why_to_this_agent_and_what_it_asks_for() -> None:
    found = "\n".join(text(lines(replace(EMPTY, inbox=(FULL,)), START, 60)))
    assert "✎ Ben Ito: She called twice" in found
    assert "for you: answered last" in found
    assert "asks for German 3, VAT" in found


def test_every_field_of_the_setting_can_be_shown() -> None:
    assert set(FIELDS) == set(get_args(CardField))


# Timers


def test_ongoing_work_says_when_the_customer_wrote_and_how_long_it_is_worked_on() -> None:
    row = ongoing(1, "Lamp", wrote_at=ago(200), taken_at=ago(4_000), unread=1)
    found = lines(replace(EMPTY, ongoing=(row,)), START, 50)
    assert any(line.endswith("wrote 3m ·  1h") for line in text(found))
    assert style_of(found, "wrote 3m") == "$unread"


@pytest.mark.parametrize(
    ("seconds", "words", "mood"),
    [
        (10 * 86_400, "closes Thu 12 Mar", "$faint-text"),
        (400 * 86_400, "closes Tue 6 Apr 2027", "$faint-text"),
        (3 * 3_600 + 5, "closes in 3 h", "$soon"),
        (90, "closes in 2 min", "$late"),
        (-5, "closes in 0 min", "$late"),
    ],
)
def test_what_is_on_hold_says_when_it_closes(seconds: int, words: str, mood: str) -> None:
    row = ongoing(1, "Lamp", state=State.ON_HOLD, held_at=ago(90), closes_at=ago(-seconds))
    found = lines(replace(EMPTY, on_hold=(row,)), START, 50)
    assert any(line.endswith(words) for line in text(found))
    assert style_of(found, words) == mood


@pytest.mark.parametrize("held", [True, False])
def test_a_mail_that_waits_for_its_moment_is_told_on_hold_and_ongoing(held: bool) -> None:
    state = State.ON_HOLD if held else State.WORK_IN_PROGRESS
    row = ongoing(1, "Lamp", state=state, scheduled_for=ago(-86_400))
    found = lines(replace(EMPTY, **{"on_hold" if held else "ongoing": (row,)}), START, 50)
    assert any("goes out Tue 3 Mar" in line for line in text(found))
