"""Themes: TOML files checked and made into Textual themes, and our variables by meaning.

A file that is wrong never stops the desk: its errors are gathered, shown once, and the theme is
left out. A theme need not name our variables; `defaults` derives them from its basic colours.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

DEFAULT = "slate"

FALLBACK = Theme(
    name=DEFAULT,
    primary="#7aa2c9",
    secondary="#8f9fb3",
    warning="#e0af68",
    error="#e06c75",
    success="#8fbf7f",
    accent="#c9a86a",
    foreground="#d5dae3",
    background="#14181f",
    surface="#1b212b",
    panel="#232b37",
)
"""Used when not even the bundled files can be read."""

MEANINGS: Mapping[str, str] = {
    "calm": "a countdown with more than half of its time",
    "soon": "a countdown with less than half of its time",
    "late": "a countdown with less than a quarter of its time",
    "over": "a countdown that has run out",
    "unread": "what has not been read",
    "mail-in": "mail from a customer",
    "mail-out": "mail to a customer",
    "note": "a note among colleagues",
    "change": "a change of the record",
    "vip": "an important customer",
    "muted-text": "what is read second",
    "faint-text": "rules, hints and empty places",
    "heading-text": "headings of panes and columns",
    "header-background": "the line at the top",
    "footer-background": "the line at the bottom",
    "work-background": "the pane on the left",
    "customer-background": "the pane on the right",
    "cursor-background": "the highlighted row of the focused list",
    "resting-background": "the highlighted row of a list without focus",
    "tab-background": "the active tab",
    "working": "a presence in which work is offered",
    "away": "a presence in which none is",
    "occupied": "a presence of somebody who is busy with something else",
    "undisturbed": "a presence of somebody who is not to be disturbed",
    "elsewhere": "a presence of somebody who works on other things",
    "special": "a presence of its own kind",
    "gone": "a presence of somebody who is not there",
    "delivered": "a mail that went out",
    "failed": "a mail that did not",
    "verified": "a sender for whom the mail server vouches",
    "unverified": "a sender for whom it does not",
    "automatic": "what a program wrote",
    "warning-text": "what an agent must know before answering",
}
"""Our variables, by what they mean. Widgets use these and never a colour."""

BORROWED = frozenset(
    {
        "block-cursor-background",
        "block-cursor-foreground",
        "border",
        "border-blurred",
        "input-cursor-background",
        "input-cursor-foreground",
        "input-selection-background",
        "scrollbar",
        "scrollbar-active",
        "scrollbar-background",
        "scrollbar-hover",
    }
)
"""Variables of Textual's own that a theme may set too."""

_COLORS = (
    "primary",
    "secondary",
    "warning",
    "error",
    "success",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_KEYS = {"name", "dark", "colors", "variables"}


@dataclass(frozen=True, slots=True)
class Themes:
    """What the folders held. `errors`: one sentence for each thing that could not be used."""

    themes: tuple[Theme, ...]
    errors: tuple[str, ...]


def bundled_folder() -> Path:
    """The themes that come with the program: packaged, or beside the package in a checkout."""
    package = Path(__file__).parent.parent
    packaged = package / "_themes"
    return packaged if packaged.is_dir() else package.parent / "themes"


def load(folders: Iterable[Path]) -> Themes:
    """Every `*.toml` of *folders*; of two themes with one name the later wins. Never raises."""
    themes: dict[str, Theme] = {}
    errors: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            theme, wrong = read(path)
            errors += wrong
            if theme is not None:
                themes[theme.name] = theme
    themes.setdefault(DEFAULT, FALLBACK)
    return Themes(tuple(themes.values()), tuple(errors))


def read(path: Path) -> tuple[Theme | None, list[str]]:
    """The theme in one file, or None and what is wrong with it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return None, [f"{path.name}: {error}"]
    wrong = [f"{path.name}: {sentence}" for sentence in _faults(table)]
    if wrong:
        return None, wrong
    return _theme(table.get("name", path.stem), table), []


def _theme(name: str, table: Mapping[str, Any]) -> Theme:
    return Theme(
        name=name,
        dark=table.get("dark", True),
        variables=dict(table.get("variables", {})),
        **table["colors"],
    )


def _faults(table: Mapping[str, Any]) -> list[str]:
    """What is wrong with the content of a file, each as one sentence."""
    faults = [f"unknown key {key!r}." for key in sorted(set(table) - _KEYS)]
    if not isinstance(table.get("name", ""), str):
        faults.append("name must be text.")
    if not isinstance(table.get("dark", True), bool):
        faults.append("dark must be true or false.")
    if isinstance(table.get("colors"), dict) and "primary" in table["colors"]:
        faults += _color_faults("colors", table["colors"], _COLORS)
    else:
        faults.append("[colors] must name at least primary.")
    if isinstance(variables := table.get("variables", {}), dict):
        faults += _color_faults("variables", variables, {*MEANINGS, *BORROWED})
    else:
        faults.append("[variables] must be a table.")
    return faults


def _color_faults(table: str, values: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    names = frozenset(known)
    faults = []
    for key, value in values.items():
        if key not in names:
            faults.append(f"unknown key {key!r} in [{table}].")
        elif not _is_color(value):
            faults.append(f"{table}.{key} = {value!r} is no colour.")
    return faults


def _is_color(value: object) -> bool:
    try:
        Color.parse(value) if isinstance(value, str) else None
    except ColorParseError:
        return False
    return isinstance(value, str)


def defaults(theme: Theme) -> dict[str, str]:
    """A value for each of `MEANINGS`, made from the basic colours of *theme*."""
    base = theme.to_color_system().generate()
    text, ground = _color(base["foreground"], "#ffffff"), _color(base["background"], "#000000")
    primary = _color(base["primary"], "#7aa2c9")
    late = _color(base["warning"], "#e0af68").blend(_color(base["error"], "#e06c75"), 0.45)
    return {
        "calm": base["success"],
        "soon": base["warning"],
        "late": late.hex,
        "over": base["error"],
        "unread": base["accent"],
        "mail-in": base["primary"],
        "mail-out": base["success"],
        "note": base["warning"],
        "change": ground.blend(text, 0.5).hex,
        "vip": base["accent"],
        "muted-text": ground.blend(text, 0.62).hex,
        "faint-text": ground.blend(text, 0.38).hex,
        "heading-text": primary.blend(text, 0.25).hex,
        "header-background": base["panel"],
        "footer-background": base["panel"],
        "work-background": base["surface"],
        "customer-background": base["surface"],
        "cursor-background": ground.blend(primary, 0.38).hex,
        "resting-background": ground.blend(primary, 0.16).hex,
        "tab-background": ground.blend(primary, 0.24).hex,
        "working": base["success"],
        "away": base["warning"],
        "occupied": late.hex,
        "undisturbed": base["error"],
        "elsewhere": base["primary"],
        "special": primary.blend(_color(base["error"], "#e06c75"), 0.5).hex,
        "gone": ground.blend(text, 0.5).hex,
        "delivered": base["success"],
        "failed": base["error"],
        "verified": base["success"],
        "unverified": late.hex,
        "automatic": base["warning"],
        "warning-text": base["error"],
    }


def _color(value: str, otherwise: str) -> Color:
    """A generated value as a colour; ANSI themes generate names that are none."""
    try:
        return Color.parse(value)
    except ColorParseError:
        return Color.parse(otherwise)
