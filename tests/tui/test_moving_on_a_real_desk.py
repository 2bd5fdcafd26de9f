"""Moving, undoing and proposals over the real services: one mail's way by key."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import NewCase
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.ids import CaseId
from agentdesk.domain.link_views import LinkNews
from agentdesk.domain.rules import Linking
from agentdesk.domain.views import EntryKind
from agentdesk.tui.dialogs.explain_link import ExplainLinkDialog
from agentdesk.tui.dialogs.move_mail import MoveMailDialog
from tests.desks import RULES, World, desk, mail
from tests.tui.pane_app import dialog
from tests.tui.pane_host import until
from tests.tui.test_pane_on_a_real_desk import RealApp

SUBJECT = "Tent pole T-5512 cracked"
TENT = "The tent pole T-5512 is cracked at the joint."
AGAIN = "The tent pole T-5512 with the cracked joint: when does the new pole come?"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """SQLite is enough: what storage does is proved elsewhere. One mail of each kind needs less proof."""
    clock, rules = ManualClock(), replace(RULES, linking=Linking(threshold=0.6))
    async with desk(f"sqlite:///{tmp_path / 'desk.db'}", clock=clock, rules=rules) as made:
        yield World(made, clock)


async def a_case(world: World) -> tuple[Actor, CaseId]:
    """A mail came and became CS0000001."""
    await world.arrive(mail(TENT, subject=SUBJECT))
    ana, key = await world.at_work()
    return ana, await services.cases.create(world.desk, ana, key, NewCase())


def mails_of(app: RealApp) -> list[str]:
    """The mails that the pane shows, by their words."""
    entries = [card.entry for card in app.pane.stream.cards]
    return [e.text.strip() for e in entries if e.kind is EntryKind.MAIL_IN]


def line(app: RealApp, what: LinkNews) -> bool:
    """Whether the stream has such a line."""
    links = [card.entry.link for card in app.pane.stream.cards]
    return any(link is not None and link.what is what for link in links)


async def in_case(world: World, ana: Actor, case_id: CaseId) -> list[str]:
    page = await services.cases.stream(world.desk, ana, case_id)
    return [e.text.strip() for e in page.entries if e.kind is EntryKind.MAIL_IN]


async def settled(pilot: Pilot[None], app: RealApp) -> None:
    """The pane has read its stream."""
    await until(pilot, lambda: app.pane.view is not None and app.pane.stream.cards)
    app.pane.focus_stream()
    await pilot.pause()


async def test_a_mail_is_moved_to_a_case_by_key_and_put_back(world: World) -> None:
    ana, case_id = await a_case(world)
    await world.arrive(mail("One more thing about it.", subject="Hello"))
    _, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot, app)
        mail_seq = next(c.seq for c in app.pane.stream.cards if c.entry.message_id)
        app.pane.show_entry(mail_seq)
        await until(pilot, lambda: app.pane.check_action("move_mail", ()))
        await pilot.press("X")
        shown = await dialog(pilot, MoveMailDialog)
        await until(pilot, lambda: shown.lines.row is not None)
        assert shown.lines.row.words == "CS0000001"
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
        assert app.told == ["It went to CS0000001. B takes it back."]
        assert await in_case(world, ana, case_id) == [TENT, "One more thing about it."]
        await until(pilot, lambda: line(app, LinkNews.MOVED) and not mails_of(app))

        await pilot.press("B")
        await until(pilot, lambda: len(app.told) == 2)
        assert await in_case(world, ana, case_id) == [TENT]
        await until(pilot, lambda: mails_of(app) == ["One more thing about it."])
        assert app.errors == []


async def test_a_mail_that_looks_like_a_case_is_linked_by_one_key(world: World) -> None:
    ana, case_id = await a_case(world)
    await world.arrive(mail(AGAIN, subject=f"Re: {SUBJECT}"))
    _, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot, app)
        await until(pilot, lambda: line(app, LinkNews.PROPOSED))
        await pilot.press("Y")
        shown = await dialog(pilot, ExplainLinkDialog)
        await pilot.pause()
        text = str(shown.query_one("#why").render())
        assert "CS0000001" in text
        assert "pole" in text
        await pilot.press("=")
        await until(pilot, lambda: app.told)
        assert await in_case(world, ana, case_id) == [TENT, AGAIN]
        await until(pilot, lambda: not line(app, LinkNews.PROPOSED))
        assert app.errors == []


async def test_a_declined_proposal_goes_and_the_mail_stays(world: World) -> None:
    ana, _ = await a_case(world)
    await world.arrive(mail(AGAIN, subject=f"Re: {SUBJECT}"))
    _, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot, app)
        await until(pilot, lambda: line(app, LinkNews.PROPOSED))
        await pilot.press("-")
        await until(pilot, lambda: not line(app, LinkNews.PROPOSED))
        assert mails_of(app) == [AGAIN]
        assert app.errors == []
