"""Transfer through a contact centre: its targets, its silence, and what the pane does meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from agentdesk import services
from agentdesk.domain.ccaas.errors import TargetNotAuthorised
from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.transfers import Choices, Passed
from agentdesk.domain.ccaas.values import CentreTarget, TargetKind
from agentdesk.domain.ccaas.views import CentreSide
from agentdesk.domain.errors import DeskError
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.views import Desktop, InteractionView, WorkRow
from agentdesk.tui import news
from agentdesk.tui.dialogs import centre_transfer
from agentdesk.tui.dialogs.centre_transfer import CentreTransferDialog
from agentdesk.tui.messages import InteractionFinished, TransferAsked
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets.composer_prompt import ComposerPrompt
from agentdesk.tui.widgets.target_list import Target, TargetList
from tests.ccaas.offices import office
from tests.ccaas.rooms import KEY
from tests.databases import database
from tests.tui.asking import NOTHING, asking, problem
from tests.tui.fake_desk import HOSTILE, settle, toasts
from tests.tui.pane_app import PaneApp, opened
from tests.tui.pane_host import START, until
from tests.tui.pane_services import VIEW, FakeDesk, install
from tests.tui.test_shell_real import sitting, told

RETURNS = CentreTarget(TargetKind.QUEUE, "q-2", "Returns", True, "4 members")
BEN = CentreTarget(TargetKind.AGENT, "a-2", "Ben Okafor", True, "On queue, idle", 0, 1, 2)
CLEO = CentreTarget(TargetKind.AGENT, "a-3", "Cleo Haas", False, "Off queue")
FOUND = Choices("Genesys Cloud", (RETURNS, BEN, CLEO))
DOWN = Choices("Genesys Cloud", unavailable="Genesys Cloud cannot be reached.")
EXTERNAL = replace(VIEW, centre=CentreSide("Genesys Cloud"))


class Centre:
    """Answers as the services do. What is asked waits where `gate` is not set."""

    def __init__(self, *answers: Choices) -> None:
        self.answers = list(answers or (FOUND,))
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def find(self, words: str) -> Choices:
        self.asked.append(words)
        await self.gate.wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class HandingOn:
    """Asked to transfer, it waits until it is told how that ends."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.refusal: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __call__(self, target: Target, note: str) -> str:
        self.got.append((target.name, note))
        return await self.refusal


def dialog(centre: Centre, hand_on: Any = None) -> CentreTransferDialog:
    return CentreTransferDialog("IMS0000123", "Genesys Cloud", centre.find, hand_on)


def listed(app: Any) -> list[str]:
    return [row.name for row in app.screen.query_one(TargetList).rows._window.rows]


def text(app: Any) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips(app.size))


async def test_the_list_is_the_centres_and_says_that_it_is_asked() -> None:
    centre = Centre()
    centre.gate.clear()
    async with asking(dialog(centre)) as (app, pilot):
        assert "Asking Genesys Cloud …" in text(app)
        assert "without undo" in text(app)
        centre.gate.set()
        await until(pilot, lambda: listed(app) == ["Ben Okafor", "Returns", "Cleo Haas"])
        assert "On queue" in text(app)
        assert "idle" in text(app)
        assert "Off queue" in text(app)


async def test_nobody_is_said_where_the_centre_lets_nobody() -> None:
    async with asking(dialog(Centre(Choices("Genesys Cloud")))) as (app, pilot):
        sentence = "Genesys Cloud lets you transfer this to nobody"
        await until(pilot, lambda: sentence in text(app))
        await pilot.press("enter")
        await until(pilot, lambda: problem(app) == "Choose an agent or a queue.")


async def test_a_silent_centre_leaves_no_guess_and_can_be_asked_again() -> None:
    centre = Centre(DOWN, FOUND)
    async with asking(dialog(centre)) as (app, pilot):
        await until(pilot, lambda: "cannot be reached" in problem(app))
        assert problem(app) == "Targets unavailable: Genesys Cloud cannot be reached."
        assert listed(app) == []
        assert app.screen.query_one("#retry").display
        await pilot.press("ctrl+r")
        await until(pilot, lambda: len(listed(app)) == 3)
        assert problem(app) == ""
        assert not app.screen.query_one("#retry").display


async def test_what_it_said_is_forgotten_when_it_cannot_be_asked_again() -> None:
    async with asking(dialog(Centre(FOUND, DOWN))) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 3)
        app.screen._latest.ask()  # as it does each minute
        await until(pilot, lambda: listed(app) == [] and problem(app) != "")


async def test_a_short_list_is_narrowed_here_and_a_long_one_by_the_centre(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(centre_transfer, "CALM_S", 0.01)
    short, long = Centre(), Centre()
    async with asking(dialog(short)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 3)
        await pilot.press(*"cleo")
        await until(pilot, lambda: listed(app) == ["Cleo Haas"])
        assert short.asked == [""]
    monkeypatch.setattr(centre_transfer, "MANY", 3)
    async with asking(dialog(long)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 3)
        await pilot.press(*"cleo")
        await until(pilot, lambda: long.asked[-1] == "cleo")


async def test_it_is_frozen_while_the_centre_is_asked_and_open_again_when_it_refuses() -> None:
    hand_on = HandingOn()
    async with asking(dialog(Centre(), hand_on)) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 3)
        await pilot.press("enter", *"Call her", "ctrl+g")
        await until(pilot, lambda: hand_on.got == [("Ben Okafor", "Call her")])
        await until(pilot, lambda: "Transferring to Ben Okafor …  ──────" in text(app))
        app.turn(2)
        await until(
            pilot, lambda: "Transferring to Ben Okafor …  ━━━━━━━━────────────" in text(app)
        )
        await pilot.press("escape", "ctrl+g", *"xyz")
        assert (app.answer, len(hand_on.got)) == (NOTHING, 1)
        hand_on.refusal.set_result("Genesys Cloud does not let you transfer to Ben Okafor.")
        await until(pilot, lambda: "does not let you" in problem(app))
        assert app.screen.query_one("#note").text == "Call her"  # type: ignore[attr-defined]
        assert app.screen.focused is not None
        await pilot.press("escape")
        await until(pilot, lambda: app.answer is None)


async def test_whoever_takes_no_work_there_is_not_chosen() -> None:
    async with asking(dialog(Centre())) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) == 3)
        await pilot.press(*"cleo", "enter")
        await until(pilot, lambda: problem(app) == "Cleo Haas: Off queue.")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_fits_the_screen_with_hostile_names_and_a_failure(size: tuple[int, int]) -> None:
    bad = tuple(
        replace(BEN, external_id=f"x{n}", name=words, words=words, available=bool(n % 2))
        for n, words in enumerate(HOSTILE)
    )
    async with asking(dialog(Centre(Choices("x", bad), DOWN)), size) as (app, pilot):
        await until(pilot, lambda: len(listed(app)) > 3)
        app.screen._latest.ask()
        await until(pilot, lambda: problem(app) != "")
        strips = app.screen._compositor.render_strips(app.size)
        assert all(strip.cell_length == size[0] for strip in strips)
        assert "\x1b" not in text(app)
        assert app.screen.query_one("#submit").region.bottom < size[1]


# The pane


@dataclass
class FakeTransferring:
    """`services.ccaas.transferring`; `ends` is what becomes of it, None: silence."""

    ends: Passed | None = None
    refuse: DeskError | None = None
    begun: list[tuple[str, str]] = field(default_factory=list)
    hangs: bool = False

    async def targets(self, _desk: Any, _actor: Any, _ix: Any, search: str = "") -> Choices:
        return FOUND

    async def begin(
        self, _desk: Any, _actor: Any, _ix: Any, target: CentreTarget, note: str
    ) -> int:
        if self.refuse is not None:
            raise self.refuse
        self.begun.append((target.name, note))
        return 7

    async def outcome(self, _desk: Any, _actor: Any, _ix: Any, order: int) -> Passed | None:
        assert order == 7
        if self.hangs:
            await asyncio.Event().wait()
        return self.ends


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> FakeTransferring:
    made = FakeTransferring()
    monkeypatch.setattr(services, "ccaas", SimpleNamespace(transferring=made), raising=False)
    return made


async def transferred(app: Any, pilot: Any, *note: str) -> None:
    """By keys, to whoever stands first."""
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, CentreTransferDialog))
    await until(pilot, lambda: app.screen.query_one(TargetList).rows.row is not None)
    await pilot.press("enter", *note, "ctrl+g")


async def test_t_asks_the_centre_and_the_tab_may_close_once_it_went(
    there: FakeTransferring,
) -> None:
    there.ends = Passed("Ben Okafor")
    async with opened(view=EXTERNAL) as (app, _pane, pilot, _fake):
        await transferred(app, pilot, *"Hi")
        await until(pilot, lambda: app.of(InteractionFinished))
        assert there.begun == [("Ben Okafor", "Hi")]
        assert app.told == ["IMS0000123 went to Ben Okafor."]


async def test_silence_is_told_and_a_toast_tells_the_rest(there: FakeTransferring) -> None:
    async with opened(view=EXTERNAL) as (app, _pane, pilot, _fake):
        await transferred(app, pilot)
        await until(pilot, lambda: app.told)
        assert app.told == [
            "Genesys Cloud has not answered yet. IMS0000123 stays read-only until it does."
        ]
        assert [asked.over for asked in app.of(TransferAsked)] == [False, True]
        assert not app.of(InteractionFinished)


@pytest.mark.parametrize("asked", [True, False])
async def test_a_refusal_stays_in_the_dialog(there: FakeTransferring, asked: bool) -> None:
    why = "Ben Okafor could not take it."
    there.ends = Passed("Ben Okafor", why)
    there.refuse = None if asked else TargetNotAuthorised(why)
    async with opened(view=EXTERNAL) as (app, _pane, pilot, _fake):
        await transferred(app, pilot)
        await until(pilot, lambda: problem(app) == why)
        assert app.told == []


async def test_what_failed_on_its_way_is_told_with_the_queue_where_it_waits(
    there: FakeTransferring,
) -> None:
    there.ends = Passed("Ben Okafor", "Ben Okafor did not answer.", "Claims")
    async with opened(view=EXTERNAL) as (app, _pane, pilot, _fake):
        await transferred(app, pilot)
        await until(pilot, lambda: app.of(InteractionFinished))
        assert app.told == [
            "IMS0000123 was not transferred: Ben Okafor did not answer. It waits in Claims."
        ]


ON_ITS_WAY = replace(EXTERNAL, transferring_to="Returns")


async def test_what_is_on_its_way_is_read_only_with_one_line_that_says_so() -> None:
    async with opened(view=ON_ITS_WAY) as (app, pane, pilot, _fake):
        prompt = str(pane.query_one(ComposerPrompt).render())
        assert prompt == "On its way to Returns: read-only until Genesys Cloud answers."
        assert "● Transferring" in text(app)
        for action in ("open_reply", "open_note", "toggle_hold", "transfer_interaction"):
            assert not pane.check_action(action, ())
        await pilot.press("r", "n", "t")
        await pilot.pause()
        assert pane.open_composer is None


async def test_a_composer_that_is_open_folds_when_the_interaction_sets_off() -> None:
    async with opened(view=EXTERNAL) as (_app, pane, pilot, fake):
        await pilot.press("r")
        await until(pilot, lambda: pane.reply_composer.is_open)
        fake.view = ON_ITS_WAY
        pane.read_again()
        await until(pilot, lambda: pane.open_composer is None)


# Toasts


ROW = WorkRow(VIEW.interaction_id, "IMS0000123", "Lid", "Mara", State.WORK_IN_PROGRESS, 0, START)


def test_the_end_of_a_transfer_is_news_once_it_is_seen() -> None:
    going = replace(ROW, transferring_to="Returns")
    before = Desktop((), (going,), (), ())
    assert news.passed_on(None, before) == news.passed_on(before, before) == ()
    assert news.passed_on(before, Desktop((), (), (), ())) == (going,)
    assert news.passed_on(before, Desktop((), (ROW,), (), ())) == (going,)


@pytest.mark.parametrize(
    ("passed", "mine", "sentence"),
    [
        (Passed("Returns"), False, "IMS0000123 went to Returns."),
        (Passed("Ben", "He is gone."), True, "IMS0000123: He is gone. It is yours again."),
        (Passed("Ben", "No.", "Claims"), False, "IMS0000123: No. It waits in Claims."),
    ],
)
def test_a_toast_says_how_it_ended(passed: Passed, mine: bool, sentence: str) -> None:
    told = news.of_transfer(ROW, passed, mine=mine)
    assert (told.sentence, told.bad) == (sentence, bool(passed.why))


# Pictures


@pytest.fixture
def look(
    monkeypatch: pytest.MonkeyPatch, there: FakeTransferring, snap_compare: Any
) -> Callable[..., bool]:
    """Compare the pane with its picture, after some keys."""

    def compare(theme: str, size: tuple[int, int], view: InteractionView, *keys: str) -> bool:
        install(monkeypatch, FakeDesk(view=view))
        app = PaneApp()
        app.theme = theme

        async def ready(pilot: Pilot[None]) -> None:
            pane = app.query_one(InteractionPane)
            await until(pilot, lambda: pane.view is not None)
            pane.focus_stream()
            if keys:
                await pilot.press("t")
                await until(pilot, lambda: isinstance(app.screen, CentreTransferDialog))
                rows = app.screen.query_one(TargetList).rows
                await until(pilot, lambda: rows.row is not None)
                await pilot.press(*keys)
            await pilot.pause()
            await pilot.pause()

        return bool(snap_compare(app, terminal_size=size, run_before=ready))

    return compare


@pytest.mark.parametrize(
    ("theme", "size"),
    [
        ("slate", (80, 24)),
        ("dusk", (120, 40)),
        ("paper", (80, 24)),
        ("contrast", (120, 40)),
    ],
)
def test_the_dialog_of_a_centre(look: Any, theme: str, size: tuple[int, int]) -> None:
    assert look(theme, size, EXTERNAL, "down", "enter", *"Wants a refund")


def test_while_the_centre_is_asked(look: Any, there: FakeTransferring) -> None:
    there.hangs = True
    assert look("slate", (80, 24), EXTERNAL, "enter", "ctrl+g")


@pytest.mark.parametrize("theme", ["slate", "paper"])
def test_what_is_on_its_way(look: Any, theme: str) -> None:
    assert look(theme, (80, 24), ON_ITS_WAY)


# On a real desk, beside a real centre


async def test_the_whole_way_by_key(tmp_path: Path) -> None:
    returns = QueueSetup("returns", "Returns", position=60, external=KEY)
    async with (
        database("sqlite", tmp_path) as url,
        office(url, (returns,)) as here,
        sitting(here.world, "ana", (110, 32)) as (app, pilot),
    ):

        async def moves_on(seconds: float = 0) -> None:
            await here.turn(seconds)
            await here.quiet()
            await told(app, pilot)

        await moves_on()
        await here.arrives()
        await moves_on()
        for _ in ("accepts", "opens"):
            await pilot.press("i", "enter")
            await settle(pilot)
            await moves_on()
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, CentreTransferDialog))
        await until(pilot, lambda: "Returns" in listed(app))
        await pilot.press(*"ret", "enter", *"Wants a refund", "ctrl+g")
        await until(pilot, lambda: app.screen.has_class("-going"))
        while not await here.orders(Op.TRANSFER):
            await pilot.pause()
        await moves_on()
        await until(pilot, lambda: "read-only until Genesys Cloud answers" in behind(app))
        await moves_on(1)
        await until(pilot, lambda: any("went to Returns" in toast for toast in toasts(app)))


def behind(app: Any) -> str:
    """What the desk says below a dialog."""
    return "\n".join(s.text for s in app.desk_screen._compositor.render_strips(app.size))
