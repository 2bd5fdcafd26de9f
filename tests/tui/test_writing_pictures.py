"""How writing looks on a small screen, in every theme, driven by keys alone."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from agentdesk.domain.draft import DraftContent, Identity, News
from agentdesk.domain.errors import SomethingNew
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.message import Address
from agentdesk.domain.people import PersonHit
from agentdesk.tui.dialogs.send_options import SendOptionsDialog
from agentdesk.tui.dialogs.something_new import SomethingNewDialog
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets import draft_keeper, recipient_field
from tests.tui.pane_app import PaneApp, dialog
from tests.tui.pane_host import CONVERSATION, START, at, mail_out, page, until
from tests.tui.pane_services import VIEW, FakeDesk, install

NEAR = (Address("mara@example.org", "Mara Olsen"), Address("paul@acme.example", "Paul Marek"))
PEOPLE = (
    PersonHit("Marc Dubois", "contact", CustomerId(2), email="marc@dubois.example"),
    PersonHit("Marta, Eva", "contact", CustomerId(3), email="eva@example.net", account="Acme"),
)
OURS = (
    Identity("support@x.org", "Northwind Support", "Support", default=True),
    Identity("sales@x.org", "Northwind Sales", "Sales"),
)
NEWS = (News(at(1), "Mara Olsen", "Never mind, the lid came today. Thank you.", incoming=True),)
Step = Callable[[Pilot[None], FakeDesk], Awaitable[None]]


async def address(pilot: Pilot[None], fake: FakeDesk) -> None:
    """People are proposed in Cc."""
    await pilot.press("ctrl+l", *"mar")
    pane = pilot.app.query_one(InteractionPane)
    line = pane.reply_composer.envelope.recipient_fields[1]
    await until(pilot, lambda: len(line.suggestions.shown) == 3)


async def mistype(pilot: Pilot[None], fake: FakeDesk) -> None:
    """A recipient that is no address, and what a template left open."""
    pane = pilot.app.query_one(InteractionPane)
    pane.reply_composer.envelope.field("to").value = "Mara Olsen"
    await pilot.press(*"Your case {{case.number}}")
    await until(pilot, lambda: pane.query_one(".-wrong"))


async def choose(pilot: Pilot[None], fake: FakeDesk) -> None:
    """A moment is typed in the send options."""
    await pilot.press("f6")
    await dialog(pilot, SendOptionsDialog)
    await pilot.press(*"tue 9")


async def stop(pilot: Pilot[None], fake: FakeDesk) -> None:
    """Something new stops the mail."""
    fake.refuse["queue"] = SomethingNew("Something new came into this conversation.", NEWS)
    await pilot.press("ctrl+g")
    await dialog(pilot, SomethingNewDialog)


@pytest.mark.parametrize("theme", ["slate", "dusk", "paper", "contrast"])
@pytest.mark.parametrize("step", [address, mistype, choose, stop])
def test_writing_looks_like_its_picture(
    monkeypatch: pytest.MonkeyPatch, snap_compare: Any, step: Step, theme: str
) -> None:
    monkeypatch.setattr(recipient_field, "FIND_AFTER_S", 0)
    monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 0)
    view = replace(VIEW, customer=replace(VIEW.customer, time_zone="Asia/Tokyo"))
    fake = install(monkeypatch, FakeDesk(view=view, page=page(*CONVERSATION)))
    fake.near, fake.people, fake.identities = NEAR, PEOPLE, OURS
    fake.page = page(*CONVERSATION, mail_out(50, "We look into it.", at=START))
    content = DraftContent("Mara Olsen <mara@example.org>", subject="Re: Order 5512")
    fake.draft = fake.new_draft(content=content)
    app = PaneApp()
    app.theme = theme

    async def ready(pilot: Pilot[None]) -> None:
        pane = pilot.app.query_one(InteractionPane)
        await until(pilot, lambda: pane.view is not None)
        pane.focus_stream()
        await pilot.press("r")
        await until(pilot, lambda: pane.query_one("#from-line").display)
        await step(pilot, fake)
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=ready)
