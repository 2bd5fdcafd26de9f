"""Themes: every file is usable or named with its fault, and every word can be read."""

import re
from itertools import product
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from agentdesk.tui import theming
from agentdesk.tui.theming import MEANINGS
from tests.tui.fake_desk import FakeDesk, running, toasts

BUNDLED = theming.load([theming.bundled_folder()])

WORDS = [
    "calm",
    "soon",
    "late",
    "over",
    "unread",
    "mail-in",
    "mail-out",
    "note",
    "vip",
    "muted-text",
    "heading-text",
    "working",
    "away",
    "delivered",
    "failed",
    "verified",
    "unverified",
    "automatic",
    "warning-text",
]
GROUNDS = ["header-background", "work-background", "customer-background", "footer-background"]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, *contrast ratio*."""
    shades = sorted(luminance(Color.parse(each)) for each in (one, other))
    return (shades[1] + 0.05) / (shades[0] + 0.05)


def luminance(color: Color) -> float:
    """WCAG 2.2, *relative luminance*."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def values(theme: Theme) -> dict[str, str]:
    base = theme.to_color_system().generate()
    return {**theming.defaults(theme), **base, **theme.variables}


def test_at_least_a_dark_a_light_and_a_high_contrast_theme_come_along() -> None:
    assert BUNDLED.errors == ()
    names = {theme.name: theme.dark for theme in BUNDLED.themes}
    assert names["slate"]
    assert not names["paper"]
    assert names["contrast"]


@pytest.mark.parametrize("theme", BUNDLED.themes, ids=lambda theme: theme.name)
@pytest.mark.parametrize("word", WORDS)
def test_every_meaning_can_be_read_on_every_ground(theme: Theme, word: str) -> None:
    """4.5:1 is WCAG AA for text; the high-contrast theme promises AAA, 7:1."""
    found = values(theme)
    least = 7.0 if theme.name == "contrast" else 4.5
    for ground in [*GROUNDS, "background"]:
        ratio = contrast(found[ground], found[word])
        assert ratio >= least, f"{word} on {ground}: {ratio:.1f}"


@pytest.mark.parametrize("theme", BUNDLED.themes, ids=lambda theme: theme.name)
def test_words_on_the_highlighted_row_can_be_read(theme: Theme) -> None:
    found = values(theme)
    words = ["foreground", "muted-text", "calm", "soon", "late", "over", "unread"]
    for ground, word in product(["cursor-background", "resting-background"], words):
        ratio = contrast(found[ground], found[word])
        assert ratio >= 3.0, f"{word} on {ground}: {ratio:.1f}"


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_theme_gets_a_value_for_every_meaning(name: str) -> None:
    assert set(theming.defaults(BUILTIN_THEMES[name])) == set(MEANINGS)


FAULTS = {
    "no toml": ("colors = [", "Expected|Invalid|Unclosed"),
    "no colors": ("dark = true", r"\[colors\] must name at least primary"),
    "no primary": ('[colors]\nerror = "red"', r"\[colors\] must name at least primary"),
    "bad color": ('[colors]\nprimary = "reddish"', "colors.primary = 'reddish' is no colour"),
    "number": ("[colors]\nprimary = 7", "colors.primary = 7 is no colour"),
    "unknown color": ('[colors]\nprimary = "red"\nink = "red"', r"unknown key 'ink' in \[colors\]"),
    "unknown key": ('shade = 1\n[colors]\nprimary = "red"', "unknown key 'shade'"),
    "dark": ('dark = "yes"\n[colors]\nprimary = "red"', "dark must be true or false"),
    "name": ('name = 7\n[colors]\nprimary = "red"', "name must be text"),
    "variables": ('variables = 3\n[colors]\nprimary = "red"', r"\[variables\] must be a table"),
    "unknown meaning": (
        '[colors]\nprimary = "red"\n[variables]\nhappy = "red"',
        r"unknown key 'happy' in \[variables\]",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_faulty_file_is_left_out_and_named_with_its_fault(tmp_path: Path, case: str) -> None:
    text, sentence = FAULTS[case]
    write(tmp_path, "mine", text)
    found = theming.load([tmp_path])
    assert [theme.name for theme in found.themes] == [theming.DEFAULT]
    assert len(found.errors) == 1
    assert found.errors[0].startswith("mine.toml: ")
    assert re.search(sentence, found.errors[0])


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "one", '[colors]\nprimary = "reddish"\nerror = "bluish"')
    write(tmp_path, "two", "dark = 3")
    assert len(theming.load([tmp_path]).errors) == 4


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    assert theming.load([tmp_path]).errors[0].startswith("binary.toml: ")


def test_an_own_theme_replaces_a_bundled_one_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, "slate", '[colors]\nprimary = "#ff0000"')
    found = theming.load([theming.bundled_folder(), tmp_path])
    assert next(t for t in found.themes if t.name == "slate").primary == "#ff0000"


def test_a_missing_folder_is_no_fault(tmp_path: Path) -> None:
    assert theming.load([tmp_path / "nothing"]).errors == ()


async def test_faults_are_shown_in_one_toast_and_the_desk_opens(
    fake: FakeDesk, tmp_path: Path
) -> None:
    write(tmp_path, "one", '[colors]\nprimary = "[/reddish]"')
    write(tmp_path, "two", "dark = 3")
    async with running(fake, themes_folder=tmp_path, theme="one") as (app, _):
        told = [toast for toast in toasts(app) if toast.startswith("Themes")]
        assert len(told) == 1
        assert "one.toml" in told[0]
        assert "two.toml" in told[0]
        assert "There is no theme 'one'; using slate." in told[0]
        assert app.theme == "slate"


async def test_a_theme_of_ones_own_colours_the_desk(fake: FakeDesk, tmp_path: Path) -> None:
    write(tmp_path, "mine", '[colors]\nprimary = "#123456"\n[variables]\nlate = "#654321"')
    async with running(fake, themes_folder=tmp_path, theme="mine") as (app, _):
        assert app.theme == "mine"
        assert app.theme_variables["late"] == "#654321"
        assert app.theme_variables["primary"].lower() == "#123456"


async def test_the_theme_is_chosen_from_the_palette(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("T")
        await pilot.pause()
        await pilot.press(*"paper")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause()
        assert app.theme == "paper"
