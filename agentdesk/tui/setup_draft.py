"""The routing setup while an admin changes it: the text of every item, and what was undone.

Pure: the screen shows it, `services.setup` checks and saves it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from agentdesk.domain.editing import Fault, SetupView
from agentdesk.settings.changes import NAMES
from agentdesk.settings.export import joined
from agentdesk.settings.template import template, unused

OPTIONS = "routing"
USUAL = ("channels", "presences", "queues", "reject_reasons")
"""Sections that have usual items when they are not there at all."""
TITLES = {
    "queues": "Queues",
    "agents": "Agents",
    "groups": "Groups",
    "skills": "Skills",
    "schedules": "Schedules",
    "channels": "Channels",
    "presences": "Presences",
    "work_rules": "Work rules",
    "account_teams": "Account teams",
    "reject_reasons": "Reject reasons",
    OPTIONS: "Options",
}
MOST_UNDONE = 100


class Place(NamedTuple):
    """An item; `at` -1 is the section itself."""

    section: str
    at: int = -1


Sections = dict[str, list[str]]


class Draft:
    """Begins as what is in force in `base_version`."""

    def __init__(self, view: SetupView) -> None:
        self.base_version = view.version
        self._sections: Sections = {s: list(view.items.get(s, ())) for s in TITLES}
        self._begun = self._copy()
        self._undo: list[tuple[Sections, Place]] = []

    def _copy(self) -> Sections:
        return {section: list(texts) for section, texts in self._sections.items()}

    # Reading

    @property
    def changed(self) -> bool:
        """Whether anything is to be saved."""
        return self._sections != self._begun

    @property
    def can_undo(self) -> bool:
        """Whether an item was added, removed or moved."""
        return bool(self._undo)

    def places(self) -> Iterator[Place]:
        """Every section, its items below it."""
        for section, texts in self._sections.items():
            if section == OPTIONS:
                yield Place(OPTIONS, 0)
                continue
            yield Place(section)
            yield from (Place(section, i) for i in range(len(texts)))

    def count(self, section: str) -> int:
        """How many items it has."""
        return len(self._sections[section])

    def has(self, place: Place) -> bool:
        """Whether there is such an item."""
        return 0 <= place.at < len(self._sections[place.section])

    def text(self, place: Place) -> str:
        """The TOML of an item; empty for a section."""
        return self._sections[place.section][place.at] if self.has(place) else ""

    def title(self, place: Place) -> str:
        """The name by which an item is known."""
        if place.section == OPTIONS or place.at < 0:
            return TITLES[place.section]
        key = NAMES[place.section][1]
        found = re.search(rf"^\s*{key}\s*=\s*([\"'])(.*?)\1", self.text(place), re.MULTILINE)
        return found[2] if found else "?"

    def toml(self) -> str:
        """The whole document."""
        none = [section for section in USUAL if not self._sections[section]]
        return joined(self._sections, none)

    def place_of(self, line: int) -> tuple[Place, int]:
        """Which item a line of the document is in, and its line there; an empty section: line 0."""
        above = sum(not self._sections[section] for section in USUAL)
        above += 1 if above else 0
        for section, texts in self._sections.items():
            for at, text in enumerate(texts):
                lines = text.count("\n")
                if above < line <= above + lines:
                    return Place(section, at), line - above
                above += lines + 1
        return Place("queues"), 0

    def misplaced(self) -> dict[Place, Fault]:
        """Items that do not begin as an item of their section does, so would belong to another."""
        found = {}
        for place in self.places():
            if not self.has(place):
                continue
            head = f"[{OPTIONS}]" if place.section == OPTIONS else f"[[{place.section}]]"
            lines = [line.strip() for line in self.text(place).splitlines()]
            first = next((line for line in lines if line and not line.startswith("#")), "")
            if first.partition("#")[0].strip() != head:
                found[place] = Fault(1, f"This must begin with {head}.")
        return found

    # Changing

    def write(self, place: Place, text: str) -> None:
        """Another text for an item."""
        if self.has(place):
            self._sections[place.section][place.at] = text.rstrip() + "\n"

    def add(self, place: Place) -> Place:
        """A new item below *place*, from the template; below a section's own line, at its end."""
        at = place.at if place.at >= 0 else self.count(place.section) - 1
        text = template(place.section, self._names(place.section))
        return self._insert(Place(place.section, at), text)

    def duplicate(self, place: Place) -> Place:
        """The same item again under another name."""
        key = NAMES[place.section][1]
        name = unused(self.title(place), self._names(place.section))
        line = re.compile(rf"^(\s*{key}\s*=\s*)([\"']).*?\2", re.MULTILINE)
        text = line.sub(lambda m: f"{m[1]}{m[2]}{name}{m[2]}", self.text(place), count=1)
        return self._insert(place, text)

    def _insert(self, place: Place, text: str) -> Place:
        self._remember(place)
        self._sections[place.section].insert(place.at + 1, text)
        return Place(place.section, place.at + 1)

    def remove(self, place: Place) -> Place:
        """Without that item; the one to look at now."""
        self._remember(place)
        texts = self._sections[place.section]
        del texts[place.at]
        return Place(place.section, min(place.at, len(texts) - 1))

    def move(self, place: Place, by: int) -> Place:
        """The item *by* places further; where that is outside, nothing happens."""
        target = Place(place.section, place.at + by)
        if not self.has(target):
            return place
        self._remember(place)
        texts = self._sections[place.section]
        texts.insert(target.at, texts.pop(place.at))
        return target

    def undo(self) -> Place:
        """As before the last item was added, removed or moved."""
        self._sections, place = self._undo.pop()
        return place

    def _remember(self, place: Place) -> None:
        self._undo = [*self._undo[1 - MOST_UNDONE :], (self._copy(), place)]

    def _names(self, section: str) -> set[str]:
        return {self.title(Place(section, i)) for i in range(self.count(section))}
