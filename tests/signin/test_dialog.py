"""Signing in from the desk: the dialog, on a real login server."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agentdesk.bootstrap.opened import RunningDesk
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.ids import AgentId
from agentdesk.engine.engine import Engine
from agentdesk.engine.lines import Line
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.signin.agents import AgentSignIns
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.tokens import Tokens
from agentdesk.tui.actions import BY_ID
from agentdesk.tui.dialogs.picker import PickDialog
from agentdesk.tui.dialogs.sign_in import SignInDialog
from tests.desks import desk
from tests.signin.centres import ANA, centre, known
from tests.signin.endpoint import Endpoint
from tests.signin.people import ADDRESS, SOON, google, microsoft
from tests.tui.asking import NOTHING, Asking, asking, problem
from tests.tui.fake_desk import FakeDesk, put_in_place, running, toasts


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def tokens(tmp_path: Path) -> Callable[[Registration], Tokens]:
    return lambda account: Tokens(account, Store(tmp_path / "sign-in"), ManualClock())


async def until(pilot: Pilot[None], found: Callable[[], object]) -> None:
    """Let messages run until *found*; the login server is asked only once a second."""
    async with asyncio.timeout(SOON):
        while not found():
            await pilot.pause(0.05)


def text(app: Asking, name: str) -> str:
    return str(app.screen.query_one(name, Static).render())


async def test_a_code_is_shown_and_can_be_copied_and_the_dialog_ends_by_itself(
    endpoint: Endpoint, tokens: Callable[[Registration], Tokens]
) -> None:
    mine = tokens(microsoft(endpoint))
    before = mine.last_sign_in()
    async with asking(SignInDialog(mine)) as (app, pilot):
        await until(pilot, lambda: "FJC3-9WQX" in text(app, "#code"))
        assert text(app, "#address") == "https://microsoft.com/devicelogin"
        assert ADDRESS in text(app, "#todo")
        await pilot.press("enter")
        assert app.clipboard == "FJC3-9WQX"
        await pilot.press("right", "enter")
        assert app.clipboard == "https://microsoft.com/devicelogin"
        endpoint.approve()
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == f"{ADDRESS} is signed in as ana@northwind.example."
    assert mine.last_sign_in() != before
    assert await mine.fetch()


async def test_without_a_browser_here_google_shows_how_to_reach_this_machine(
    endpoint: Endpoint, tokens: Callable[[Registration], Tokens]
) -> None:
    async with asking(SignInDialog(tokens(google(endpoint)))) as (app, pilot):
        await until(pilot, lambda: text(app, "#address").startswith(endpoint.address))
        assert "ssh -N -L " in text(app, "#todo")
        assert text(app, "#code") == ""
        await pilot.press("enter")
        threading.Thread(target=endpoint.browse, args=[app.clipboard], daemon=True).start()
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == f"{ADDRESS} is signed in."


async def test_a_refusal_is_one_sentence_and_escape_leaves(
    endpoint: Endpoint, tokens: Callable[[Registration], Tokens]
) -> None:
    async with asking(SignInDialog(tokens(microsoft(endpoint)))) as (app, pilot):
        await until(pilot, endpoint.begun.is_set)
        endpoint.decline()
        await until(pilot, lambda: bool(problem(app)))
        assert problem(app) == f"The sign-in of {ADDRESS} was declined: nothing was changed."
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


async def test_escape_calls_the_sign_in_off(
    endpoint: Endpoint, tokens: Callable[[Registration], Tokens]
) -> None:
    mine = tokens(microsoft(endpoint))
    async with asking(SignInDialog(mine)) as (app, pilot):
        await until(pilot, lambda: bool(text(app, "#code")))
        await pilot.press("escape")
        await until(pilot, lambda: app.answer is None)
        assert not [t for t in app.workers if t.group == "sign in" and t.is_running]
    assert mine.last_sign_in() is None


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    desk = FakeDesk(actor=Actor(AgentId(1), "Eva Brandt", Role.ADMIN, "session-e"))
    put_in_place(desk, monkeypatch)
    return desk


async def test_an_admin_chooses_the_account_and_signs_in_from_the_desk(
    fake: FakeDesk, endpoint: Endpoint, tokens: Callable[[Registration], Tokens]
) -> None:
    sales = "sales@northwind.example"
    other = microsoft(endpoint, key="sales", address=sales, user=sales)
    fake.sign_ins = (tokens(microsoft(endpoint)), tokens(other))
    async with running(fake) as (app, pilot):
        await pilot.press("M")
        await until(pilot, lambda: isinstance(app.screen, PickDialog))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, SignInDialog))
        await until(pilot, endpoint.begun.is_set)
        endpoint.approve()
        done = f"{sales} is signed in as ana@northwind.example."
        await until(pilot, lambda: done in toasts(app))
    assert [each.last_sign_in() is not None for each in fake.sign_ins] == [False, True]


async def test_without_an_account_that_signs_in_the_action_is_not_there(fake: FakeDesk) -> None:
    async with running(fake) as (app, _):
        assert not app.desk_screen.dispatch.can_perform("sign_in_mail")


async def test_only_an_admin_is_given_the_accounts(
    tmp_path: Path, endpoint: Endpoint, tokens: Callable[[Registration], Tokens]
) -> None:
    action = BY_ID["sign_in_mail"]
    assert [role for role in Role if action.may(role)] == [Role.ADMIN]
    mine = tokens(microsoft(endpoint))
    line = Line("support", ADDRESS, ImapAccount, SmtpAccount, sign_in=mine)  # type: ignore[arg-type]
    async with desk(f"sqlite:///{tmp_path / 'desk.db'}") as made:
        engine = Engine(made, [line])
        for role in Role:
            actor = Actor(AgentId(1), "Eva Brandt", role, "session-e")
            given = RunningDesk(made, engine, actor).sign_ins
            assert given == ((mine,) if role is Role.ADMIN else ())


async def test_an_agent_without_a_sign_in_at_a_centre_is_told_and_signs_in_from_the_desk(
    fake: FakeDesk, tmp_path: Path
) -> None:
    clock = ManualClock()
    with centre(clock) as there:
        sign_ins = AgentSignIns(there.registration(), Store(tmp_path / "sign-in"), clock)
        fake.centre_sign_ins = {"genesys": sign_ins}
        fake.centres.known = (replace(ANA, external_id=known()),)
        fake.centres.rules = {"genesys": CentreRules("genesys", "Northwind Telephony")}
        async with running(fake) as (app, pilot):
            told = "You get no work from Northwind Telephony until you sign in there: press H."
            await until(pilot, lambda: told in toasts(app))
            await pilot.press("H")
            await until(pilot, lambda: isinstance(app.screen, SignInDialog))
            address = app.screen.query_one("#address", Static)
            await until(pilot, lambda: str(address.render()).startswith(there.address))
            assert "sign in as Ana Ruiz (ana@northwind.example)" in str(
                app.screen.query_one("#todo", Static).render()
            )
            await asyncio.to_thread(there.browse, str(address.render()))
            done = "You are signed in to Northwind Telephony as Ana Ruiz."
            await until(pilot, lambda: done in toasts(app) and fake.calls_of("signed in"))
            assert fake.calls_of("signed in") == [("genesys",)]
            assert sign_ins.has(known())
            assert not app.desk_screen.dispatch.can_perform("sign_in_to_centre")
