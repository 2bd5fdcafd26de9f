"""Find people: as you type, older answers dropped, and what is done from there."""

import asyncio

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.feed import Change
from agentdesk.domain.people import Kind, PersonDetails
from agentdesk.tui.app import DeskApp
from agentdesk.tui.dialogs import find_record
from agentdesk.tui.dialogs.picker import PickDialog
from agentdesk.tui.dialogs.record_form import RecordForm
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens import people
from agentdesk.tui.screens.account import AccountScreen
from agentdesk.tui.screens.people import PeopleScreen
from agentdesk.tui.screens.person import PersonScreen
from tests.tui.fake_desk import HOSTILE, FakeDesk, running, screen_text, settle, toasts
from tests.tui.fake_people import MARA, person
from tests.tui.pane_host import until


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "CALM_S", 0.01)
    monkeypatch.setattr(find_record, "CALM_S", 0.01)


def finder(app: DeskApp) -> PeopleScreen:
    assert isinstance(app.screen, PeopleScreen)
    return app.screen


def names(app: DeskApp) -> list[str]:
    """What was found."""
    return [hit.name for hit in finder(app).rows._window.rows]


async def find(app: DeskApp, pilot: Pilot[None], words: str) -> None:
    """`@`, then *words*, until they were looked for."""
    await pilot.press("@")
    await settle(pilot)
    await pilot.press(*words)
    await pilot.pause(0.05)
    await settle(pilot)


async def test_people_are_found_as_one_types(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "olsen")
        assert "★ Mara Olsen" in screen_text(app)
        assert "guest" in screen_text(app)
        assert names(app) == ["Mara Olsen", "M. Olsen"]


async def test_accounts_are_found_too(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "acme")
        assert "Acme Lighting AS" in screen_text(app)
        assert "account" in screen_text(app)


async def test_an_old_answer_never_overwrites_a_newer_one(fake: FakeDesk) -> None:
    fake.people.waits["ben"] = slow = asyncio.Event()
    async with running(fake) as (app, pilot):
        await pilot.press("@")
        await settle(pilot)
        await pilot.press(*"ben")
        await until(pilot, lambda: ("ben",) in fake.calls_of("find"))
        app.screen.query_one(Input).value = "chen"
        await until(pilot, lambda: ("chen",) in fake.calls_of("find"))
        await settle(pilot)
        slow.set()
        await settle(pilot)
        assert names(app) == ["陳偉 Chen Wei"]


async def test_nothing_typed_and_nobody_found_say_what_to_do(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "")
        assert "Type a name, an address or a company. n makes a new record." in screen_text(app)
        await pilot.press(*"zebra")
        await pilot.pause(0.05)
        await settle(pilot)
        assert "Nobody by these words." in screen_text(app)


async def test_arrows_move_while_typing_goes_on_and_enter_opens(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "olsen")
        await pilot.press("enter", "down", "up", "enter")
        await settle(pilot)
        assert isinstance(app.screen, PersonScreen)
        assert app.screen.customer_id == MARA


async def test_an_account_opens_its_own_page(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "fjord")
        await pilot.press("enter", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, AccountScreen)


async def test_a_click_on_a_row_opens_it(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "mara")
        await pilot.click("#people-rows", offset=(5, 1))
        await settle(pilot)
        assert isinstance(app.screen, PersonScreen)


async def test_changes_of_records_show_at_once(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "olsen")
        fake.people.people[77] = person(77, details=PersonDetails("Olsen 77"))
        app.post_message(RecordsChanged(Change(customers=frozenset({MARA}))))
        await settle(pilot)
        assert "Olsen 77" in screen_text(app)


async def test_what_cannot_be_read_is_told_in_a_sentence(fake: FakeDesk) -> None:
    fake.errors["find"] = StorageProblem("The database does not answer.")
    async with running(fake) as (app, pilot):
        await find(app, pilot, "mara")
        assert "The database does not answer." in toasts(app)


async def test_escape_goes_back_to_the_desk(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "mara")
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.desk_screen


async def test_slash_in_the_rows_goes_back_to_the_box(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "mara")
        await pilot.press("enter")
        assert app.focused is finder(app).rows
        await pilot.press("/")
        assert isinstance(app.focused, Input)


# New records


async def test_a_consumer_is_created_and_opened(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "Zoe")
        await pilot.press("enter", "n")
        await until(pilot, lambda: isinstance(app.screen, PickDialog))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, RecordForm))
        await pilot.press(*" Lind", "tab", *"zoe@lind.example", "tab", "s", "v", "enter")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        (call,) = fake.calls_of("create")
        kind, details, addresses = call
        assert (kind, details.name, details.language) == (Kind.CONSUMER, "Zoe Lind", "sv")
        assert addresses == ("zoe@lind.example",)


async def test_an_address_that_was_looked_for_in_vain_begins_the_form(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "zoe@lind.example")
        await pilot.press("enter", "n")
        await until(pilot, lambda: isinstance(app.screen, PickDialog))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, RecordForm))
        await pilot.pause()
        assert app.screen.query_one("#addresses", Input).value == "zoe@lind.example"


async def test_a_contact_needs_an_account_which_may_be_new(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "Zoe")
        await pilot.press("enter", "n")
        await until(pilot, lambda: isinstance(app.screen, PickDialog))
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, RecordForm))
        await pilot.press("enter")
        await until(pilot, lambda: "Choose the account" in screen_text(app))
        app.screen.query_one("#account").focus()
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.screen.query("#words")))
        await pilot.press(*"Lind Foods")
        await until(
            pilot, lambda: "Lind Foods   " in screen_text(app) and "new" in screen_text(app)
        )
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordForm))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        assert fake.calls_of("create_account")[0][0].name == "Lind Foods"
        assert fake.calls_of("create")[0][1].account_id == 3


async def test_an_account_is_created_and_opened(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await find(app, pilot, "Zebra")
        await pilot.press("enter", "+")
        await until(pilot, lambda: isinstance(app.screen, PickDialog))
        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.screen, RecordForm))
        await pilot.press(*" Ltd", "tab", *"big, big ,new", "enter")
        await until(pilot, lambda: isinstance(app.screen, AccountScreen))
        (details,) = fake.calls_of("create_account")[0]
        assert (details.name, details.tags) == ("Zebra Ltd", ("big", "new"))


@pytest.mark.parametrize("width", [40, 80, 110, 200])
async def test_hostile_names_leave_the_screen_whole(fake: FakeDesk, width: int) -> None:
    fake.people.people = {
        n: person(n, account=words, details=PersonDetails(words))
        for n, words in enumerate(HOSTILE, 1)
    }
    async with running(fake, (width, 24)) as (app, pilot):
        await find(app, pilot, "lind")
        assert "Re: [/order]" in screen_text(app)
        assert "\x1b" not in screen_text(app)
