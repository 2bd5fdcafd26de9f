"""Work that a contact centre routes, as agents and supervisors see it."""

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.views import CentreSide, CentreUse, side_words
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Desktop
from agentdesk.domain.wrapup import Sync
from agentdesk.tui.panes import possible
from agentdesk.tui.panes.work_lines import lines
from agentdesk.tui.widgets.interaction_head import InteractionHead
from tests.tui.fake_desk import (
    ANA,
    START,
    FakeDesk,
    interaction_view,
    offer,
    running,
    screen_text,
    settle,
    toasts,
)
from tests.tui.fake_routing import wrap_up_row
from tests.tui.pane_host import until

GENESYS = "Genesys Cloud"


def text_of(found: Any) -> str:
    return "\n".join("".join(piece.words for piece in line.pieces) for line in found)


def card(**changes: Any) -> Desktop:
    return Desktop((offer(1, centre=GENESYS, **changes),), (), (), ())


def test_a_card_bears_the_centre_and_while_it_is_asked_no_keys() -> None:
    text = text_of(lines(card(), START, 34))
    assert f"⇄ {GENESYS}" in text
    assert "⏎ accept" in text
    asked = text_of(lines(card(asked="accepting"), START, 34))
    assert "accepting…" in asked
    assert "⏎" not in asked


@pytest.mark.parametrize("refused", ["", "Genesys Cloud took the offer back."])
async def test_an_accepted_offer_opens_once_the_centre_gave_it(
    fake: FakeDesk, refused: str
) -> None:
    fake.desktop, fake.centres.refused = card(), refused
    async with running(fake) as (app, pilot):
        await press(pilot, "i", "enter")
        await until(pilot, lambda: fake.calls_of("accepted") == [(201,)])
        await settle(pilot)
        assert (app.desk_screen.tabs.workspace.active == 201) == (refused == "")
        assert any(refused in toast for toast in toasts(app)) or not refused


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def test_an_answer_on_its_way_is_not_given_twice(fake: FakeDesk) -> None:
    fake.desktop = card(asked="rejecting")
    async with running(fake) as (_app, pilot):
        await press(pilot, "i", "enter", "x")
        assert fake.calls_of("accept") == fake.calls_of("reject") == []


async def test_the_head_says_who_routes_it_and_what_stands_still() -> None:
    head = InteractionHead("IMS0000123")
    side = CentreSide(GENESYS, "handing over…", "Returns stands for no queue there.")
    view = interaction_view(123, centre=side)
    text = "\n".join(str(line) for line in head.lines(view, 100))
    assert f"⇄ {GENESYS}: handing over…" in text
    assert "! Returns stands for no queue there." in text
    quiet = head.lines(replace(view, centre=CentreSide(GENESYS)), 100)
    assert len(quiet) == 2


def test_what_a_centre_routes_is_not_taken_out_of_its_queue() -> None:
    view = interaction_view(1, state=State.NEW, mine=False, owner="")
    assert possible.with_view("assign_to_me", view, ANA, writing=False)
    there = replace(view, centre=CentreSide(GENESYS))
    assert not possible.with_view("assign_to_me", there, ANA, writing=False)


@pytest.mark.parametrize(
    ("ops", "state", "sync", "words"),
    [
        ({Op.SUBMIT}, State.NEW, Sync.LOCAL, "handing over…"),
        ({Op.END, Op.WRAP_UP}, State.CLOSED_COMPLETE, Sync.AWAITING, "code awaiting confirmation"),
        (set(), State.CLOSED_COMPLETE, Sync.PARKED, "code waits for an administrator"),
        (set(), State.ON_HOLD, Sync.LOCAL, "parked there"),
        (set(), State.WORK_IN_PROGRESS, Sync.CONFIRMED, ""),
    ],
)
def test_what_goes_on_there_is_said_in_a_few_words(
    ops: set[Op], state: State, sync: Sync, words: str
) -> None:
    assert side_words(ops, state, sync, handed_over=True, parks=True) == words


def test_what_is_not_handed_over_says_so() -> None:
    said = side_words(set(), State.NEW, Sync.LOCAL, handed_over=False, parks=True)
    assert said == "not handed over"


async def test_my_wrap_ups_say_whether_the_centre_has_the_code(fake: FakeDesk) -> None:
    fake.centres.rules = {"genesys": None}
    there = {"centre": GENESYS, "external_code": "Resolved"}
    fake.routing.wrap_ups = [
        wrap_up_row(1, **there, sync=Sync.AWAITING),
        wrap_up_row(2, **there, sync=Sync.CONFIRMED),
        wrap_up_row(3, **there, sync=Sync.PARKED),
        wrap_up_row(4, **there, sync=Sync.CONFIRMED, differs=True),
    ]
    async with running(fake, (130, 40)) as (app, pilot):
        await press(pilot, "U")
        text = screen_text(app)
        for words in ("awaiting", "confirmed", "waits for admin", "differs"):
            assert words in text
        assert "Resolved" in text


async def test_the_title_counts_there_and_a_missing_sign_in_says_its_key(fake: FakeDesk) -> None:
    fake.uses = (
        CentreUse("genesys", GENESYS, "On Queue", 1, 2, known=True),
        CentreUse("night", "Night shift", signed_in=False),
    )
    async with running(fake, (140, 40)) as (app, _pilot):
        text = " ".join(screen_text(app).split())
        assert f"2/4 · {GENESYS} 1/2 · Night shift not signed in" in text
        assert "! You are not signed in to" in text
