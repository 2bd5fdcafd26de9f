"""The customer: who is writing, and what else there is of them."""

from dataclasses import replace

import pytest
from textual.widgets import OptionList, Static

from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import BouncedAddress, CustomerCard, RelatedRow, Tab, Workspace
from agentdesk.tui.panes.customer import CustomerPane
from tests.tui.fake_desk import (
    HOSTILE,
    FakeDesk,
    ago,
    customer,
    fake_pane,
    running,
    screen_text,
    settle,
)

OPEN_TAB = Workspace((Tab(InteractionId(123), "IMS0000123"),), InteractionId(123))


async def test_the_customer_of_the_active_tab_is_shown(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, _):
        text = screen_text(app)
        for words in (
            "Mara Olsen  ★ VIP",
            "mara.olsen@acme.example",
            "Acme Lighting AS",
            "Open     3",
            "Prefers short answers.",
            "RELATED",
            "CS0000007 · 28 Feb · Open",
        ):
            assert words in text


async def test_without_a_tab_nobody_is_shown(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, pilot):
        await pilot.press("q")
        await settle(pilot)
        assert not app.screen.query_one("#customer").display


async def test_what_a_hidden_tab_reads_does_not_change_the_customer(fake: FakeDesk) -> None:
    tabs = (*OPEN_TAB.tabs, Tab(InteractionId(5), "IMS0000005"))
    fake.workspace = Workspace(tabs, InteractionId(123))
    async with running(fake) as (app, pilot):
        first = fake_pane(app)
        await pilot.press("2")
        await settle(pilot)
        first.tell_view(customer=customer(name="Somebody Else"))
        await settle(pilot)
        assert "Somebody Else" not in screen_text(app)


async def test_going_back_to_a_tab_shows_its_customer_again(fake: FakeDesk) -> None:
    tabs = (*OPEN_TAB.tabs, Tab(InteractionId(5), "IMS0000005"))
    fake.workspace = Workspace(tabs, InteractionId(123))
    async with running(fake) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        fake_pane(app).tell_view(customer=customer(name="Ben Okafor"))
        await settle(pilot)
        assert "Ben Okafor  ★" in screen_text(app)
        await pilot.press("1")
        await settle(pilot)
        assert "Mara Olsen  ★" in screen_text(app)


async def test_a_related_interaction_opens_as_a_tab(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, pilot):
        related = app.screen.query_one("#related", OptionList)
        related.focus()
        related.highlighted = 1
        await pilot.press("enter")
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 98


async def test_a_related_case_cannot_be_opened_yet(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, _):
        assert app.screen.query_one("#related", OptionList).get_option_at_index(0).disabled


async def test_an_address_that_bounced_is_told_of(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, pilot):
        assert "bounced" not in screen_text(app)
        refused = tuple(
            BouncedAddress(f"m{n}@acme.example", ago(60 * 60 * 24 * 3)) for n in range(5)
        )
        fake_pane(app).tell_view(customer=customer(bounced=refused))
        await settle(pilot)
        assert "! Mail to m0@acme.example" in screen_text(app)
        assert str(app.screen.query_one("#customer-bounced", Static).render()).split("\n") == [
            *(f"! Mail to m{n}@acme.example bounced on 27 Feb." for n in range(3)),
            "! and 2 more addresses",
        ]


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_leave_the_screen_whole(fake: FakeDesk, words: str) -> None:
    fake.workspace = OPEN_TAB
    row = RelatedRow(words, words, words, ago(5), InteractionId(4))
    bad = (BouncedAddress(words, ago(5)),) * 9
    card = CustomerCard(words, words, words, words, True, words, words, 2, (row,) * 60, bad)
    async with running(fake) as (app, pilot):
        app.screen.query_one(CustomerPane).show(card)
        await settle(pilot)
        assert "\x1b" not in screen_text(app)
        app.screen.query_one(CustomerPane).show(replace(card, notes="", open_count=0))
        await settle(pilot)
        app.screen.query_one(CustomerPane).show(None)
        await settle(pilot)
        assert "No customer" in screen_text(app)
