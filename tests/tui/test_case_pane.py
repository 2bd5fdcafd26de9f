"""The tab of a case: what it tells, and each thing that is done there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from agentdesk import services
from agentdesk.domain.case import CaseChanges, CaseState
from agentdesk.domain.case_head import CaseView
from agentdesk.domain.case_views import RelatedThread, Target, TargetMood
from agentdesk.domain.errors import BadInput
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import CaseId, InteractionId
from agentdesk.domain.when import parse_when
from agentdesk.tui.actions import Scope, of_scope
from agentdesk.tui.dialogs.case_form import CaseForm
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.due_date import DueDialog
from agentdesk.tui.dialogs.find_choice import FindChoiceDialog
from agentdesk.tui.dialogs.picker import PickDialog
from agentdesk.tui.dialogs.resolve_case import ResolveDialog
from agentdesk.tui.messages import RecordsChanged, TabRequested
from agentdesk.tui.panes.case import CasePane
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.panes.parts import DeskParts
from agentdesk.tui.widgets import target_words
from agentdesk.tui.widgets.case_details import CaseDetails
from agentdesk.tui.widgets.case_head import CaseHead
from tests.tui.fake_cases import CASE, CS, NUMBER, FakeCases, level
from tests.tui.pane_app import dialog, opened
from tests.tui.pane_host import CONVERSATION, IX, START, HostApp, page, until
from tests.tui.pane_services import FakeDesk, install


class CaseApp(HostApp):
    """One case in the place where the desk binds its keys."""

    def __init__(self) -> None:
        super().__init__(lambda: CasePane(CS, NUMBER))
        self.heard: list[Message] = []

    def hear(self, message: Message) -> None:
        if isinstance(message, TabRequested) and message not in self.heard:
            self.heard.append(message)


Opened = tuple[CaseApp, CasePane, Pilot[None], FakeCases]


@asynccontextmanager
async def case_tab(
    view: CaseView = CASE, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[Opened]:
    with pytest.MonkeyPatch.context() as patch:
        install(patch, FakeDesk())
        fake = FakeCases(view, page(*CONVERSATION))
        patch.setattr(services, "cases", fake, raising=False)
        summary = SimpleNamespace(description=_summary, may_ask=lambda *_: False)
        patch.setattr(services, "summaries", summary, raising=False)
        app = CaseApp()
        async with app.run_test(size=size, message_hook=app.hear) as pilot:
            pane = app.query_one(CasePane)
            await until(pilot, lambda: pane.view is not None)
            pane.focus_stream()
            await pilot.pause()
            yield app, pane, pilot, fake


async def _summary(desk: Any, actor: Any, thread_id: Any) -> str:
    return "Issue: the lamp broke."


def head(pane: CasePane) -> list[str]:
    """Its lines."""
    return pane.query_one(CaseHead).render().plain.split("\n")


def test_there_is_a_method_for_every_action_of_a_case() -> None:
    for action in of_scope(Scope.CASE):
        assert hasattr(CasePane, f"action_{action.id}"), action.id
        assert any(b.id == action.id for b in DeskParts.BINDINGS if not isinstance(b, tuple))


# What it tells


async def test_the_head_tells_whose_it_is_what_is_promised_and_what_it_cost() -> None:
    async with case_tab(size=(130, 30)) as (_, pane, _pilot, _fake):
        first, second, third = head(pane)
        assert first.startswith("CS0000007  Lamp series 12 fails early")
        assert first.rstrip().endswith("● Open")
        assert second.startswith("Ana Ruiz (you) · Technicians · Damage · P2 · due Wed 4 Mar 11:41")
        assert second.rstrip().endswith("1 watcher · from IMS0000123")
        assert third.startswith("first response met · next response 50:00 · resolution 2 d 21 h")
        assert third.rstrip().endswith("intake 12 min · resolution 1 h 5 min")


@pytest.mark.parametrize("width", [24, 40, 60, 78])
async def test_the_head_folds_and_never_breaks_a_line(width: int) -> None:
    async with case_tab(size=(width, 24)) as (app, pane, _pilot, _fake):
        assert pane.query_one(CaseHead).size.height == 3
        assert "50:00" in head(pane)[2] or width < 40
        strips = app.screen._compositor.render_strips()
        assert all(strip.cell_length == width for strip in strips)


async def test_countdowns_go_on() -> None:
    async with case_tab() as (app, pane, pilot, _fake):
        app.turn(60)
        await pilot.pause()
        assert "next response 49:00" in head(pane)[2]


@pytest.mark.parametrize(
    ("left_s", "words", "mood"),
    [
        (12_000, "3 h 20 min", "calm"),
        (7_000, "1 h 56 min", "soon"),
        (3_000, "50:00", "late"),
        (-90, "late by 1:30", "over"),
        (400_000, "4 d 15 h", "calm"),
    ],
)
def test_a_countdown_goes_from_green_to_red(left_s: float, words: str, mood: str) -> None:
    target = level(Target.NEXT_RESPONSE, left_s)
    assert target_words.left(target, START) == words
    assert target_words.mood(target, START) == mood


def test_what_waits_or_is_met_has_no_countdown() -> None:
    for mood, words in ((TargetMood.PAUSED, "paused"), (TargetMood.MET, "met")):
        target = level(Target.RESOLUTION, 600, mood=mood)
        assert target_words.left(target, START) == words
        assert target_words.mood(target, START) == "rest"


async def test_details_unfold_to_description_and_records_around() -> None:
    async with case_tab() as (app, pane, pilot, _fake):
        details = pane.query_one(CaseDetails)
        assert "Three lamps" in details.render().plain
        assert "\n" not in details.render().plain
        pane.action_toggle_details()
        text = details.render().plain
        assert "Ask the maker." in text
        assert "related to    CS0000005  Lamp series 11 · Open" in text
        assert "watched by    Ben Okafor" in text
        await details.run_action("open_thread(5, 'CS0000005')")
        await until(pilot, lambda: app.heard)
        assert app.heard == [TabRequested(CaseId(5), "CS0000005")]


async def test_hostile_words_stay_words() -> None:
    bad = "[/order] \x1b[31m漢字 " + "w" * 300
    view = replace(CASE, subject=bad.replace("\x1b", ""), description=bad)
    async with case_tab(view, (60, 24)) as (app, pane, pilot, _fake):
        pane.action_toggle_details()
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert all(strip.cell_length == 60 for strip in strips)
        assert "\x1b" not in pane.query_one(CaseDetails).render().plain


async def test_a_change_of_the_case_is_read_again() -> None:
    async with case_tab() as (_, pane, pilot, fake):
        fake.view_ = replace(CASE, subject="Another subject")
        pane.post_message(RecordsChanged(Change(cases=frozenset({CS}))))
        await until(pilot, lambda: pane.view.subject == "Another subject")


# What is done


async def test_awaiting_and_going_on_is_one_action() -> None:
    async with case_tab() as (_, pane, pilot, fake):
        pane.action_toggle_awaiting()
        await until(pilot, lambda: pane.view.state is CaseState.AWAITING_INFO)
        pane.action_toggle_awaiting()
        await until(pilot, lambda: pane.view.state is CaseState.OPEN)
        assert fake.named("go_on") == [()]


async def test_a_case_is_taken_and_watched() -> None:
    async with case_tab(replace(CASE, mine=False)) as (app, pane, pilot, fake):
        await pilot.press("m")
        await until(pilot, lambda: fake.named("assign_to_me"))
        pane.action_watch_case()
        await until(pilot, lambda: app.told)
        assert fake.named("watch") == [(CS, True)]
        assert app.told == ["You watch CS0000007."]


async def test_resolving_asks_for_code_and_notes_and_stays_open_when_refused() -> None:
    async with case_tab() as (app, pane, pilot, fake):
        pane.action_resolve_case()
        box = await dialog(pilot, ResolveDialog)
        fake.refuse["resolve"] = BadInput("Write notes.")
        await pilot.press("down", "ctrl+g")
        await until(pilot, lambda: box.query_one(".problem").has_class("-shown"))
        await pilot.press("enter", *"new one", "ctrl+g")
        await until(pilot, lambda: pane.view.state is CaseState.RESOLVED)
        assert fake.named("resolve")[-1] == ("replaced", "new one")


@pytest.mark.parametrize(("key", "service"), [("1", "reopen"), ("2", "close")])
async def test_a_resolved_case_is_reopened_or_closed(key: str, service: str) -> None:
    async with case_tab(replace(CASE, state=CaseState.RESOLVED)) as (_, pane, pilot, fake):
        pane.action_resolve_case()
        await dialog(pilot, PickDialog)
        await pilot.press(key)
        await until(pilot, lambda: fake.named(service))


@pytest.mark.parametrize(
    ("words", "given"),
    [("ben", (CS, 2, "tech")), ("techn", (CS, None, "tech")), ("nobody", (CS, None, "tech"))],
)
async def test_it_is_given_to_whoever_is_found_by_typing(words: str, given: Any) -> None:
    async with case_tab() as (_, pane, pilot, fake):
        pane.action_assign_case()
        box = await dialog(pilot, FindChoiceDialog)
        await pilot.press(*words)
        await until(pilot, lambda: box._shown_for == words)
        await pilot.press("enter")
        await until(pilot, lambda: fake.named("assign"))
        assert fake.named("assign") == [given]


async def test_it_is_edited_in_one_form() -> None:
    async with case_tab() as (_, pane, pilot, fake):
        pane.action_edit_case()
        box = await dialog(pilot, CaseForm)
        box.query_one("#subject", Input).value = "Lamps fail"
        box.query_one("#category").press()
        await dialog(pilot, PickDialog)
        await pilot.press("3")
        await dialog(pilot, CaseForm)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: fake.named("edit"))
        (said,) = fake.named("edit")[0]
        assert said == CaseChanges("Lamps fail", CASE.description, 2, "billing")


async def test_a_due_date_is_typed_or_dropped() -> None:
    async with case_tab() as (_, pane, pilot, fake):
        pane.action_set_due_date()
        await dialog(pilot, DueDialog)
        await pilot.press(*"in 3 days", "enter")
        await until(pilot, lambda: fake.named("edit"))
        assert fake.named("edit")[0][0].due_at == parse_when("in 3 days", START, START.tzinfo)
        pane.action_set_due_date()
        await dialog(pilot, DueDialog)
        await pilot.press("enter")
        await until(pilot, lambda: len(fake.named("edit")) == 2)
        assert fake.named("edit")[1][0].drop_due


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("1", ("relate", CS, CaseId(1), True)),
        ("2", ("set_parent", CS, CaseId(1))),
        ("3", ("merge", CS, CaseId(1))),
    ],
)
async def test_cases_are_tied_with_a_sentence_of_what_happens(key: str, call: Any) -> None:
    async with case_tab() as (_, pane, pilot, fake):
        pane.action_relate_case()
        await dialog(pilot, PickDialog)
        await pilot.press(key)
        box = await dialog(pilot, FindChoiceDialog)
        assert NUMBER in box._sentence
        await until(pilot, lambda: box._found)
        assert fake.named("find") == [("", CASE.customer.customer_id)]
        assert str(CS) not in {choice.key for choice in box._found}
        await pilot.press("enter")
        await until(pilot, lambda: call in fake.calls)


async def test_what_is_tied_is_untied() -> None:
    async with case_tab() as (_, pane, pilot, fake):
        pane.action_relate_case()
        await dialog(pilot, PickDialog)
        await pilot.press("4")
        await until(pilot, lambda: fake.named("relate"))
        assert fake.named("relate") == [(CS, CaseId(5), False)]


async def test_a_merge_is_undone_from_the_case_that_was_merged() -> None:
    into = RelatedThread(CaseId(5), "CS0000005", "Lamps", "Open", "merged_into")
    merged = replace(CASE, state=CaseState.CLOSED, merged_into="CS0000005", related=(into,))
    async with case_tab(merged) as (app, pane, pilot, fake):
        assert "merged into CS0000005" in head(pane)[1]
        await pilot.press("p")
        await until(pilot, lambda: app.heard)
        pane.action_relate_case()
        await dialog(pilot, ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: fake.named("undo_merge"))


async def test_p_opens_the_record_around_it_that_is_chosen() -> None:
    async with case_tab() as (app, _pane, pilot, _fake):
        await pilot.press("p")
        await dialog(pilot, PickDialog)
        await pilot.press("1")
        await until(pilot, lambda: app.heard)
        assert app.heard == [TabRequested(InteractionId(123), "IMS0000123")]


async def test_what_only_an_interaction_does_is_not_offered() -> None:
    async with case_tab() as (_, pane, _pilot, _fake):
        for action in ("toggle_hold", "close_interaction", "transfer_interaction", "create_case"):
            assert pane.check_action(action, ()) is False
        assert pane.check_action("open_reply", ())


async def test_a_closed_case_is_only_read() -> None:
    async with case_tab(replace(CASE, state=CaseState.CLOSED)) as (_, pane, _pilot, _fake):
        for action in ("open_reply", "edit_case", "assign_case", "resolve_case", "set_due_date"):
            assert pane.check_action(action, ()) is False


# From an interaction


@asynccontextmanager
async def making() -> AsyncIterator[tuple[Any, InteractionPane, Any, FakeCases]]:
    with pytest.MonkeyPatch.context() as patch:
        fake = FakeCases()
        patch.setattr(services, "cases", fake, raising=False)
        summary = SimpleNamespace(description=_summary, may_ask=lambda *_: False)
        patch.setattr(services, "summaries", summary, raising=False)
        async with opened() as (app, pane, pilot, _):
            yield app, pane, pilot, fake


async def test_a_case_is_created_with_the_summary_as_its_description() -> None:
    async with making() as (app, _pane, pilot, fake):
        await pilot.press("c")
        box = await dialog(pilot, CaseForm)
        await pilot.press("f6")
        area = box.query_one(TextArea)
        await until(pilot, lambda: area.text)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.told)
        ((interaction, new),) = fake.named("create")
        assert interaction == IX
        assert new.subject == "Order 5512 arrived damaged"
        assert new.description == "Issue: the lamp broke."
        assert (new.priority, new.assign_to) == (2, 1)
        assert app.told == ["CS0000007 was created; IMS0000123 is closed with Task created."]


async def test_a_refused_case_leaves_the_form_as_it_was() -> None:
    async with making() as (app, _pane, pilot, fake):
        await pilot.press("c")
        box = await dialog(pilot, CaseForm)
        fake.refuse["create"] = BadInput("A mail of it can still be taken back.")
        await pilot.press(*"!", "ctrl+g")
        await until(pilot, lambda: box.query_one(".problem").has_class("-shown"))
        assert app.screen is box
        assert box.query_one("#subject", Input).value.endswith("!")


async def test_an_existing_case_takes_the_interaction() -> None:
    async with making() as (app, _pane, pilot, fake):
        await pilot.press("c")
        await dialog(pilot, CaseForm)
        await pilot.press("f7")
        box = await dialog(pilot, FindChoiceDialog)
        await pilot.press(*"series 9")
        await until(pilot, lambda: box._shown_for == "series 9" and len(box._found) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.told)
        assert fake.named("associate") == [(IX, CaseId(9))]


# Its picture


def test_the_tab_of_a_case(monkeypatch: pytest.MonkeyPatch, snap_compare: Any) -> None:
    install(monkeypatch, FakeDesk())
    monkeypatch.setattr(services, "cases", FakeCases(CASE, page(*CONVERSATION)), raising=False)
    summary = SimpleNamespace(description=_summary, may_ask=lambda *_: False)
    monkeypatch.setattr(services, "summaries", summary, raising=False)

    async def ready(pilot: Pilot[None]) -> None:
        pane = pilot.app.query_one(CasePane)
        await until(pilot, lambda: pane.view is not None)
        pane.focus_stream()
        pane.action_toggle_details()
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(CaseApp(), terminal_size=(110, 32), run_before=ready)
