"""Style sheets of HTML mails, as far as they can hide something.

Selectors of tags, classes and ids are understood, alone, together (`p.x.y`) and below others (`td .x`,
`div > b`); what asks for more (attributes, states, neighbours) hides nothing. Rules in @media count only
where they speak of every screen.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agentdesk.mail.looks import without_comments

_SHEET_CHARS: Final = 200_000
_STYLE_CHARS: Final = 4_000
_MAX_RULES: Final = 2_000
_MAX_CLASSES: Final = 20
_MAX_TRIED: Final = 50
_ANCESTORS: Final = 60

_COMPOUND = re.compile(r"(?:[a-z][a-z0-9]{0,20})?(?:[.#][\w-]{1,60}){0,4}")
_NAMES = re.compile(r"[.#]?[\w-]{1,60}")
_RELEVANT = re.compile(
    r"display|visib|opacity|font|color|background|height|width|hide|left|top|right|bottom|inset|indent"
    r"|mar|clip|transform|zoom"
)
_EVERY_SCREEN = re.compile(r"@media\s{1,9}(?:only\s{1,9})?(?:screen|all)\s*")

Names = frozenset[str]
"""What selectors can say of an element: its tag, `.class` and `#id`, in lower case."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Declarations for elements that bear `names`, below others that bear `above`, outermost first."""

    names: Names
    above: tuple[Names, ...]
    declarations: str
    weight: tuple[int, int, int]


@dataclass(slots=True)
class Sheet:
    """The rules of a mail, each under one of the names that it asks for."""

    rules: dict[str, list[Rule]] = field(default_factory=dict)
    count: int = 0
    _known: dict[Names, list[Rule]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.count > 0

    def matching(self, names: Names, around: Sequence[Names]) -> list[str]:
        """Declarations for an element with *names* inside *around* (outermost first), weakest first."""
        candidates = self._known.get(names)
        if candidates is None:
            rules = [r for name in names for r in self.rules.get(name, ()) if r.names <= names]
            candidates = sorted(rules, key=lambda rule: rule.weight)[-_MAX_TRIED:]
            self._known[names] = candidates
        return [
            rule.declarations
            for rule in candidates
            if not rule.above or _is_below(rule.above, around)
        ]


def _is_below(above: tuple[Names, ...], around: Sequence[Names]) -> bool:
    """Whether *around* has elements for all of *above*, in their order; only the nearest are tried."""
    wanted = len(above) - 1
    for names in reversed(around[-_ANCESTORS:]):
        if above[wanted] <= names:
            wanted -= 1
            if wanted < 0:
                return True
    return False


def names_of(tag: str, attributes: Mapping[str, str | None]) -> Names:
    """The names of an element."""
    names = {f".{name}" for name in (attributes.get("class") or "").lower().split()[:_MAX_CLASSES]}
    if attributes.get("id"):
        names.add(f"#{attributes['id']}".lower())
    return frozenset(names | {tag})


def read_sheets(sheets: Iterable[str]) -> Sheet:
    """The rules in *sheets* that can hide something."""
    sheet = Sheet()
    css = without_comments(" ".join(sheets)[:_SHEET_CHARS].lower())
    depth, skipped_from, opened, selectors = 0, 0, set[int](), ""
    for token in re.split(r"([{}])", css):
        if token == "{":
            depth += 1
            if _EVERY_SCREEN.fullmatch(selectors.strip() + " ") and not skipped_from:
                opened.add(depth)
            elif not skipped_from and selectors.lstrip().startswith("@"):
                skipped_from = depth
        elif token == "}":
            skipped_from = 0 if depth == skipped_from else skipped_from
            opened.discard(depth)
            depth = max(0, depth - 1)
        elif depth == len(opened):
            selectors = token
        elif depth == len(opened) + 1 and not skipped_from and _RELEVANT.search(token):
            _add(sheet, selectors, token.strip()[:_STYLE_CHARS])
    return sheet


def _add(sheet: Sheet, selectors: str, declarations: str) -> None:
    for selector in selectors.split(",")[:50]:
        compounds = selector.replace(">", " ").split()
        if not 0 < len(compounds) <= 6 or sheet.count >= _MAX_RULES:
            continue
        if not all(_COMPOUND.fullmatch(compound) for compound in compounds):
            continue
        *above, names = (frozenset(_NAMES.findall(compound)) for compound in compounds)
        said = [name for compound in (*above, names) for name in compound]
        ids, classes = (sum(name[0] == sign for name in said) for sign in "#.")
        weight = (ids, classes, sheet.count)
        rule = Rule(names, tuple(above), declarations, weight)
        key = min(names, key=lambda name: (name[0] not in "#.", name))
        sheet.rules.setdefault(key, []).append(rule)
        sheet.count += 1
