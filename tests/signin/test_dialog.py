"""Signing in from the desk: the dialog, on a real login server."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agentdesk.domain.actor import Role
from agentdesk.domain.clock import ManualClock
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.tokens import Tokens
from agentdesk.tui.actions import BY_ID
from agentdesk.tui.dialogs.mail_sign_in import MailSignInDialog
from tests.signin.endpoint import Endpoint
from tests.signin.people import ADDRESS, SOON, google, microsoft
from tests.tui.asking import NOTHING, Asking, asking, problem


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
    async with asking(MailSignInDialog(mine)) as (app, pilot):
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
    async with asking(MailSignInDialog(tokens(google(endpoint)))) as (app, pilot):
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
    async with asking(MailSignInDialog(tokens(microsoft(endpoint)))) as (app, pilot):
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
    async with asking(MailSignInDialog(mine)) as (app, pilot):
        await until(pilot, lambda: bool(text(app, "#code")))
        await pilot.press("escape")
        await until(pilot, lambda: app.answer is None)
        assert not [t for t in app.workers if t.group == "sign in" and t.is_running]
    assert mine.last_sign_in() is None


def test_only_admins_see_the_action() -> None:
    action = BY_ID["sign_in_mail"]
    assert [role for role in Role if action.may(role)] == [Role.ADMIN]
