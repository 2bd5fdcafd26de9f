"""Record pages of people and accounts: what they show, and what is done on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static, TextArea

from agentdesk.domain.errors import BadInput, Conflict
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.people import (
    AccountDetails,
    Duplicate,
    Kind,
    MergeRow,
    PersonAddress,
    PersonDetails,
)
from agentdesk.tui import records
from agentdesk.tui.dialogs import find_record
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.erase import EraseDialog
from agentdesk.tui.dialogs.find_record import FindDialog
from agentdesk.tui.dialogs.merge import MergeDialog
from agentdesk.tui.dialogs.one_line import OneLineDialog
from agentdesk.tui.dialogs.picker import PickDialog
from agentdesk.tui.dialogs.record_form import RecordForm
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens import record
from agentdesk.tui.screens.account import AccountScreen
from agentdesk.tui.screens.person import PersonScreen
from tests.tui.asking import problem
from tests.tui.fake_desk import (
    EVA,
    HOSTILE,
    FakeDesk,
    ago,
    running,
    screen_text,
    settle,
    toasts,
)
from tests.tui.fake_people import (
    ACME,
    BEN,
    CHEN,
    FJORD,
    GUEST,
    MARA,
    entry,
    history_row,
    person,
)
from tests.tui.pane_host import until

At = tuple[Any, Pilot[None]]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_record, "CALM_S", 0.01)
    monkeypatch.setattr(record, "APART_S", 0.0)


@asynccontextmanager
async def at_person(
    fake: FakeDesk, customer_id: CustomerId = MARA, size: tuple[int, int] = (130, 40)
) -> AsyncIterator[At]:
    """The record page of somebody, at rest."""
    async with running(fake, size) as (app, pilot):
        records.open_person(app, customer_id)
        await settle(pilot)
        yield app, pilot


@asynccontextmanager
async def at_account(fake: FakeDesk, size: tuple[int, int] = (130, 40)) -> AsyncIterator[At]:
    """The record page of Acme, at rest."""
    async with running(fake, size) as (app, pilot):
        records.open_account(app, ACME)
        await settle(pilot)
        yield app, pilot


async def dialog(at: At, kind: type[Any]) -> None:
    """Until a box of that kind is there."""
    app, pilot = at
    await until(pilot, lambda: isinstance(app.screen, kind))
    await pilot.pause()


async def page(at: At, kind: type[Any] = PersonScreen) -> None:
    """Until the page is back, and read anew."""
    app, pilot = at
    await until(pilot, lambda: isinstance(app.screen, kind))
    await settle(pilot)


# What is shown


async def test_the_page_of_a_person_shows_all_that_is_known(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, _):
        text = screen_text(app)
        for words in (
            "Mara Olsen  ★ VIP",
            "contact",
            "mara.olsen@acme.example",
            "bounced on",
            "Acme Lighting AS",
            "10:41 in Europe/Oslo",
            "lamps, key account",
            "Prefers short answers.",
            "Since     20 Jan",
            "May be the same person · m merges",
            "same last name",
            "Merged into this record · u undoes",
            "Mara O.  by Ben Ito",
            "IMS0000030",
            "CS0000007",
        ):
            assert words in text


async def test_at_80_by_24_the_head_folds_and_nothing_is_lost(fake: FakeDesk) -> None:
    async with at_person(fake, size=(80, 24)) as (app, _):
        text = screen_text(app)
        for words in (
            "mara.olsen@acme.example, mara@olsen.example",
            "Acme Lighting AS · nb · 10:41 in Europe/Oslo · 3 open",
            "1 record may be the same person · m merges",
            "1 record was merged into this one · u undoes",
            "IMS0000030",
            "E edit",
        ):
            assert words in text


async def test_their_local_time_goes_on(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        fake.clock.turn(60 * 20)
        app.ticked.publish(app.now())
        await pilot.pause()
        assert "11:01 in Europe/Oslo" in screen_text(app)


async def test_the_stream_holds_everything_that_ever_passed(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        text = screen_text(app)
        assert "Where is parcel 1?" in text
        assert "Where is parcel 5?" in text
        assert "IMS0000030  ↓ Mara Olsen" in text
        assert "new" not in text.split("History")[1].splitlines()[1]
        await pilot.press("up", "up", "escape")
        await settle(pilot)
        assert app.screen is app.desk_screen


async def test_older_activities_are_read_when_they_are_wanted(fake: FakeDesk) -> None:
    fake.people.entries = [entry(n, f"Mail {n}") for n in range(1, 180)]
    async with at_person(fake) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("e")
        await until(pilot, lambda: (MARA, None, 80) in fake.calls_of("stream"))
        await settle(pilot)
        assert app.screen.query("EntryCard").first().entry.seq == 1


async def test_changes_of_the_record_show(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        fake.people._changed(MARA, None, details=PersonDetails("Mara Berg"))
        app.post_message(RecordsChanged(Change(customers=frozenset({MARA}))))
        await settle(pilot)
        assert "Mara Berg" in screen_text(app)


async def test_a_change_of_others_is_not_read(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        before = len(fake.calls_of("record"))
        app.post_message(RecordsChanged(Change(customers=frozenset({BEN}))))
        await settle(pilot)
        assert len(fake.calls_of("record")) == before


async def test_nothing_that_came_or_went_is_said(fake: FakeDesk) -> None:
    fake.people.rows, fake.people.entries = [], []
    async with at_person(fake) as (app, pilot):
        assert "Nothing ever came or went." in screen_text(app)
        await pilot.press("2")
        await settle(pilot)
        assert "Nothing ever came or went." in screen_text(app)


async def test_an_interaction_of_the_history_opens_as_a_tab(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.screen is app.desk_screen
        assert app.desk_screen.tabs.workspace.active == 30


async def test_a_case_of_the_history_opens_as_a_tab(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is app.desk_screen
        tab = app.desk_screen.tabs.workspace.tabs[-1]
        assert (tab.thread_id, tab.number) == (40, "CS0000007")


async def test_brackets_go_round_the_lists(fake: FakeDesk) -> None:
    async with at_account(fake) as (app, pilot):
        seen = []
        for _ in range(3):
            await pilot.press("]")
            await settle(pilot)
            seen.append(app.screen.choice.chosen_list)
        assert seen == ["stream", "contacts", "history"]


async def test_a_record_that_was_merged_away_leads_to_the_one_that_stays(fake: FakeDesk) -> None:
    fake.people._changed(GUEST, None, merged_into=MARA)
    async with at_person(fake, GUEST) as (app, pilot):
        await settle(pilot)
        assert isinstance(app.screen, PersonScreen)
        assert app.screen.customer_id == MARA


async def test_the_page_of_an_account_shows_its_people(fake: FakeDesk) -> None:
    async with at_account(fake) as (app, pilot):
        text = screen_text(app)
        for words in ("Acme Lighting AS", "account", "Contacts  1", "Pays late.", "north"):
            assert words in text
        await pilot.press("3")
        await settle(pilot)
        assert "★ Mara Olsen" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, PersonScreen)


async def test_an_account_without_people_says_how_to_make_one(fake: FakeDesk) -> None:
    fake.people.people.pop(MARA)
    async with at_account(fake) as (app, pilot):
        await pilot.press("3")
        await settle(pilot)
        assert "Nobody works here yet. n makes a contact." in screen_text(app)


async def test_the_account_of_a_contact_is_one_key_away(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        await pilot.press("A")
        await settle(pilot)
        assert isinstance(app.screen, AccountScreen)


# Editing


async def test_all_fields_are_edited_in_one_form(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("E")
        await dialog(at, RecordForm)
        app.screen.query_one("#name", Input).value = "Mara Berg"
        app.screen.query_one("#tags", Input).value = "lamps, , lamps,new"
        app.screen.query_one("#notes", TextArea).load_text("Calls on Mondays.")
        app.screen.query_one("#vip").toggle()
        await pilot.press("ctrl+g")
        await page(at)
        ((who, version, details),) = fake.calls_of("change")
        assert (who, version) == (MARA, 1)
        assert details == PersonDetails(
            "Mara Berg",
            "nb",
            "Europe/Oslo",
            False,
            "Calls on Mondays.",
            ("lamps", "new"),
            ACME,
        )
        assert "Mara Berg" in screen_text(app)


async def test_what_cannot_be_saved_is_said_and_kept(fake: FakeDesk) -> None:
    fake.errors["change"] = BadInput("xx yy is no language. Write a code such as en, nb or pt-BR.")
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("E")
        await dialog(at, RecordForm)
        app.screen.query_one("#language", Input).value = "xx yy"
        await pilot.press("enter")
        await until(pilot, lambda: "is no language" in problem(app))
        assert app.screen.query_one("#language", Input).value == "xx yy"


async def test_a_conflict_keeps_what_was_typed_and_takes_in_the_rest(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("E")
        await dialog(at, RecordForm)
        app.screen.query_one("#name", Input).value = "Mara B."
        theirs = replace(fake.people.people[MARA].details, name="Mara Berg", language="da")
        fake.people._changed(MARA, None, details=theirs)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "changed name meanwhile" in problem(app))
        assert app.screen.query_one("#name", Input).value == "Mara B."
        assert app.screen.query_one("#language", Input).value == "da"
        await pilot.press("ctrl+g")
        await page(at)
        saved = fake.people.people[MARA].details
        assert (saved.name, saved.language) == ("Mara B.", "da")


async def test_another_conflict_is_only_told(fake: FakeDesk) -> None:
    fake.errors["change_account"] = Conflict("There is an account Fjord Shipping already.")
    async with at_account(fake) as at:
        app, pilot = at
        await pilot.press("E")
        await dialog(at, RecordForm)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "Fjord Shipping already" in problem(app))


async def test_escape_leaves_everything_as_it_was(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("E")
        await dialog(at, RecordForm)
        await pilot.press("x", "escape")
        await settle(pilot)
        assert fake.calls_of("change") == []
        assert isinstance(app.screen, PersonScreen)


async def test_a_consumer_gets_an_account_and_loses_it_again(fake: FakeDesk) -> None:
    async with at_person(fake, CHEN) as at:
        app, pilot = at
        await pilot.press("E")
        await dialog(at, RecordForm)
        app.screen.query_one("#account").focus()
        await pilot.press("enter")
        await dialog(at, FindDialog)
        await pilot.press(*"fjord")
        await until(pilot, lambda: app.screen.rows.row is not None)
        await pilot.press("enter")
        await dialog(at, RecordForm)
        assert "Fjord Shipping" in str(app.screen.query_one("#account", Button).label)
        app.screen.query_one("#account").focus()
        await pilot.press("delete")
        assert "none" in str(app.screen.query_one("#account", Button).label)
        await pilot.press("ctrl+g")
        await page(at)
        assert fake.calls_of("change")[0][2].account_id is None


async def test_an_account_is_edited(fake: FakeDesk) -> None:
    async with at_account(fake) as at:
        app, pilot = at
        await pilot.press("E")
        await dialog(at, RecordForm)
        app.screen.query_one("#tags", Input).value = "south"
        await pilot.press("ctrl+g")
        await page(at, AccountScreen)
        assert fake.calls_of("change_account") == [
            (ACME, 1, AccountDetails("Acme Lighting AS", "Pays late.", ("south",)))
        ]


async def test_a_new_contact_of_an_account_begins_with_it(fake: FakeDesk) -> None:
    async with at_account(fake) as at:
        app, pilot = at
        await pilot.press("n")
        await dialog(at, RecordForm)
        await pilot.press(*"Zoe Lind", "ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        kind, details, _ = fake.calls_of("create")[0]
        assert (kind, details.account_id) == (Kind.CONTACT, ACME)


async def test_an_address_is_added(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("a")
        await dialog(at, OneLineDialog)
        await pilot.press(*"mara", "enter")
        await until(pilot, lambda: problem(app) == "mara is no address.")
        await pilot.press(*"@berg.example", "enter")
        await page(at)
        assert "mara@berg.example" in screen_text(app)


async def test_an_address_is_removed_after_asking(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("x")
        await dialog(at, PickDialog)
        await pilot.press("2")
        await dialog(at, ConfirmDialog)
        await pilot.press("y")
        await page(at)
        assert fake.calls_of("remove_address") == [(MARA, "mara@olsen.example")]


# Guests


async def test_a_guest_becomes_a_contact_of_an_account_that_is_found(fake: FakeDesk) -> None:
    async with at_person(fake, GUEST) as at:
        app, pilot = at
        await pilot.press("V")
        await dialog(at, PickDialog)
        await pilot.press("1")
        await dialog(at, FindDialog)
        await pilot.press(*"acme")
        await until(pilot, lambda: app.screen.rows.row is not None)
        await pilot.press("enter")
        await page(at)
        ((who, kind, details),) = fake.calls_of("verify")
        assert (who, kind, details.account_id) == (GUEST, Kind.CONTACT, ACME)
        assert "M. Olsen is a contact of Acme Lighting AS now." in toasts(app)
        assert "V verify" not in screen_text(app)


async def test_a_guest_becomes_a_contact_of_a_new_account(fake: FakeDesk) -> None:
    async with at_person(fake, GUEST) as at:
        app, pilot = at
        await pilot.press("V")
        await dialog(at, PickDialog)
        await pilot.press("1")
        await dialog(at, FindDialog)
        await pilot.press(*"Olsen Ltd")
        await until(
            pilot,
            lambda: app.screen.rows.row and app.screen.rows.row.name == "Olsen Ltd",
        )
        await pilot.press("enter")
        await page(at)
        assert fake.calls_of("create_account")[0][0].name == "Olsen Ltd"
        assert fake.calls_of("verify")[0][2].account_id == 3


async def test_a_guest_becomes_a_consumer(fake: FakeDesk) -> None:
    async with at_person(fake, GUEST) as at:
        app, pilot = at
        await pilot.press("V")
        await dialog(at, PickDialog)
        await pilot.press("2")
        await page(at)
        assert fake.calls_of("verify")[0][1] is Kind.CONSUMER
        assert "M. Olsen is a consumer now." in toasts(app)


async def test_only_guests_are_verified(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        await pilot.press("V")
        await settle(pilot)
        assert isinstance(app.screen, PersonScreen)


# Two records of one person


async def test_records_are_merged_after_both_were_seen_side_by_side(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("m")
        await dialog(at, PickDialog)
        await pilot.press("1")
        await dialog(at, MergeDialog)
        text = screen_text(app)
        assert "is joined into it" in text
        assert "mara.olsen@acme.example" in text
        assert "m.olsen@acme.example" in text
        assert "1 address, every interaction, case and draft of M. Olsen" in text
        await pilot.press("m")
        await page(at)
        assert fake.calls_of("merge") == [(MARA, GUEST)]


async def test_the_other_record_may_stay(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("m")
        await dialog(at, PickDialog)
        await pilot.press("1")
        await dialog(at, MergeDialog)
        await pilot.press("x", "m")
        await page(at)
        assert fake.calls_of("merge") == [(GUEST, MARA)]
        assert isinstance(app.screen, PersonScreen)
        assert app.screen.customer_id == GUEST


async def test_somebody_who_is_no_known_duplicate_is_found(fake: FakeDesk) -> None:
    async with at_person(fake, CHEN) as at:
        app, pilot = at
        await pilot.press("m")
        await dialog(at, FindDialog)
        await pilot.press(*"okafor")
        await until(pilot, lambda: app.screen.rows.row is not None)
        await pilot.press("enter")
        await dialog(at, MergeDialog)
        await pilot.press("escape")
        await settle(pilot)
        assert fake.calls_of("merge") == []


async def test_a_merge_is_undone(fake: FakeDesk) -> None:
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("u")
        await dialog(at, PickDialog)
        assert "Mara O." in screen_text(app)
        await pilot.press("1")
        await page(at)
        assert fake.calls_of("undo") == [(5,)]
        assert "Both records are there again." in toasts(app)


# Erasing


async def test_erasing_asks_for_the_name_and_says_what_stays(fake: FakeDesk) -> None:
    fake.actor = EVA
    async with at_person(fake) as at:
        app, pilot = at
        await pilot.press("X")
        await dialog(at, EraseDialog)
        text = screen_text(app)
        assert "Goes: name, addresses" in text
        assert "Stays: how many interactions" in text
        await pilot.press(*"Mara", "enter")
        assert problem(app) == "That is not the name. Nothing was erased."
        await pilot.press(*" Olsen", "enter")
        await page(at)
        assert fake.calls_of("erase") == [(MARA,)]
        assert "Only counts are left." in screen_text(app)
        await pilot.press("E", "a", "m")
        await settle(pilot)
        assert isinstance(app.screen, PersonScreen)


async def test_an_agent_cannot_erase(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, pilot):
        await pilot.press("X")
        await settle(pilot)
        assert isinstance(app.screen, PersonScreen)


# Hostile text


@pytest.mark.parametrize(
    ("words", "size"), zip(HOSTILE, cycle([(80, 24), (130, 40)]), strict=False)
)
async def test_hostile_words_leave_every_screen_whole(
    fake: FakeDesk, words: str, size: tuple[int, int]
) -> None:
    fake.actor = EVA
    details = PersonDetails(words, words, words, True, words, (words, words), FJORD)
    fake.people.people[MARA] = person(
        MARA,
        kind=Kind.GUEST,
        details=details,
        account=words,
        addresses=(PersonAddress(words, ago(5)), PersonAddress(f"{words}@x")),
        duplicates=(Duplicate(GUEST, words, words, words, words, words),),
        merges=(MergeRow(5, words, words, ago(5)),),
    )
    fake.people.rows = [history_row(3, number=words or "IMS1", subject=words, customer=words)]
    async with at_person(fake, MARA, size) as at:
        app, pilot = at
        for keys in ([], ["2"], ["E"], ["x"], ["m"], ["m", "1"], ["u"], ["a"], ["X"]):
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
                await pilot.pause()
            assert "\x1b" not in screen_text(app)
            while app.screen.is_modal:
                await pilot.press("escape")
                await settle(pilot)
            assert isinstance(app.screen, PersonScreen)


async def test_no_text_of_a_record_is_read_as_markup(fake: FakeDesk) -> None:
    async with at_person(fake) as (app, _):
        assert all(not each._render_markup for each in app.screen.query(Static))
