"""Templates below their folders, in one list that is narrowed by words."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass

from agentdesk.domain.template import Template, TemplateId, TemplateKind, found
from agentdesk.domain.views import Page
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.virtual_list import Column, VirtualList
from agentdesk.tui.widgets.window import START

NO_FOLDER = "(no folder)"
MOST = 10_000


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A folder, or a template in it."""

    folder: str
    template: Template | None = None

    @property
    def key(self) -> Hashable:
        """Tells it from the others."""
        return self.folder if self.template is None else self.template.id


def lines(templates: Sequence[Template], words: str = "") -> Iterator[TemplateLine]:
    """Folders by name, below each its templates by name."""
    chosen = found(templates, words, MOST) if words.strip() else templates
    folder: str | None = None
    for template in sorted(chosen, key=lambda t: (t.folder.casefold(), t.name.casefold(), t.id)):
        if template.folder != folder:
            folder = template.folder
            yield TemplateLine(folder)
        yield TemplateLine(folder, template)


class TemplateList(VirtualList[TemplateLine]):
    """Marks what is not saved yet."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        self._lines: tuple[TemplateLine, ...] = ()
        self._unsaved: Collection[TemplateId] = ()
        columns = [Column("", self._sign, 1), Column("Templates", self._title)]
        empty = "No template."
        super().__init__(columns, self._all, key=lambda line: line.key, empty=empty, id=id)

    async def _all(
        self, _after: str | None, _before: str | None, _limit: int
    ) -> Page[TemplateLine]:
        """All of them: they are in memory already."""
        return Page(self._lines)

    async def show(
        self,
        templates: Sequence[Template],
        unsaved: Collection[TemplateId],
        words: str,
        cursor: Hashable | None,
    ) -> None:
        """These templates, the cursor on the line *cursor*, or on the first template."""
        self._lines, self._unsaved = tuple(lines(templates, words)), unsaved
        keys = [line.key for line in self._lines]
        first = next((line.key for line in self._lines if line.template is not None), None)
        self.cursor = cursor if cursor in keys else first
        await self._load(START)
        self._show_cursor()

    @property
    def neighbour(self) -> Hashable | None:
        """The template below the highlighted one, or above it; None where there is no other."""
        keys = [line.key for line in self._lines if line.template is not None]
        if self.cursor not in keys or len(keys) == 1:
            return None
        at = keys.index(self.cursor)
        return keys[at + 1] if at + 1 < len(keys) else keys[at - 1]

    def _sign(self, line: TemplateLine) -> tuple[str, str]:
        if line.template is not None and line.template.id in self._unsaved:
            return "✎", "bold $unread"
        note = line.template is not None and line.template.kind is TemplateKind.NOTE
        return ("▪", "$note") if note else ("", "")

    def _title(self, line: TemplateLine) -> tuple[str, str]:
        if line.template is None:
            return one_line(line.folder) or NO_FOLDER, "bold $heading-text"
        return f"· {one_line(line.template.name) or '(no name)'}", ""
