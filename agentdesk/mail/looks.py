"""Whether a reader of an HTML mail would have seen a text: styles, as far as they hide.

Senders hide text from people and show it to programs (prompt injection), or the other way round.
The ways known from research/mail.md §4.3: display, visibility, font size, text in the colour of
its ground, opacity, the `hidden` attribute, and boxes without height or off the screen.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

Colour = tuple[int, int, int]
WHITE: Final[Colour] = (255, 255, 255)

_SAME_COLOUR = 24  # summed over red, green and blue: nobody sees the difference
_OFF_SCREEN = -500  # pixels
_FAINT = 0.05
_PIXELS: Final = {"em": 16, "rem": 16, "vw": 10, "vh": 8}
_STYLE_CHARS = 4_000

_DECLARATION = re.compile(r"([a-z-]{1,40})\s{0,20}:\s{0,20}([^;]{1,300})")
_NUMBER = re.compile(r"(-?\d{0,6}(?:\.\d{1,6})?)\s?(px|pt|em|rem|%|vh|vw|)")
_HEX = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b")
_HSL = re.compile(
    r"hsla?\([^,\s]{1,12}[\s,]{1,3}[\d.]{1,6}%[\s,]{1,3}([\d.]{1,6})%(?:[\s,/]{1,3}([\d.]+))?"
)
_AWAY = re.compile(
    r"translate(?:x|y|3d)?\([^)]{0,40}-\d{3,}|scale(?:x|y)?\(\s?0(?:\.0\d{0,4})?\s?[,)]"
)
_CLIPPED = re.compile(
    r"inset\(\s?(?:[5-9]\d|100)%|circle\(\s?0|polygon\(\s?(?:0\w{0,2}[\s,]{0,3}){2,12}\)"
)
_SHORTHAND_SIZE = re.compile(r"(?:^|\s)(\d{0,6}(?:\.\d{1,6})?)(?:px|pt|em|rem|%)?\s?/")
_RGB = re.compile(
    r"rgba?\(\s?(\d{1,3})[\s,]{1,3}(\d{1,3})[\s,]{1,3}(\d{1,3})(?:[\s,/]{1,3}([\d.]+))?"
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


def look_of(attributes: Mapping[str, str | None], sheet: Sequence[str] = ()) -> Look:
    """The look that style sheets (`sheet`), style attribute and old attributes give one element."""
    style = (attributes.get("style") or "")[:_STYLE_CHARS]
    if sheet:
        style = ";".join([*sheet, style])
    old = [f"{name}:{attributes[key]}" for name, key in _OLD_ATTRIBUTES if attributes.get(key)]
    if attributes.get("background"):
        old.append("background:url(x)")
    if old:
        style = ";".join([*old, style])
    look = parse_style(style) if style else PLAIN
    return replace(look, gone=True) if "hidden" in attributes else look


_OLD_ATTRIBUTES = (("color", "color"), ("color", "text"), ("background", "bgcolor"))
PLAIN: Final = Look()


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
    css = dict(_DECLARATION.findall(without_comments(style.lower())))
    css = {name: _bare(value) for name, value in css.items()}
    size = _pixels(css.get("font-size", ""))
    shorthand = _SHORTHAND_SIZE.search(css.get("font", ""))
    if size is None and shorthand:
        size = _pixels(shorthand[1])
    paint = css.get("-webkit-text-fill-color") or css.get("color", "")
    transparent = _is_transparent(paint)
    visibility = css.get("visibility")
    margin = css.get("margin") or css.get("margin-bottom") or ""
    return Look(
        gone=_is_gone(css) or transparent,
        hidden=None if visibility is None else visibility in {"hidden", "collapse"},
        tiny=None if size is None else size <= 1,
        ink=_colour(paint),
        ground=_ground(css),
        tight=margin.startswith("0"),
    )


def _is_gone(css: Mapping[str, str]) -> bool:
    """Whether an element and everything in it takes no place on the screen."""
    if css.get("display") == "none" or css.get("mso-hide") == "all":
        return True
    faint = (_pixels(css.get(name, "")) for name in ("opacity", "zoom"))
    if any(value is not None and value <= _FAINT for value in faint):
        return True
    if css.get("content-visibility") == "hidden" or css.get("filter", "").startswith("opacity(0"):
        return True
    if _is_too_small(css) or _AWAY.search(css.get("transform", "")):
        return True
    if _CLIPPED.match(css.get("clip-path", "")):
        return True
    away = [_pixels(css.get("text-indent", ""))]
    if css.get("position") in {"absolute", "fixed"}:
        sides = ("left", "top", "right", "bottom", "inset")
        away += [_pixels(css.get(side, "")) for side in sides]
        if css.get("clip", "").replace(" ", "").startswith("rect(0"):
            return True
    away += [_pixels(css.get(side, "")) for side in ("margin-left", "margin-top")]
    return any(distance is not None and distance <= _OFF_SCREEN for distance in away)


def _is_too_small(css: Mapping[str, str]) -> bool:
    """Whether the box has no height or width, or is a single pixel, and hides what does not fit."""
    sizes = [_pixels(css.get(n, "")) for n in ("height", "max-height", "width", "max-width")]
    if sizes[1] == 0:
        return True
    if not css.get("overflow", "").startswith(("hidden", "clip")):
        return False
    pixel = all(any(s is not None and s <= 1 for s in pair) for pair in (sizes[:2], sizes[2:]))
    return 0 in sizes or pixel


def _bare(value: str) -> str:
    """*value* without `!important`, and without `calc()` around one number."""
    value = value.replace("!important", "").strip()
    return value[5:-1].strip() if value.startswith("calc(") and value.endswith(")") else value


def _pixels(value: str) -> float | None:
    """The number at the start of *value*; relative units count roughly. `None` for words."""
    found = _NUMBER.match(value)
    if not found or not found[1].strip("-."):
        return None
    return float(found[1]) * _PIXELS.get(found[2], 1)


def _is_transparent(value: str) -> bool:
    if found := _HEX.match(value):
        return len(found[1]) in {4, 8} and found[1][len(found[1]) // 4 * 3 :].strip("0") == ""
    found = _RGB.match(value) or _HSL.match(value)
    alpha = found[found.re.groups] if found else None
    return value == "transparent" or bool(alpha and alpha.strip("0.") == "")


def _colour(value: str) -> Colour | tuple[()] | None:
    """A colour; `None` without one, an empty tuple for one that is not understood."""
    if not value or value in {"inherit", "initial", "unset", "currentcolor"}:
        return None
    if found := _HEX.match(value):
        digits = found[1] if len(found[1]) >= 6 else "".join(c * 2 for c in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    if found := _RGB.match(value):
        return int(found[1]), int(found[2]), int(found[3])
    if (found := _HSL.match(value)) and float(found[1]) in {0.0, 100.0}:
        return WHITE if float(found[1]) else (0, 0, 0)
    return _NAMED.get(value, ())


def _ground(css: Mapping[str, str]) -> Colour | tuple[()] | None:
    value = css.get("background-color") or css.get("background", "")
    pictures = value + css.get("background-image", "") + css.get("background", "")
    if "url(" in pictures or "gradient" in pictures:
        return ()
    first = value.partition(" ")[0] if not value.startswith("rgb") else value
    if first in {"none", "transparent", "0"} or _is_transparent(first):
        return None
    return _colour(first)


def without_comments(css: str) -> str:
    pieces = css.split("/*")
    return pieces[0] + "".join(piece.partition("*/")[2] for piece in pieces[1:])
