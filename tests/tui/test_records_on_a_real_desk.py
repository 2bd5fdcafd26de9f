"""Records by key over the real services, on both databases."""

from textual.widgets import Static

from agentdesk import services
from agentdesk.domain.message import Address
from agentdesk.domain.people import AccountDetails, Kind, PersonDetails
from agentdesk.tui import records
from agentdesk.tui.dialogs.find_record import FindDialog
from agentdesk.tui.dialogs.picker import PickDialog
from agentdesk.tui.dialogs.record_form import RecordForm
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.screens.people import PeopleScreen
from agentdesk.tui.screens.person import PersonScreen
from tests.desks import World, mail
from tests.tui.fake_desk import screen_text, settle
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting, told


async def test_a_guest_is_verified_found_read_and_written_to(world: World) -> None:
    await world.arrive(mail("The lamp came in pieces."))
    async with sitting(world, "ana") as (app, pilot):
        await world.inbox("ana")
        await told(app, pilot)
        await pilot.press("i", "enter")
        await settle(pilot)
        assert "V verify this guest" in screen_text(app)

        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, PickDialog))
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, FindDialog))
        box = app.screen
        assert isinstance(box, FindDialog)
        await pilot.press(*"Fjord Ltd")
        await until(pilot, lambda: box.rows.row and box.rows.row.name == "Fjord Ltd")
        await pilot.press("enter")
        await until(pilot, lambda: "Fjord Ltd" in screen_text(app))

        await pilot.press("@", *"olsen fj")
        await until(pilot, lambda: isinstance(app.screen, PeopleScreen) and app.screen.rows.row)
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PeopleScreen) and app.screen.rows.row)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        await until(pilot, lambda: "Order 5512 damaged" in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: "The lamp came in pieces." in screen_text(app))

        await pilot.press("L")
        await until(pilot, lambda: app.screen is app.desk_screen)
        pane = app.desk_screen.tabs.active_pane
        assert isinstance(pane, InteractionPane)
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert pane.view is None or pane.view.direction == "outbound"
        assert "mara.olsen@fjord.example" in screen_text(app)


async def test_a_form_that_lost_the_race_goes_on_with_both(world: World) -> None:
    async with sitting(world, "ana") as (app, pilot):
        ana = app.actor
        company = await services.people.create_account(world.desk, ana, AccountDetails("Fjord"))
        details = PersonDetails("Mara Olsen", account_id=company)
        mara = await services.people.create(
            world.desk, ana, Kind.CONTACT, details, ["mara@fjord.example"]
        )
        records.open_person(app, mara)
        await settle(pilot)
        await until(pilot, lambda: "mara@fjord.example" in screen_text(app))
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, RecordForm))
        await pilot.press(*" Berg")
        theirs = PersonDetails("Mara Olsen", language="nb", account_id=company)
        version = (await services.people.record(world.desk, ana, mara)).version
        await services.people.change(world.desk, ana, mara, version, theirs)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "Theirs is taken in" in screen_text(app))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        now = (await services.people.record(world.desk, ana, mara)).details
        assert (now.name, now.language, now.account_id) == ("Mara Olsen Berg", "nb", company)


async def test_the_customer_beside_a_mail_says_that_there_may_be_two(world: World) -> None:
    twice = [Address("mara@fjord.example", "Mara Olsen"), Address("m@fjord.example", "Mara Olsen")]
    await world.arrive(*(mail(sender=who) for who in twice))
    async with sitting(world, "ana") as (app, pilot):
        await world.inbox("ana")
        await told(app, pilot)
        await pilot.press("i", "enter")
        await settle(pilot)
        await pilot.press("C")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        await settle(pilot)
        assert "both at fjord.example" in screen_text(app)
        await pilot.press("escape")
        facts = str(app.screen.query_one("#customer-facts", Static).render())
        assert "1 record may be the same person" in facts
