"""Notifications through the terminal: the exact bytes, and that no mail ever writes its own."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from agentdesk.tui import notifying
from tests.tui.fake_desk import HOSTILE, FakeDesk, running

END = "\x1b\\"


@pytest.mark.parametrize(
    ("how", "written"),
    [
        ("osc9", f"\x1b]9;agentdesk: New offer: Refund · Ben{END}"),
        ("osc777", f"\x1b]777;notify;agentdesk: New offer;Refund · Ben{END}"),
        (
            "osc99",
            f"\x1b]99;i=agentdesk:d=0;agentdesk: New offer{END}"
            f"\x1b]99;i=agentdesk:d=1:p=body;Refund · Ben{END}",
        ),
        ("", ""),
    ],
)
def test_the_bytes_are_those_that_the_terminal_knows(how: str, written: str) -> None:
    assert notifying.sequence(how, "New offer", "Refund · Ben") == written


ALLOWED = {
    "osc9": re.compile(r"\x1b\]9;[^\x00-\x1f\x7f-\x9f;]*\x1b\\"),
    "osc777": re.compile(r"\x1b\]777;notify;[^\x00-\x1f\x7f-\x9f;]*;[^\x00-\x1f\x7f-\x9f;]*\x1b\\"),
    "osc99": re.compile(
        r"\x1b\]99;i=agentdesk:d=0;[^\x00-\x1f\x7f-\x9f;]*\x1b\\"
        r"\x1b\]99;i=agentdesk:d=1:p=body;[^\x00-\x1f\x7f-\x9f;]*\x1b\\"
    ),
}


def check(how: str, title: str, text: str) -> None:
    written = notifying.sequence(how, title, text)
    assert ALLOWED[how].fullmatch(written)
    assert len(written) < notifying.LONGEST_TITLE + notifying.LONGEST_TEXT + 100


@pytest.mark.parametrize("how", notifying.WAYS)
@pytest.mark.parametrize("words", [*HOSTILE, "a;b\x9c;4;1;50\x1b\\x", "\u2028\u202e\x00\x07"])
def test_hostile_words_write_nothing_of_their_own(how: str, words: str) -> None:
    check(how, words, words)


@given(st.sampled_from(notifying.WAYS), st.text(), st.text())
def test_no_words_at_all_write_anything_of_their_own(how: str, title: str, text: str) -> None:
    check(how, title, text)


@pytest.mark.parametrize(
    ("environ", "how"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ({"TERM_PROGRAM": "WezTerm"}, "osc9"),
        ({"TERM_PROGRAM": "ghostty"}, "osc9"),
        ({"KITTY_WINDOW_ID": "3"}, "osc99"),
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "foot"}, "osc99"),
        ({"VTE_VERSION": "7600"}, "osc777"),
        ({"TERM": "rxvt-unicode-256color"}, "osc777"),
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM_PROGRAM": "Apple_Terminal"}, ""),
        ({"TERM_PROGRAM": "WezTerm", "TMUX": "/tmp/tmux-1/default,1,0"}, ""),
        ({"KITTY_WINDOW_ID": "3", "TERM": "screen-256color"}, ""),
        ({"VTE_VERSION": "7600", "STY": "12.pts-0"}, ""),
    ],
)
def test_the_terminal_is_known_by_its_variables_and_silent_where_it_is_not(
    environ: dict[str, str], how: str
) -> None:
    assert notifying.way("auto", environ) == how
    assert notifying.way("off", environ) == ""
    assert notifying.way("osc777", environ) == "osc777"


async def written(app: Any, monkeypatch: pytest.MonkeyPatch, pilot: Any, *told: Any) -> list[str]:
    """What the driver is given when something is notified after the events *told*."""
    out: list[str] = []
    monkeypatch.setattr(type(app), "is_headless", False)
    monkeypatch.setattr(app._driver, "write", out.append)
    for event in told:
        app.post_message(event)
        await pilot.pause()
    out.clear()
    app.notify_desktop("New offer", "\x1b]0;owned\x07 Refund")
    monkeypatch.undo()
    return out


async def test_a_terminal_that_is_looked_at_is_not_told(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(fake, notify="osc9") as (app, pilot):
        seen = (events.AppBlur(), events.AppFocus())
        assert await written(app, monkeypatch, pilot, *seen) == []


@pytest.mark.parametrize("told", [(), (events.AppBlur,)])
async def test_one_that_is_not_looked_at_or_does_not_say_is_told_through_the_driver(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch, told: tuple[Any, ...]
) -> None:
    async with running(fake, notify="osc9") as (app, pilot):
        out = await written(app, monkeypatch, pilot, *(make() for make in told))
        assert len(out) == 1
        assert ALLOWED["osc9"].fullmatch(out[0])


async def test_off_writes_nothing(fake: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(fake, notify="off") as (app, pilot):
        assert await written(app, monkeypatch, pilot, events.AppBlur()) == []
