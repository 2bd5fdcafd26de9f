"""Templates: canned replies and notes with variables. Source: docs/writing.md, *Templates*."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

TemplateId = NewType("TemplateId", int)


class TemplateKind(StrEnum):
    """Where a template may be inserted."""

    REPLY = "reply"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Template:
    """One canned text. `folder` is a path such as `Orders/Damage`; empty `queues` means every queue.

    `subject` replaces an empty subject only. Variables stand in double braces: `{{customer.name}}`.
    """

    id: TemplateId
    key: str
    kind: TemplateKind
    name: str
    body: str
    folder: str = ""
    subject: str = ""
    queues: frozenset[str] = frozenset()
    changed_at: datetime | None = None
    changed_by: str = ""
    version: int = 0
