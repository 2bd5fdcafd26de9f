"""What the templates screen holds: what is kept, what was typed since, and what can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentdesk.domain.template import Template, TemplateId, TemplateKind, tidied

NEW = TemplateId(0)
"""The one template that was begun and never saved."""

MOST_UNDONE = 20


@dataclass(frozen=True, slots=True)
class Undo:
    """A change that was saved: what there was before and after; None where there was nothing."""

    template_id: TemplateId
    before: Template | None
    after: Template | None

    @property
    def words(self) -> str:
        """To stand behind `Taken back:`."""
        if self.before is None:
            return f"{self.after.name} is gone again" if self.after else ""
        if self.after is None:
            return f"{self.before.name} is there again"
        return f"{self.before.name} is as it was"


class Shelf:
    """Pure: the screen reads and writes through services, and tells the shelf what came of it."""

    def __init__(self) -> None:
        self._kept: dict[TemplateId, Template] = {}
        self._typed: dict[TemplateId, Template] = {}
        self._undo: list[Undo] = []
        self.saved_name = ""

    def keep(self, templates: Sequence[Template]) -> None:
        """What there is now. Of templates that are gone nothing typed stays."""
        self._kept = {t.id: t for t in templates}
        self._typed = {key: t for key, t in self._typed.items() if key == NEW or key in self._kept}

    @property
    def templates(self) -> tuple[Template, ...]:
        """All, with what was typed."""
        every = {**self._kept, **self._typed}
        return tuple(every.values())

    @property
    def unsaved(self) -> tuple[TemplateId, ...]:
        """Those that were changed since they were read."""
        return tuple(self._typed)

    def get(self, template_id: TemplateId) -> Template | None:
        """One, with what was typed."""
        return self._typed.get(template_id) or self._kept.get(template_id)

    def find(self, template_id: TemplateId) -> Template | None:
        """One as it is kept."""
        return self._kept.get(template_id)

    # Typing

    def write(self, template: Template) -> None:
        """Somebody typed; what reads like the kept one again is not a change."""
        kept = self._kept.get(template.id)
        if kept is not None and tidied(template).said == kept.said:
            self._typed.pop(template.id, None)
        else:
            self._typed[template.id] = template

    def new(self, folder: str) -> Template:
        """An empty one; the one that was begun before, if it was never saved."""
        made = Template(NEW, "", TemplateKind.REPLY, "", "", folder)
        return self._typed.setdefault(NEW, made)

    def copy(self, template: Template) -> Template:
        """The same as a new one."""
        made = replace(template, id=NEW, key="", name=f"{template.name} (copy)", version=0)
        self._typed[NEW] = replace(made, changed_at=None, changed_by="")
        return self._typed[NEW]

    def turned(self, template: Template) -> Template:
        """A note of a reply, and back."""
        note = template.kind is TemplateKind.NOTE
        return replace(template, kind=TemplateKind.REPLY if note else TemplateKind.NOTE)

    def discard(self, template_id: TemplateId) -> None:
        """As it is kept."""
        self._typed.pop(template_id, None)

    # Saved

    def saved(self, typed_id: TemplateId, template: Template) -> None:
        """It is kept so now."""
        before = self._kept.get(template.id)
        self._typed.pop(typed_id, None)
        self._kept[template.id] = template
        self.saved_name = template.name
        if before != template:
            self._remember(Undo(template.id, before, template))

    def removed(self, template_id: TemplateId) -> None:
        """It is gone."""
        self._typed.pop(template_id, None)
        before = self._kept.pop(template_id, None)
        if before is not None:
            self._remember(Undo(template_id, before, None))

    def _remember(self, undo: Undo) -> None:
        self._undo = [*self._undo[1 - MOST_UNDONE :], undo]

    @property
    def can_undo(self) -> bool:
        """Whether something was saved or deleted here."""
        return bool(self._undo)

    @property
    def next_undo(self) -> Undo | None:
        """The last change, unless what it left is gone by somebody else's doing."""
        while self._undo:
            last = self._undo[-1]
            if last.after is None or last.template_id in self._kept:
                return last
            self._undo.pop()
        return None

    def undone(self, template: Template) -> None:
        """The last change was taken back: *template* is kept so again, or gone again."""
        undo = self._undo.pop()
        if undo.before is None:
            self._kept.pop(undo.template_id, None)
        else:
            self._kept[undo.template_id] = template
