"""Why work is where it is, and handing it on: the two dialogs of routed work."""

from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Static

from agentdesk.domain.board import Reason, TargetAgent, Targets
from agentdesk.domain.errors import CapacityExceeded
from agentdesk.domain.ids import AgentId
from agentdesk.domain.interaction import State
from agentdesk.tui.dialogs.transfer import LONGEST_NOTE, DeskTransferDialog, TransferDialog
from agentdesk.tui.dialogs.why import MOST_SHOWN, WhyDialog, explain_agent
from agentdesk.tui.messages import InteractionFinished
from agentdesk.tui.widgets.target_list import Target, TargetList, matching, targets_of
from tests.tui.asking import NOTHING, Asking, asking, problem
from tests.tui.fake_desk import HOSTILE, FakeDesk, running, screen_text, settle
from tests.tui.fake_routing import EXPLANATION, TARGETS
from tests.tui.pane_app import opened
from tests.tui.pane_host import ANA, until
from tests.tui.pane_services import VIEW

ME = ANA.agent_id


def said(app: Any) -> str:
    """What the why dialog says."""
    return str(app.screen.query_one("#why", Static).render())


# Why


async def test_the_own_line_stands_first_and_the_sentence_above_it() -> None:
    async with asking(WhyDialog((EXPLANATION,), ME)) as (app, _):
        lines = said(app).splitlines()
        assert lines[0] == "It waits: everybody who may take it is at capacity."
        assert lines[2].startswith("▌ Ana Ruiz (you)")
        assert lines[2].endswith("lacks a skill that it asks for: German 3")
        assert "Ben Ito" in lines[3]


async def test_what_was_decided_before_stands_below_with_its_time_and_who_was_chosen() -> None:
    async with asking(WhyDialog((EXPLANATION,), ME)) as (app, _):
        lines = said(app).splitlines()
        at = lines.index("Decided before")
        assert lines[at + 1] == "09:35  Offered to Ben Ito: most capacity"
        assert any(line.startswith("  → Ben Ito") for line in lines[at:])


async def test_typing_a_name_asks_about_that_agent() -> None:
    async with asking(WhyDialog((EXPLANATION,), ME)) as (app, pilot):
        await pilot.press(*"chidi")
        await pilot.pause()
        assert "Chidi Obi" in said(app)
        assert "is not available (Lunch)" in said(app)
        assert "Ana Ruiz" not in said(app)
        await pilot.press(*"xyz")
        await pilot.pause()
        assert "Nobody of this name was considered." in said(app)


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_why_is_closed_by_one_key(key: str) -> None:
    async with asking(WhyDialog((EXPLANATION,), ME)) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.answer is None


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_thousand_agents_scroll_inside_the_screen(size: tuple[int, int]) -> None:
    many = tuple(Reason(AgentId(n), f"Agent {n}", "has no room: 4 of 4") for n in range(1_000))
    async with asking(WhyDialog((replace(EXPLANATION, reasons=many),), ME), size) as (app, pilot):
        area = app.screen.query_one("#why-scroll")
        assert area.region.bottom <= size[1] - 1
        assert said(app).count("has no room") == MOST_SHOWN
        assert f"and {1_000 - MOST_SHOWN} more" in said(app)
        await pilot.press("pagedown", "pagedown")
        await pilot.pause()
        assert area.scroll_offset.y == 16


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_names_and_reasons_break_no_line(words: str) -> None:
    reasons = (Reason(ME, words, words), Reason(AgentId(5), words, words, chosen=True))
    bad = replace(EXPLANATION, subject=words, queue=words, sentence=words, reasons=reasons)
    async with asking(WhyDialog((bad, bad), ME)) as (app, _):
        assert "\x1b" not in said(app)
        lines = app.screen._compositor.render_strips(app.size)
        assert all(line.cell_length == 80 for line in lines)


async def test_a_supervisor_reads_why_each_waiting_item_is_not_that_agents(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        app.run_worker(explain_agent(app, AgentId(3), "Chidi Obi"))
        await settle(pilot)
        assert fake.calls_of("why_agent") == [(3,)]
        text = screen_text(app)
        assert "Why not Chidi Obi" in text
        assert "IMS0000202" in text
        assert "▌ Chidi Obi" in text


async def test_w_explains_the_highlighted_offer(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("i", "W")
        await settle(pilot)
        assert fake.calls_of("why") == [(1,)]
        assert isinstance(app.screen, WhyDialog)
        assert "Why · IMS0000201 in Returns" in screen_text(app)


async def test_w_explains_ongoing_work_and_the_active_tab(fake: FakeDesk) -> None:
    async with running(fake) as (_, pilot):
        await pilot.press("i", "down", "W")
        await settle(pilot)
        await pilot.press("escape", "enter")
        await settle(pilot)
        await pilot.press("W")
        await settle(pilot)
        assert fake.calls_of("why_interaction") == [(123,), (123,)]


# Transfer


class HandingOn:
    """Stands for the service: remembers, and may refuse."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.got: list[tuple[str, str]] = []

    async def __call__(self, target: Target, note: str) -> str:
        self.got.append((target.name, note))
        return self.refusal


def transfer(hand_on: HandingOn, targets: Targets = TARGETS) -> TransferDialog:
    return DeskTransferDialog("IMS0000123", targets, hand_on)


def listed(app: Asking) -> list[str]:
    return [row.name for row in app.screen.query_one(TargetList).rows._window.rows]


def test_who_can_take_it_stands_first() -> None:
    names = [target.name for target in targets_of(TARGETS)]
    assert names == ["Ben Ito", "Dana Weiss", "Returns", "Billing", "Chidi Obi"]
    assert [t.name for t in matching(targets_of(TARGETS), "b i")] == [
        "Ben Ito",
        "Billing",
        "Chidi Obi",
    ]


async def test_an_agent_is_found_by_typing_and_gets_the_note() -> None:
    hand_on = HandingOn()
    async with asking(transfer(hand_on)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 5)
        await pilot.press(*"weiss")
        await until(pilot, lambda: listed(app) == ["Dana Weiss"])
        await pilot.press("enter", *"Speaks German", "ctrl+g")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert hand_on.got == [("Dana Weiss", "Speaks German")]
        assert app.answer.agent.agent_id == 4


async def test_a_queue_is_chosen_with_the_arrows() -> None:
    hand_on = HandingOn()
    async with asking(transfer(hand_on)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 5)
        await pilot.press("down", "down", "down", "enter", "ctrl+g")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert hand_on.got == [("Billing", "")]


async def test_whoever_cannot_take_it_is_shown_with_the_reason_and_not_chosen() -> None:
    hand_on = HandingOn()
    async with asking(transfer(hand_on)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 5)
        text = "\n".join(s.text for s in app.screen._compositor.render_strips(app.size))
        assert "takes no work (Lunch)" in text
        await pilot.press(*"chidi")
        await until(pilot, lambda: listed(app) == ["Chidi Obi"])
        await pilot.press("enter")
        await pilot.pause()
        assert problem(app) == "Chidi Obi: takes no work (Lunch)."
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert hand_on.got == []


async def test_nothing_goes_before_somebody_is_chosen() -> None:
    hand_on = HandingOn()
    async with asking(transfer(hand_on)) as (app, pilot):
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert "Choose an agent or a queue first" in problem(app)
        assert hand_on.got == []


async def test_a_refused_transfer_keeps_the_note_and_says_why() -> None:
    hand_on = HandingOn("Ben Ito cannot take it now: at 4 of 4.")
    async with asking(transfer(hand_on)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 5)
        await pilot.press("enter", *"please", "ctrl+g")
        await until(pilot, lambda: problem(app) == "Ben Ito cannot take it now: at 4 of 4.")
        assert app.answer is NOTHING
        assert app.screen.query_one("#note").text == "please"  # type: ignore[attr-defined]


async def test_a_note_that_is_too_long_is_refused_before_it_is_sent() -> None:
    hand_on = HandingOn()
    async with asking(transfer(hand_on)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 5)
        await pilot.press("enter")
        app.screen.query_one("#note").load_text("x" * (LONGEST_NOTE + 3))  # type: ignore[attr-defined]
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert problem(app) == "The note is 3 characters too long. Shorten it."
        assert hand_on.got == []


async def test_transfer_works_by_mouse() -> None:
    hand_on = HandingOn()
    async with asking(transfer(hand_on), (120, 40)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 5)
        await pilot.click("#target-rows", offset=(4, 2))
        await pilot.pause()
        await pilot.click("#submit")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert hand_on.got == [("Dana Weiss", "")]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_dialog_fits_the_screen_with_hostile_names(size: tuple[int, int]) -> None:
    agents = tuple(
        TargetAgent(AgentId(n), words, words, words, 1, 4, n, words if n % 2 else "")
        for n, words in enumerate(HOSTILE, 50)
    )
    async with asking(transfer(HandingOn(), Targets(agents, TARGETS.queues)), size) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) > 5)
        strips = app.screen._compositor.render_strips(app.size)
        assert all(strip.cell_length == size[0] for strip in strips)
        assert "\x1b" not in "".join(strip.text for strip in strips)
        assert app.screen.query_one("#submit").region.bottom < size[1]


async def to_transfer(app: Any, pilot: Any) -> TransferDialog:
    """The dialog that t opens."""
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, TransferDialog))
    shown = app.screen
    await until(pilot, lambda: shown.query_one(TargetList).rows.row is not None)
    assert isinstance(shown, TransferDialog)
    return shown


async def test_t_hands_the_interaction_to_an_agent_and_its_tab_may_close() -> None:
    async with opened() as (app, pane, pilot, fake):
        pane.focus_stream()
        await to_transfer(app, pilot)
        await pilot.press("enter", *"please", "ctrl+g")
        await until(pilot, lambda: app.of(InteractionFinished))
        assert fake.named("to_agent") == [(2, "please")]
        assert app.told == ["IMS0000123 went to Ben Ito."]


async def test_t_hands_the_interaction_to_a_queue() -> None:
    async with opened() as (app, pane, pilot, fake):
        pane.focus_stream()
        await to_transfer(app, pilot)
        await pilot.press("down", "down", "enter", "ctrl+g")
        await until(pilot, lambda: app.of(InteractionFinished))
        assert fake.named("to_queue") == [(1, "")]


async def test_a_transfer_that_the_service_refuses_says_its_sentence() -> None:
    async with opened() as (app, pane, pilot, fake):
        pane.focus_stream()
        fake.refuse["to_agent"] = CapacityExceeded("Ben Ito has no room any more.")
        shown = await to_transfer(app, pilot)
        await pilot.press("enter", "ctrl+g")
        line = shown.query_one(".problem", Static)
        await until(pilot, lambda: str(line.render()) == "Ben Ito has no room any more.")
        assert not app.of(InteractionFinished)


@pytest.mark.parametrize(
    ("state", "mine", "possible"),
    [
        (State.WORK_IN_PROGRESS, True, True),
        (State.ON_HOLD, True, True),
        (State.WORK_IN_PROGRESS, False, False),
        (State.NEW, False, False),
        (State.WRAP_UP, True, False),
        (State.CLOSED_COMPLETE, True, False),
    ],
)
async def test_only_own_open_work_is_transferred(state: State, mine: bool, possible: bool) -> None:
    async with opened(view=replace(VIEW, state=state, mine=mine)) as (_, pane, _pilot, _fake):
        assert bool(pane.check_action("transfer_interaction", ())) is possible
