"""How the pane looks."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from agentdesk.domain.ccaas.views import CentreSide
from agentdesk.domain.message import Authentication, MailKind, Verdict
from agentdesk.domain.views import BouncedAddress, Delivery
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets.refused import RefusedRecipients
from tests.tui.pane_app import PaneApp, dialog
from tests.tui.pane_host import CONVERSATION, START, HostApp, at, mail_in, mail_out, page, until
from tests.tui.pane_services import VIEW, FakeDesk, install

# Pictures


Before = Callable[[Pilot[None]], Awaitable[None]]


@pytest.fixture
def picture(monkeypatch: pytest.MonkeyPatch, snap_compare: Any) -> Callable[..., bool]:
    """Compare the pane with its picture, after *before* did something."""

    def compare(before: Before, size: tuple[int, int]) -> bool:
        waiting = mail_out(
            50,
            "A new lid leaves today, with both hinges.\n\nKind regards\nAna",
            delivery=Delivery.DELAYED,
            due_at=START + timedelta(seconds=8),
            at=at(0),
        )
        shown = page(*CONVERSATION, waiting, read=11)
        install(monkeypatch, FakeDesk(page=shown))

        async def ready(pilot: Pilot[None]) -> None:
            pane = pilot.app.query_one(InteractionPane)
            await until(pilot, lambda: pane.view is not None)
            pane.focus_stream()
            await pilot.pause()
            await before(pilot)
            await pilot.pause()
            await pilot.pause()

        return bool(snap_compare(PaneApp(), terminal_size=size, run_before=ready))

    return compare


async def nothing(pilot: Pilot[None]) -> None:
    """As it opens."""


async def write(pilot: Pilot[None]) -> None:
    """A reply with two files and copies."""
    pane = pilot.app.query_one(InteractionPane)
    await pilot.press("r")
    await until(pilot, lambda: pane.reply_composer.is_open)
    keeper = pane.reply_composer.keeper
    assert keeper is not None
    await keeper.attach("invoice-5512.pdf", b"x" * 84_000)
    await keeper.attach("label.png", b"x" * 9_000)
    await pilot.press(*"Hello Mara,", "enter", "enter", *"the new lid is on its way.")
    await pane.flush()


async def write_note(pilot: Pilot[None]) -> None:
    """A note."""
    await pilot.press("n", *"Ask the carrier for the photo.")


async def close(pilot: Pilot[None]) -> None:
    """The wrap-up after 70 seconds."""
    await pilot.press("w")
    await dialog(pilot, WrapUpDialog)
    await pilot.press("down", "tab", *"New lid sent.")
    assert isinstance(pilot.app, HostApp)
    pilot.app.turn(70)


FACTS = (
    mail_in(
        1,
        "I am out of the office until Monday and will answer then.",
        mail_kind=MailKind.AUTO_REPLY,
        auth=Authentication(Verdict.PASS, "pass", "pass", "pass"),
    ),
    mail_in(
        2,
        "Your message could not be delivered: no such user.",
        title="Mail Delivery System → support@example.com",
        mail_kind=MailKind.BOUNCE,
        bounce_action="failed",
    ),
    mail_in(
        3,
        "Please confirm your password on our page today.",
        title="Example Support → support@example.com",
        auth=Authentication(Verdict.FAIL, "softfail", "none", "fail"),
        warnings=(
            "The sender uses your own domain example.com, but the mail did not come from there.",
            "A link shows bank.example and leads to evil.example.",
        ),
    ),
    mail_in(
        4,
        "Shall we meet?",
        auth=Authentication(Verdict.PASS, "pass", "", "pass"),
        notices=(
            "Invitation: Site visit, 3 Mar 2026 10:00 to 11:00 UTC, Oslo.",
            "Signed (S/MIME).",
        ),
    ),
    mail_out(
        5,
        "We have your mail and answer within a day.",
        title="Example Support → Mara Olsen",
        mail_kind=MailKind.AUTO_REPLY,
        own=False,
    ),
)


@pytest.mark.parametrize("theme", ["slate", "dusk", "paper", "contrast"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_facts_of_mail_look_like_their_picture(
    monkeypatch: pytest.MonkeyPatch, snap_compare: Any, size: tuple[int, int], theme: str
) -> None:
    bounced = BouncedAddress("mara@example.org", at(-9_000))
    install(monkeypatch, FakeDesk(page=page(*FACTS), refused=(bounced,)))
    app = PaneApp()
    app.theme = theme

    async def ready(pilot: Pilot[None]) -> None:
        pane = pilot.app.query_one(InteractionPane)
        await until(pilot, lambda: pane.view is not None)
        pane.focus_stream()
        if size[1] > 24:
            await pilot.press("r")
            await until(pilot, lambda: pane.query_one(RefusedRecipients).has_class("-shown"))
            await until(pilot, lambda: pane.stream.at_end)
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=ready)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
@pytest.mark.parametrize("before", [nothing, write, write_note, close])
def test_the_pane_looks_like_its_picture(
    picture: Callable[..., bool], before: Before, size: tuple[int, int]
) -> None:
    assert picture(before, size)


def test_the_head_of_what_a_contact_centre_routes(
    monkeypatch: pytest.MonkeyPatch, snap_compare: Any
) -> None:
    trouble = "Genesys Cloud does not let Ana Ruiz do this: the right routing:wrapup is missing."
    side = CentreSide("Genesys Cloud", "code awaiting confirmation", trouble)
    install(monkeypatch, FakeDesk(page=page(*CONVERSATION), view=replace(VIEW, centre=side)))
    app = PaneApp()
    app.theme = "dusk"

    async def ready(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: pilot.app.query_one(InteractionPane).view is not None)
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(app, terminal_size=(100, 24), run_before=ready)
