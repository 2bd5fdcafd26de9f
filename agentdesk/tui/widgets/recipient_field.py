"""A line of a mail's envelope, and one that completes recipients while they are typed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from agentdesk import services
from agentdesk.domain.recipient import Typed, completed, typed_at, typed_entries
from agentdesk.tui.widgets.suggestions import Suggested, Suggestions

FIND_AFTER_S = 0.12
"""From the last keystroke to the search among everybody. Who takes part is proposed at once."""

MOST = 12
"""Proposed people."""

Find = Callable[[str], Awaitable[Iterable[Suggested]]]
"""Everybody that words may mean, the best first."""


class Field(Input):
    """A line of the envelope: up and down move between lines, enter to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    class Finished(Message):
        """The person went on to something else: what stands there is meant."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name, classes="field", compact=True, select_on_focus=False)

    def on_blur(self, event: events.Blur) -> None:
        """Say so."""
        self.post_message(self.Finished())


class RecipientField(Field):
    """Several recipients with commas between them. While one is typed, `suggestions` proposes people:
    up and down choose, enter or tab takes the highlighted one, escape hides the list.
    """

    def __init__(self, name: str, suggestions: Suggestions) -> None:
        super().__init__(name)
        self.suggestions = suggestions
        self.near: Sequence[Suggested] = ()
        self.find: Find | None = None
        self.others: Callable[[], str] = str
        self._words = ""

    @property
    def finished_text(self) -> str:
        """All but the recipient that is being typed now."""
        typed = self._typed_now if self.has_focus else None
        if typed is None:
            return self.value
        return self.value[: typed.start] + self.value[typed.end :]

    @property
    def _typed_now(self) -> Typed | None:
        return typed_at(self.value, self.cursor_position)

    @on(Input.Changed)
    def _changed(self) -> None:
        """Propose, only for what a person types here."""
        typed = self._typed_now if self.has_focus else None
        words = typed.text.strip('"') if typed is not None else ""
        if words != self._words:
            self._words = words
            self._propose(words)

    @work(group="propose", exclusive=True)
    async def _propose(self, words: str) -> None:
        near = [person for person in self.near if person.fits(words)] if words else []
        self._show(near, words)
        if not words or self.find is None:
            return
        await asyncio.sleep(FIND_AFTER_S)
        found = [*near, *await self.find(words)]
        if self.is_attached and self._words == words and self.has_focus:
            self._show(found, words)

    def _show(self, people: Iterable[Suggested], words: str) -> None:
        """None is highlighted beside a whole address: enter then means what was typed."""
        shown = self._left(people)[:MOST]
        whole = "@" in words and not any(p.email.lower() == words.lower() for p in shown)
        self.suggestions.show(shown, lit=not whole)

    def _left(self, people: Iterable[Suggested]) -> list[Suggested]:
        """Each of *people* once, without those who get the mail already."""
        typed = self._typed_now
        named = (*typed_entries(self.others()), *typed_entries(self.value))
        there = [t.text.lower() for t in named if t != typed]
        left: dict[str, Suggested] = {}
        for person in people:
            email = person.email.lower()
            if email and not any(text.endswith((email, f"<{email}>")) for text in there):
                left.setdefault(email, person)
        return list(left.values())

    # Choosing

    def on_key(self, event: events.Key) -> None:
        """While people are proposed, these keys are theirs."""
        shown = self.suggestions
        if not shown.is_open:
            return
        match event.key:
            case "up" | "down":
                shown.move(-1 if event.key == "up" else 1)
            case "enter" | "tab" if shown.chosen is not None:
                self.take(shown.chosen)
            case "escape":
                shown.show(())
            case _:
                return
        event.stop()
        event.prevent_default()

    def take(self, person: Suggested) -> None:
        """Put *person* in place of what is being typed; another may follow."""
        address = services.recipients.typed_as(person.name, person.email)
        value, cursor = completed(self.value, self.cursor_position, address)
        self._words = ""
        self.value = value
        self.cursor_position = cursor
        self.suggestions.show(())

    def on_blur(self, event: events.Blur) -> None:
        """Nobody is typed any more: no list, no comma at the end."""
        self._words = ""
        self.suggestions.show(())
        self.value = self.value.rstrip().rstrip(",;")
