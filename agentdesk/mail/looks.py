"""Whether a reader of an HTML mail would have seen a text: styles, as far as they hide.

Senders hide text from people and show it to programs (prompt injection), or the other way round.
The ways known from research/mail.md §4.3: display, visibility, font size, text in the colour of
its ground, opacity, the `hidden` attribute, and boxes without height or off the screen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

Colour = tuple[int, int, int]
WHITE: Final[Colour] = (255, 255, 255)

_SAME_COLOUR = 24  # summed over red, green and blue: nobody sees the difference
_OFF_SCREEN = -500  # pixels
_STYLE_CHARS = 4_000
_SHEET_CHARS = 200_000
_MAX_RULES = 2_000

_DECLARATION = re.compile(r"([a-z-]{1,40})\s{0,20}:\s{0,20}([^;]{1,300})")
_NUMBER = re.compile(r"(-?\d{0,6}(?:\.\d{1,6})?)\s?(px|pt|em|rem|%|vh|vw|)")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(
    r"rgba?\(\s?(\d{1,3})[\s,]{1,3}(\d{1,3})[\s,]{1,3}(\d{1,3})(?:[\s,/]{1,3}([\d.]+))?"
)
_SIMPLE_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?([.#][\w-]+)?")
_RELEVANT = re.compile(
    r"display|visib|opacity|font|color|background|height|hide|left|top|indent|mar"
)
_NAMED: Final[dict[str, Colour]] = {
    "white": WHITE,
    "black": (0, 0, 0),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255),
    "floralwhite": (255, 250, 240),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "lightgray": (211, 211, 211),
    "lightgrey": (211, 211, 211),
    "darkgray": (169, 169, 169),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What one element's own styles say; `None` where they say nothing.

    `ground` is `None` for unchanged and an empty tuple for a picture or gradient.
    """

    gone: bool = False
    hidden: bool | None = None
    tiny: bool | None = None
    ink: Colour | tuple[()] | None = None
    ground: Colour | tuple[()] | None = None
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Ink:
    """What text inherits from the elements around it. Unknown colours are empty tuples."""

    hidden: bool = False
    tiny: bool = False
    clear: bool = False
    ink: Colour | tuple[()] = (0, 0, 0)
    ground: Colour | tuple[()] = WHITE

    @property
    def visible(self) -> bool:
        """Whether a person would see text written in this ink."""
        return not (self.hidden or self.tiny or self.clear)


Rules = Mapping[str, str]
"""Selector (`tag`, `.class`, `#id` or `tag.class`) to declarations."""


def look_of(tag: str, attributes: Mapping[str, str | None], rules: Rules) -> Look:
    """The look that style sheets, style attribute and old attributes give one element."""
    style = (attributes.get("style") or "")[:_STYLE_CHARS]
    if rules:
        style = ";".join([*_matching(tag, attributes, rules), style])
    old = [f"{name}:{attributes[key]}" for name, key in _OLD_ATTRIBUTES if attributes.get(key)]
    if old:
        style = ";".join([*old, style])
    look = parse_style(style) if style else PLAIN
    return replace(look, gone=True) if "hidden" in attributes else look


_OLD_ATTRIBUTES = (("color", "color"), ("color", "text"), ("background", "bgcolor"))
PLAIN: Final = Look()


def _matching(tag: str, attributes: Mapping[str, str | None], rules: Rules) -> Iterable[str]:
    names = [f".{name}" for name in (attributes.get("class") or "").split()[:20]]
    if attributes.get("id"):
        names.append(f"#{attributes['id']}")
    for selector in (tag, *names, *(tag + name for name in names)):
        if selector in rules:
            yield rules[selector]


def apply(look: Look, around: Ink) -> Ink:
    """The ink of text in an element with *look* inside *around*."""
    if look == PLAIN:
        return around
    ink = around.ink if look.ink is None else look.ink
    ground = around.ground if look.ground is None else look.ground
    return Ink(
        hidden=around.hidden if look.hidden is None else look.hidden,
        tiny=around.tiny if look.tiny is None else look.tiny,
        clear=bool(ink and ground) and _distance(ink, ground) <= _SAME_COLOUR,
        ink=ink,
        ground=ground,
    )


def _distance(a: Iterable[int], b: Iterable[int]) -> int:
    return sum(abs(x - y) for x, y in zip(a, b, strict=True))


@lru_cache(maxsize=2048)
def parse_style(style: str) -> Look:
    """The look that a style attribute describes; later declarations win."""
    css = dict(_DECLARATION.findall(_without_comments(style.lower())))
    css = {name: value.replace("!important", "").strip() for name, value in css.items()}
    size = _pixels(css.get("font-size", ""))
    transparent = _is_transparent(css.get("color", ""))
    visibility = css.get("visibility")
    margin = css.get("margin") or css.get("margin-bottom") or ""
    return Look(
        gone=_is_gone(css) or transparent,
        hidden=None if visibility is None else visibility in {"hidden", "collapse"},
        tiny=None if size is None else size <= 1,
        ink=_colour(css.get("color", "")),
        ground=_ground(css.get("background-color") or css.get("background", "")),
        tight=margin.startswith("0"),
    )


def _is_gone(css: Mapping[str, str]) -> bool:
    """Whether an element and everything in it takes no place on the screen."""
    if css.get("display") == "none" or css.get("mso-hide") == "all":
        return True
    if _pixels(css.get("opacity", "")) == 0 or _pixels(css.get("max-height", "")) == 0:
        return True
    if css.get("overflow") == "hidden" and 0 in (
        _pixels(css.get("height", "")),
        _pixels(css.get("width", "")),
    ):
        return True
    away = [_pixels(css.get("text-indent", ""))]
    if css.get("position") in {"absolute", "fixed"}:
        away += [_pixels(css.get(side, "")) for side in ("left", "top", "right")]
        if css.get("clip", "").replace(" ", "").startswith("rect(0"):
            return True
    away += [_pixels(css.get(side, "")) for side in ("margin-left", "margin-top")]
    return any(distance is not None and distance <= _OFF_SCREEN for distance in away)


def _pixels(value: str) -> float | None:
    """The number at the start of *value*; relative units count roughly. `None` for words."""
    found = _NUMBER.match(value)
    if not found or not found[1].strip("-."):
        return None
    return float(found[1]) * (16 if found[2] in {"em", "rem"} else 1)


def _is_transparent(value: str) -> bool:
    found = _RGB.match(value)
    return value == "transparent" or bool(found and found[4] and found[4].strip("0.") == "")


def _colour(value: str) -> Colour | tuple[()] | None:
    """A colour; `None` without one, an empty tuple for one that is not understood."""
    if not value or value in {"inherit", "initial", "unset", "currentcolor"}:
        return None
    if found := _HEX.match(value):
        digits = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.match(value):
        return int(found[1]), int(found[2]), int(found[3])
    return _NAMED.get(value, ())


def _ground(value: str) -> Colour | tuple[()] | None:
    if "url(" in value or "gradient" in value:
        return ()
    first = value.partition(" ")[0] if not value.startswith("rgb") else value
    if first in {"none", "transparent", "0"} or _is_transparent(first):
        return None
    return _colour(first)


def _without_comments(css: str) -> str:
    pieces = css.split("/*")
    return pieces[0] + "".join(piece.partition("*/")[2] for piece in pieces[1:])


def read_rules(sheets: Iterable[str]) -> dict[str, str]:
    """The rules of style sheets that can hide something, for simple selectors only.

    Rules within @media and the like are left out: they speak of other screens.
    """
    rules: dict[str, str] = {}
    css = _without_comments(" ".join(sheets)[:_SHEET_CHARS].lower())
    depth, skipped_from, selectors = 0, 0, ""
    for token in re.split(r"([{}])", css):
        if token == "{":
            depth += 1
            if not skipped_from and selectors.lstrip().startswith("@"):
                skipped_from = depth
        elif token == "}":
            skipped_from = 0 if depth == skipped_from else skipped_from
            depth = max(0, depth - 1)
        elif depth == 0:
            selectors = token
        elif depth == 1 and not skipped_from and _RELEVANT.search(token):
            _add(rules, selectors, token)
    return rules


def _add(rules: dict[str, str], selectors: str, declarations: str) -> None:
    for selector in selectors.split(",")[:50]:
        name = selector.strip()
        if name and _SIMPLE_SELECTOR.fullmatch(name) and len(rules) < _MAX_RULES:
            known = rules.get(name, "")
            if len(known) < _STYLE_CHARS:
                rules[name] = f"{known};{declarations.strip()[:_STYLE_CHARS]}"
