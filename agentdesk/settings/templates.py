"""Templates as a TOML file: written the way a person would, read with the line of every problem."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentdesk.domain import template as rules
from agentdesk.domain.editing import Fault
from agentdesk.domain.template import Template, TemplateId, TemplateKind
from agentdesk.settings import loading, positions, toml
from agentdesk.settings.problems import Loc, Problem, name_of
from agentdesk.settings.section import Key, Section, Text

HEAD = """\
# Templates of agentdesk. The key tells a template from others and stays: an import changes the
# template that has it. Variables stand in double braces: {{customer.name}}.
"""
TABLE = "templates"


class TemplateTable(Section):
    """A canned reply or note."""

    key: Key
    """A short name; keep it, an import finds the template by it."""
    name: Text
    """The name on the screen."""
    kind: TemplateKind = TemplateKind.REPLY
    """Where it may be inserted."""
    folder: str = ""
    """A path such as Orders/Damage."""
    queues: tuple[Key, ...] = ()
    """The queues that it is offered in; empty is every queue."""
    subject: str = ""
    """Replaces an empty subject only."""
    body: str
    """The text."""


class TemplateFile(Section):
    """A file of templates."""

    templates: tuple[TemplateTable, ...] = ()
    """The tables [[templates]]."""


@dataclass(frozen=True, slots=True)
class TemplateDocument:
    """What a file says. With `faults` it has no templates."""

    templates: tuple[Template, ...] = ()
    faults: tuple[Fault, ...] = ()


def read(text: str, queues: Iterable[str]) -> TemplateDocument:
    """Understand *text*, or say all that is wrong with it. *queues* are the keys that the desk knows."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return TemplateDocument(faults=(_fault(loading.not_toml(error, text)),))
    file, troubles = loading.validate(TemplateFile, data, Path())
    if file is None:
        wrong = [_fault(p) for p in loading.problems(troubles, text, {})]
        return TemplateDocument(faults=tuple(sorted(wrong, key=lambda fault: fault.line)))
    templates = tuple(rules.tidied(_template(table)) for table in file.templates)
    where = positions.lines(text)
    faults = [
        Fault(positions.line_of(where, loc), f"{name_of(loc)}: {sentence}")
        for loc, sentence in _problems(templates, frozenset(queues))
    ]
    return TemplateDocument(() if faults else templates, tuple(faults))


def _fault(problem: Problem) -> Fault:
    sentence = str(problem).removeprefix(f"line {problem.line}: ")
    return Fault(problem.line, sentence)


def _template(table: TemplateTable) -> Template:
    return Template(
        TemplateId(0),
        table.key,
        table.kind,
        table.name,
        table.body,
        table.folder,
        table.subject,
        frozenset(table.queues),
    )


def _problems(templates: Sequence[Template], queues: frozenset[str]) -> Iterator[tuple[Loc, str]]:
    first: dict[str, int] = {}
    for at, template in enumerate(templates):
        if (before := first.setdefault(template.key, at)) != at:
            yield (TABLE, at, "key"), f"{template.key} is the key of {TABLE}[{before + 1}] already."
        for field, sentence in rules.problems(template, queues):
            yield (TABLE, at, field), sentence


def written(templates: Iterable[Template]) -> str:
    """A file of *templates* that `read` reads as the same ones."""
    tables = (_written(template) for template in templates)
    return "\n".join([HEAD, *tables])


def _written(template: Template) -> str:
    said = {
        "key": template.key,
        "name": template.name,
        "kind": template.kind.value,
        "folder": template.folder,
        "queues": sorted(template.queues),
        "subject": template.subject,
        "body": template.body,
    }
    usual = {"kind": TemplateKind.REPLY.value, "folder": "", "queues": [], "subject": ""}
    lines = [toml.line(key, value) for key, value in said.items() if usual.get(key) != value]
    return "\n".join([f"[[{TABLE}]]", *lines]) + "\n"
