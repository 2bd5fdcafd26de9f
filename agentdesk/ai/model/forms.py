"""The exact forms in which a model is asked to answer, and how they are read.

Sections stand between lines `=NAME=` and end with `=END=`, so that they can be shown while they grow
and a broken stream is noticed. Decisions are one JSON object. Anything else is `WrongForm`.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

LONGEST = 24_000
"""Characters of a whole answer."""

LONGEST_DECISION = 2_000

END = "END"
_MARKER = re.compile(r"=[A-Z]+=")
_THOUGHTS = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


class WrongForm(Exception):
    """The model answered in another form than it was asked for."""


def described(names: Sequence[str], about: Sequence[str]) -> str:
    """The form of some sections, as the model is told."""
    said = "\n".join(f"={name}=\n({what})" for name, what in zip(names, about, strict=True))
    return f"Answer in exactly this form, each marker on a line of its own:\n{said}\n={END}="


def sections(text: str, names: Sequence[str], *, whole: bool) -> list[str]:
    """The text of each section so far; of a *whole* answer, all of them. Raises `WrongForm`."""
    if len(text) > LONGEST:
        raise WrongForm
    lines = _without_thoughts(text, whole=whole).split("\n")
    if not whole and lines[-1].lstrip().startswith("="):
        lines.pop()  # perhaps a marker, which is not whole yet
    found = _sorted_out(lines, names)
    if whole and (len(found) <= len(names) or not all(found)):
        raise WrongForm
    return [*found[: len(names)], *[""] * (len(names) - len(found))]


def _sorted_out(lines: Sequence[str], names: Sequence[str]) -> list[str]:
    """The sections that have begun; one more than there are when the end was said."""
    order = [*names, END]
    found: list[list[str]] = []
    for line in lines:
        if _MARKER.fullmatch(line.strip()):
            if len(found) == len(order) or line.strip() != f"={order[len(found)]}=":
                raise WrongForm
            found.append([])
        elif 0 < len(found) < len(order):
            found[-1].append(line)
        elif line.strip():
            raise WrongForm
    ended = len(found) == len(order)
    texts = ["\n".join(part).strip() for part in found[: len(names)]]
    return [*texts, END] if ended else texts


def _without_thoughts(text: str, *, whole: bool) -> str:
    """Without what some local models think aloud first."""
    if text.lstrip().startswith("<think>"):
        rest = _THOUGHTS.sub("", text, count=1)
        return rest if rest != text else ("" if not whole else text)
    return "" if not whole and "<think>".startswith(text.lstrip()) else text


def decision(text: str, keys: Sequence[str]) -> dict[str, Any]:
    """The JSON object in *text*, with exactly *keys*. Raises `WrongForm`."""
    text = _without_thoughts(text, whole=True).strip()
    if len(text) > LONGEST_DECISION:
        raise WrongForm
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise WrongForm from error
    if not isinstance(found, dict) or found.keys() != set(keys):
        raise WrongForm
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise WrongForm
    return dict(pairs)


def _no_number(name: str) -> float:
    raise WrongForm
