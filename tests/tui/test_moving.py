"""Linking as a person sees it: why a mail is here, moving it, undoing that, proposals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import CaseId, InteractionId, MessageId, MoveId
from agentdesk.domain.moving import OWN_CASE, OWN_INTERACTION, MoveChoice, to
from agentdesk.domain.views import StreamEntry
from agentdesk.tui.dialogs.explain_link import ExplainLinkDialog, explained
from agentdesk.tui.dialogs.move_mail import MoveMailDialog
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets.score_bar import score_bar
from tests.tui.fake_links import (
    DECISION,
    LINKED,
    MOVED,
    PROPOSAL,
    PROPOSED,
    FakeLinks,
    install,
)
from tests.tui.pane_app import PaneApp, dialog, opened
from tests.tui.pane_host import CONVERSATION, page, until

MAIL = MessageId(40)
Place = tuple[PaneApp, InteractionPane, Pilot[None], FakeLinks]


@asynccontextmanager
async def at_mail(*more: StreamEntry, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Place]:
    """A pane whose newest mail, 40, is followed by *more*; the last entry is highlighted."""
    with pytest.MonkeyPatch.context() as patch:
        fake = install(patch, FakeLinks())
        async with opened(size, shown=page(*CONVERSATION, *more)) as (app, pane, pilot, _):
            yield app, pane, pilot, fake


def words(screen: Any, selector: str) -> str:
    """What stands in a part of a dialog."""
    return str(screen.query_one(selector, Static).render())


async def listed(pilot: Pilot[None]) -> MoveMailDialog:
    """The dialog, once it has lines."""
    shown: MoveMailDialog = await dialog(pilot, MoveMailDialog)
    await until(pilot, lambda: shown.lines.row is not None)
    return shown


# Why


async def test_why_a_mail_is_here_is_said_in_words_with_scores_and_words_that_counted() -> None:
    async with at_mail() as (_, _, pilot, _):
        await pilot.press("Y")
        shown = await dialog(pilot, ExplainLinkDialog)
        await pilot.pause()
        text = words(shown, "#why")
        assert "The best match" in text
        assert "which is closed; of 3 open records" in " ".join(text.split())
        assert "→ CS0000007" in text
        assert "91 %  hinge, n-20417, lid" in text
        assert "34 %  no word counted" in text
        assert "Scored by keywords" in text
        assert "linked from 85 % on" in " ".join(text.split())


async def test_the_line_that_says_linked_opens_the_explanation_by_enter_and_by_click() -> None:
    async with at_mail(LINKED) as (app, pane, pilot, fake):
        await pilot.press("enter")
        await dialog(pilot, ExplainLinkDialog)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        card = pane.stream.card(41)
        assert card is not None
        await pilot.click(card, offset=(10, 0))
        await dialog(pilot, ExplainLinkDialog)
        assert fake.named("decision") == [(MAIL,), (MAIL,)]


async def test_a_record_that_nobody_scored_has_no_bar() -> None:
    plain = replace(DECISION, matcher="", threshold=None)
    text = explained(plain, 80).plain
    assert "CS0000007" in text
    assert "━" not in text
    assert "Nobody scored them" in text


async def test_from_the_explanation_the_mail_is_moved() -> None:
    async with at_mail() as (_, _, pilot, _):
        await pilot.press("Y")
        await dialog(pilot, ExplainLinkDialog)
        await pilot.press("X")
        await listed(pilot)


@pytest.mark.parametrize(("score", "passed"), [(0.849, False), (0.85, True), (0.999, True)])
def test_a_bar_passes_the_mark_only_when_the_score_is_enough(score: float, passed: bool) -> None:
    bar = "".join(words for words, _ in score_bar(score, 0.85))
    assert len(bar) == 20
    assert ("━" in bar[bar.index("┃") :] or bar.index("┃") == bar.rindex("━") + 1) or not passed
    assert (score_bar(score, 0.85)[0][1] == "$calm") is passed


# Moving


async def test_a_mail_goes_to_the_best_candidate_and_the_toast_says_how_to_undo_it() -> None:
    async with at_mail() as (app, _, pilot, fake):
        await pilot.press("X")
        shown = await listed(pilot)
        assert words(shown, "#happens") == (
            "This mail goes from IMS0000123 to CS0000007; later answers to it go there, too."
        )
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
        assert fake.named("move") == [((MAIL,), to(CaseId(7)), False)]
        assert app.told == ["It went to CS0000007. B takes it back."]


async def test_the_rest_of_its_thread_goes_along_when_it_is_ticked() -> None:
    async with at_mail() as (_, _, pilot, fake):
        await pilot.press("X")
        shown = await listed(pilot)
        await pilot.press("ctrl+t", "down")
        await pilot.pause()
        assert words(shown, "#happens").startswith("3 mails go from IMS0000123 to CS0000009")
        await pilot.press("enter")
        await until(pilot, lambda: fake.named("move"))
        assert fake.named("move") == [((MAIL,), to(CaseId(9)), True)]


@pytest.mark.parametrize(("steps", "place"), [(3, OWN_INTERACTION), (4, OWN_CASE)])
async def test_a_mail_becomes_a_record_of_its_own(steps: int, place: Any) -> None:
    async with at_mail() as (app, _, pilot, fake):
        await pilot.press("X")
        await listed(pilot)
        await pilot.press(*["down"] * steps, "enter")
        await until(pilot, lambda: app.told)
        assert fake.named("move") == [((MAIL,), place, False)]


async def test_any_open_record_is_found_by_typing() -> None:
    async with at_mail() as (_, _, pilot, fake):
        other = MoveChoice(InteractionId(300), "IMS0000300", "Tent pegs", "New", "Wei Zhang")
        fake.others = (other,)
        await pilot.press("X")
        shown = await listed(pilot)
        await pilot.press(*"tent")
        await until(pilot, lambda: shown.shown_for == "tent" and shown.lines.row is not None)
        assert shown.lines.row is not None
        assert shown.lines.row.choice == other
        await pilot.press("enter")
        await until(pilot, lambda: fake.named("move"))
        assert fake.named("move")[0][1] == to(InteractionId(300))


async def test_a_refused_move_is_a_sentence_and_the_dialog_stays() -> None:
    async with at_mail() as (app, _, pilot, fake):
        fake.refuse = BadInput("CS0000007 is closed. Choose an open record.")
        await pilot.press("X")
        shown = await listed(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: shown.query_one(".problem").has_class("-shown"))
        assert words(shown, ".problem") == "CS0000007 is closed. Choose an open record."
        assert app.told == []


async def test_b_undoes_the_move_that_the_highlighted_line_tells_of() -> None:
    async with at_mail(MOVED) as (app, _, pilot, fake):
        await pilot.press("B")
        await until(pilot, lambda: app.told)
        assert fake.named("undo") == [(MoveId(4),)]
        assert app.told == ["It is back where it was."]


async def test_b_elsewhere_undoes_what_this_agent_moved_last() -> None:
    async with at_mail() as (app, _, pilot, fake):
        await pilot.press("B")
        await until(pilot, lambda: app.told)
        assert fake.named("undo") == [(MoveId(5),)]


async def test_b_says_so_where_nothing_was_moved() -> None:
    async with at_mail() as (app, _, pilot, fake):
        fake.last = None
        await pilot.press("B")
        await until(pilot, lambda: app.told)
        assert app.told == ["You moved nothing that could be put back."]
        assert fake.named("undo") == []


# Proposals


async def test_a_proposal_names_record_score_and_keys_on_one_line() -> None:
    async with at_mail(PROPOSAL) as (_, pane, _, _):
        card = pane.stream.card(42)
        assert card is not None
        assert card.size.height == 1
        assert "This looks like CS0000007 (91 %): = links it" in str(card.render_line(0).text)


async def test_equals_links_as_proposed_also_while_the_mail_itself_is_highlighted() -> None:
    async with at_mail(PROPOSAL) as (app, _, pilot, fake):
        fake.view = PROPOSED
        await pilot.press("up", "=")
        await until(pilot, lambda: app.told)
        assert fake.named("accept") == [(MAIL,)]
        assert app.told == ["It went to CS0000007. B takes it back."]


async def test_minus_declines_it() -> None:
    async with at_mail(PROPOSAL) as (_, _, pilot, fake):
        await pilot.press("-")
        await until(pilot, lambda: fake.named("decline"))
        assert fake.named("decline") == [(MAIL,)]


async def test_the_explanation_of_a_proposal_links_it_too() -> None:
    async with at_mail(PROPOSAL) as (_, _, pilot, fake):
        fake.view = PROPOSED
        await pilot.press("Y")
        await dialog(pilot, ExplainLinkDialog)
        await pilot.press("=")
        await until(pilot, lambda: fake.named("accept"))


async def test_keys_of_proposals_mean_nothing_without_one() -> None:
    async with at_mail() as (_, pane, pilot, fake):
        assert pane.check_action("accept_proposal", ()) is False
        await pilot.press("=", "-")
        await pilot.pause()
        assert fake.calls == []
