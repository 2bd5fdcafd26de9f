"""Dialogs: each asks one thing, by key and by mouse, and loses nothing that was typed."""

import pytest
from textual.widgets import Button, OptionList, TextArea

from agentdesk.domain.ids import CodeId
from agentdesk.domain.policy import PRESENCE_COLOURS
from agentdesk.domain.views import CodeChoice, PresenceChoice, RejectChoice
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.presence import PresenceDialog
from agentdesk.tui.dialogs.reject import RejectDialog
from agentdesk.tui.dialogs.something_new import AfterStop, SomethingNewDialog
from agentdesk.tui.dialogs.wrap_up import LONGEST_NOTES, WrapUpDialog, WrapUpDraft
from agentdesk.tui.presence_colours import style_of
from agentdesk.tui.widgets.wrap_up_bar import WrapUpBar
from tests.tui.asking import NOTHING, asking, problem
from tests.tui.pane_host import until
from tests.tui.pane_services import CODES, wrap_up

# Confirm


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("n", False), ("enter", True), ("escape", None)]
)
async def test_a_question_is_answered_by_one_key(key: str, answer: bool | None) -> None:
    async with asking(ConfirmDialog("Send [b]anyway[/b] to [/order]?")) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.answer is answer


async def test_a_dangerous_question_starts_on_no() -> None:
    async with asking(ConfirmDialog("Throw it away?", danger=True)) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer is False


async def test_a_question_is_answered_by_mouse() -> None:
    async with asking(ConfirmDialog("Send?", yes="Send")) as (app, pilot):
        await pilot.click("#yes")
        await pilot.pause()
        assert app.answer is True


async def test_a_click_beside_the_box_cancels() -> None:
    async with asking(ConfirmDialog("Send?")) as (app, pilot):
        await pilot.click(offset=(1, 1))
        await pilot.pause()
        assert app.answer is None


# Pickers

PRESENCES = (
    PresenceChoice("available", "Available", True),
    PresenceChoice("lunch", "Lunch [/b]", False),
    PresenceChoice("offline", "Offline", False),
)
REASONS = (RejectChoice("busy", "Busy"), RejectChoice("skill", "Needs somebody else"))


async def test_presence_starts_on_the_present_one() -> None:
    async with asking(PresenceDialog(PRESENCES, "lunch")) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == "lunch"


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["down", "enter"], "lunch"), (["3"], "offline"), (["9", "1"], "available")],
)
async def test_presence_is_chosen_by_key(keys: list[str], answer: str) -> None:
    async with asking(PresenceDialog(PRESENCES)) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answer == answer


async def test_an_offer_is_rejected_with_a_reason() -> None:
    async with asking(RejectDialog(REASONS, "IMS0000123")) as (app, pilot):
        await pilot.click("#choices", offset=(6, 1))
        await pilot.pause()
        assert app.answer == "skill"


async def test_escape_keeps_the_offer() -> None:
    async with asking(RejectDialog(REASONS)) as (app, pilot):
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


async def test_no_choices_is_no_crash() -> None:
    async with asking(RejectDialog(())) as (app, pilot):
        await pilot.press("enter", "1", "escape")
        await pilot.pause()
        assert app.answer is None


# Something new


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("s", AfterStop.SHOW),
        ("a", AfterStop.SEND),
        ("e", AfterStop.EDIT),
        ("enter", AfterStop.SHOW),
        ("escape", None),
    ],
)
async def test_a_stopped_send_offers_three_ways_on(key: str, answer: AfterStop | None) -> None:
    async with asking(SomethingNewDialog("Mara wrote a minute ago.")) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.answer is answer


# Wrap-up


class Submitting:
    """Stands for the service: remembers, and may refuse."""

    def __init__(self, *, accept: bool = True) -> None:
        self.accept = accept
        self.got: list[tuple[CodeId, str]] = []

    async def __call__(self, code: CodeId, notes: str) -> bool:
        self.got.append((code, notes))
        return self.accept


def wrapping(submit: Submitting, draft: WrapUpDraft | None = None) -> WrapUpDialog:
    """A wrap-up of two minutes that begins now."""
    return WrapUpDialog("IMS0000123", wrap_up(120), CODES, submit, draft)


async def test_the_default_code_is_submitted_by_one_chord() -> None:
    submit = Submitting()
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.answer is None)
        assert submit.got == [(CodeId(1), "")]


async def test_code_and_notes_are_submitted() -> None:
    submit = Submitting()
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.press("down", "enter", *"new lid sent", "ctrl+g")
        await until(pilot, lambda: app.answer is None)
        assert submit.got == [(CodeId(2), "new lid sent")]


async def test_submit_works_by_mouse() -> None:
    submit = Submitting()
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.click("#submit")
        await until(pilot, lambda: app.answer is None)
        assert submit.got == [(CodeId(1), "")]


async def test_a_refused_wrap_up_keeps_the_notes_on_the_screen() -> None:
    submit = Submitting(accept=False)
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.press("tab", *"lid", "ctrl+g")
        await pilot.pause()
        assert app.answer is NOTHING
        assert app.screen.query_one("#notes", TextArea).text == "lid"


async def test_escape_answers_what_was_typed_for_next_time() -> None:
    async with asking(wrapping(Submitting())) as (app, pilot):
        await pilot.press("down", "tab", *"lid", "escape")
        await pilot.pause()
        assert app.answer == WrapUpDraft(CodeId(2), "lid")


async def test_what_was_typed_before_is_there_again() -> None:
    dialog = wrapping(Submitting(), WrapUpDraft(CodeId(3), "half a sen"))
    async with asking(dialog) as (app, _):
        assert app.screen.query_one("#codes", OptionList).highlighted == 2
        assert app.screen.query_one("#notes", TextArea).text == "half a sen"


async def test_notes_that_are_too_long_are_refused_before_sending() -> None:
    submit = Submitting()
    dialog = wrapping(submit, WrapUpDraft(None, "x" * (LONGEST_NOTES + 5)))
    async with asking(dialog) as (app, pilot):
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert submit.got == []
        assert problem(app) == "The notes are 5 characters too long. Shorten them."


@pytest.mark.parametrize(
    ("seconds", "shown", "pace"),
    [
        (0, "2:00 left", "-calm"),
        (59, "1:01 left", "-calm"),
        (61, "0:59 left", "-soon"),
        (100, "0:20 left", "-late"),
        (121, "0:00 left", "-over"),
    ],
)
async def test_the_countdown_ticks_and_changes_its_colour(
    seconds: float, shown: str, pace: str
) -> None:
    async with asking(wrapping(Submitting())) as (app, pilot):
        app.turn(seconds)
        await pilot.pause()
        bar = app.screen.query_one(WrapUpBar)
        assert str(bar.render()).startswith(shown)
        assert {c for c in bar.classes if c in {"-calm", "-soon", "-late", "-over"}} == {pace}


async def test_every_pace_has_its_own_colour() -> None:
    colours = set()
    for seconds in (0, 70, 100, 121):
        async with asking(wrapping(Submitting())) as (app, pilot):
            app.turn(seconds)
            await pilot.pause()
            colours.add(app.screen.query_one(WrapUpBar).styles.color.hex)
    assert len(colours) == 4


async def test_a_wrap_up_that_ended_elsewhere_closes() -> None:
    dialog = wrapping(Submitting())
    async with asking(dialog) as (app, pilot):
        dialog.close_for_good()
        await pilot.pause()
        assert app.answer is None


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_many_codes_leave_room_for_notes_and_submit(size: tuple[int, int]) -> None:
    codes = tuple(CodeChoice(CodeId(n), f"Reason {n}", n == 1) for n in range(1, 15))
    dialog = WrapUpDialog("IMS0000123", wrap_up(120), codes, Submitting())
    async with asking(dialog, size) as (app, pilot):
        await pilot.press("end", "tab", *"last one")
        await pilot.pause()
        assert app.screen.query_one("#codes", OptionList).highlighted == 13
        assert app.screen.query_one("#notes", TextArea).size.height >= 3
        button = app.screen.query_one("#submit", Button)
        assert button.region.bottom < app.screen.query_one("#box").region.bottom


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (140, 40)])
async def test_the_whole_wrap_up_fits_the_screen(size: tuple[int, int]) -> None:
    async with asking(wrapping(Submitting()), size) as (app, pilot):
        await pilot.pause()
        button = app.screen.query_one("#submit", Button)
        assert app.screen.region.contains_region(button.region)
        assert button.region.height == 1


async def test_a_presence_says_which_work_it_takes_and_since_when_it_holds() -> None:
    choices = (
        PresenceChoice("available", "Available", True, "green", ("Email", "Chat")),
        PresenceChoice("focus", "Focus", True, "violet"),
        PresenceChoice("lunch", "Lunch", False, "orange"),
    )
    async with asking(PresenceDialog(choices, "lunch", "09:12")) as (app, _):
        options = app.screen.query_one(OptionList)
        said = [str(options.get_option_at_index(n).prompt) for n in range(3)]
        assert said == [
            " 1  ● Available  takes Email, Chat",
            " 2  ● Focus  takes new work",
            " 3  ○ Lunch  no new work · now, since 09:12",
        ]


@pytest.mark.parametrize("colour", PRESENCE_COLOURS)
@pytest.mark.parametrize("theme", ["slate", "paper", "dusk", "contrast"])
async def test_every_presence_colour_is_a_colour_in_every_theme(colour: str, theme: str) -> None:
    async with asking(PresenceDialog((PresenceChoice("x", "X", True, colour),))) as (app, pilot):
        app.theme = theme
        await pilot.pause()
        name = style_of(colour, works=True).removeprefix("$")
        assert app.theme_variables[name].startswith("#")
