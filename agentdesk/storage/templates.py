"""Templates, kept with the version that each change must name."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.template import Template, TemplateId, TemplateKind
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import templates

ORDER = (templates.c.folder, templates.c.name, templates.c.id)


async def every(tx: Transaction, kind: TemplateKind | None = None) -> list[Template]:
    """All templates (of a kind), by folder and name."""
    query = sa.select(templates).order_by(*ORDER)
    if kind is not None:
        query = query.where(templates.c.kind == kind.value)
    return [load(Template, r) for r in await tx.all(query)]


async def get(tx: Transaction, template_id: TemplateId) -> Template:
    """One template, locked until the end of a write. Raises `NotFound`."""
    row = await tx.one(sa.select(templates).where(templates.c.id == template_id).with_for_update())
    if row is None:
        raise NotFound("This template was deleted.")
    return load(Template, row)


async def keys(tx: Transaction) -> set[str]:
    """The keys that are taken."""
    return {r.key for r in await tx.all(sa.select(templates.c.key))}


async def new_id(tx: Transaction) -> TemplateId:
    """The number of a new template."""
    return TemplateId(await tx.new_id(templates))


async def insert(tx: Transaction, made: Sequence[Template]) -> None:
    """New templates."""
    await tx.insert(templates, [dump(t) for t in made])


async def save(tx: Transaction, changed: Template, version: int) -> None:
    """Write a template that still has *version*. Raises `Conflict` where it does not."""
    same = (templates.c.id == changed.id) & (templates.c.version == version)
    values = {name: value for name, value in dump(changed).items() if name != "id"}
    done = await tx.execute(sa.update(templates).where(same).values(**values))
    if not done.rowcount:
        raise Conflict("Somebody else changed this template meanwhile. Look at it again.")


async def delete(tx: Transaction, template_id: TemplateId) -> None:
    """Remove a template."""
    await tx.execute(sa.delete(templates).where(templates.c.id == template_id))


def plain(template: Template) -> dict[str, Any]:
    """What an event keeps of a template, so that it can be put back."""
    return {name: value for name, value in dump(template).items() if name != "changed_at"}


def unplain(said: dict[str, Any]) -> Template:
    """The other way round."""
    return load(Template, {"changed_at": None, **said})
