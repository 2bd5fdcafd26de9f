"""Templates: canned replies and notes with variables. Source: docs/writing.md, *Templates*."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import NewType

from agentdesk.domain.editing import Fault
from agentdesk.domain.errors import BadInput
from agentdesk.domain.message import Span
from agentdesk.domain.text import safe

TemplateId = NewType("TemplateId", int)

VARIABLES: Mapping[str, str] = {
    "customer.name": "the customer's name",
    "customer.first_name": "the customer's first name",
    "customer.email": "the customer's address",
    "account.name": "the company that the customer belongs to",
    "agent.name": "your name",
    "agent.first_name": "your first name",
    "agent.signature": "your signature",
    "interaction.number": "the number of this conversation, such as IMS0000123",
    "interaction.subject": "its subject",
    "queue.name": "the queue that it came through",
    "case.number": "the number of its case, such as CS0000007",
    "case.subject": "what the case is about",
    "case.state": "where the case stands, such as Open",
    "today": "today's date, such as 2 March 2026",
}
"""What a template may name in double braces, and what stands there instead."""

SAMPLE: Mapping[str, str] = {
    "customer.name": "Mara Olsen",
    "customer.first_name": "Mara",
    "customer.email": "mara.olsen@example.org",
    "account.name": "Fjord Supplies",
    "agent.name": "Ana Ruiz",
    "agent.first_name": "Ana",
    "agent.signature": "Ana Ruiz\nCustomer service",
    "interaction.number": "IMS0000123",
    "interaction.subject": "Order 5512 arrived damaged",
    "queue.name": "Support",
    "case.number": "CS0000007",
    "case.subject": "Replacement for order 5512",
    "case.state": "Open",
    "today": "2 March 2026",
}
"""A customer who does not exist, for a preview while a template is written."""

LONGEST_NAME = 100
LONGEST_FOLDER = 200
LONGEST_SUBJECT = 500
LONGEST_BODY = 100_000
LONGEST_KEY = 40

_PLACE = re.compile(r"\{\{([^{}\n]*)\}\}")
_QUOTED = re.compile(r"^\s?>.*$", re.MULTILINE)


class TemplateKind(StrEnum):
    """Where a template may be inserted."""

    REPLY = "reply"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Template:
    """One canned text. `folder` is a path such as `Orders/Damage`; empty `queues` means every queue.

    `key` tells it from others in files and stays; `subject` replaces an empty subject only.
    Variables stand in double braces: `{{customer.name}}`. `version` grows with every change: the
    compare-and-set key of storage.
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

    @property
    def said(self) -> "Template":
        """Only what a file says of it, so that two can be compared."""
        return replace(self, id=TemplateId(0), changed_at=None, changed_by="", version=0)


@dataclass(frozen=True, slots=True)
class Filled:
    """A template as it is inserted. `missing` variables had no value and still stand in it."""

    text: str
    subject: str = ""
    missing: tuple[str, ...] = ()
    name: str = ""


def fill(template: Template, values: Mapping[str, str]) -> Filled:
    """Every variable replaced by its value in one pass; one without a value stays as it is written.

    Values are words, never read again: braces in a customer's name stay what they are.
    """
    missing: dict[str, None] = {}

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        if known := values.get(name, ""):
            return known
        missing[name] = None
        return found[0]

    text = _PLACE.sub(value, template.body)
    subject = " ".join(_PLACE.sub(value, template.subject).split())
    return Filled(text, subject, tuple(missing), template.name)


def places(text: str) -> Iterator[tuple[str, Span]]:
    """The variables of ours that stand in *text*, each with its place."""
    for found in _PLACE.finditer(text):
        if (name := found[1].strip()) in VARIABLES:
            yield name, Span(found.start(), found.end())


def leftover(text: str, theirs: str = "") -> tuple[str, ...]:
    """Variables of ours that nobody filled in, each once.

    Quoted lines, and *theirs* wherever it stands, are somebody else's words.
    """
    if "{{" not in text:
        return ()
    own = _QUOTED.sub("", text)
    if "{{" in theirs:
        own = own.replace(theirs, "")
    return tuple(dict.fromkeys(name for name, _ in places(own)))


def refuse_leftovers(subject: str, body: str, *, theirs: str = "") -> None:
    """Raises `BadInput` while a variable of ours stands in a mail that is about to go out.

    *theirs* is the subject that the customer wrote: what stands in it is not ours.
    """
    for where, text in (("subject", subject), ("mail", body)):
        if names := leftover(text, theirs):
            said = ", ".join(f"{{{{{name}}}}}" for name in names)
            it = "it" if len(names) == 1 else "them"
            raise BadInput(f"The {where} still says {said}. Fill {it} in or remove {it}.")


def faults(text: str) -> Iterator[Fault]:
    """What is wrong with the variables of a template, each with its line from 1."""
    for number, line in enumerate(text.split("\n"), 1):
        for found in _PLACE.finditer(line):
            if (name := found[1].strip()) not in VARIABLES:
                yield Fault(number, _unknown(name))
        if "{{" in _PLACE.sub("", line):
            yield Fault(number, "{{ begins a variable, but no }} ends it.")


def _unknown(name: str) -> str:
    close = get_close_matches(name.casefold(), VARIABLES, n=1, cutoff=0.5)
    if close:
        return f"{{{{{name}}}}} is no variable. Did you mean {{{{{close[0]}}}}}?"
    return f"{{{{{name}}}}} is no variable. There are {', '.join(VARIABLES)}."


def checked(template: Template, queues: Iterable[str]) -> Template:
    """*template* tidied, as it may be kept. Raises `BadInput` with one sentence.

    *queues* are the keys that the desk knows.
    """
    tidy = tidied(template)
    if problem := next(problems(tidy, frozenset(queues)), None):
        raise BadInput(problem[1])
    return tidy


def tidied(template: Template) -> Template:
    """Safe for a terminal, without spaces at ends and around the slashes of its folder; a note has
    no subject.
    """
    parts = (safe(part, multiline=False) for part in template.folder.split("/"))
    note = template.kind is TemplateKind.NOTE
    return replace(
        template,
        name=safe(template.name, multiline=False),
        folder="/".join(part for part in parts if part),
        subject="" if note else safe(template.subject, multiline=False),
        body=safe(template.body).strip("\n").rstrip(),
    )


def problems(template: Template, queues: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Field and sentence for everything that keeps a tidied template from being kept."""
    if not template.name:
        yield "name", "Give the template a name."
    lengths = {
        "name": (template.name, LONGEST_NAME),
        "folder": (template.folder, LONGEST_FOLDER),
        "subject": (template.subject, LONGEST_SUBJECT),
        "body": (template.body, LONGEST_BODY),
    }
    for field, (text, most) in lengths.items():
        if len(text) > most:
            yield field, f"The {WORDS[field]} is longer than {most:,} characters."
    if not template.body:
        yield "body", "Write the text of the template first."
    for queue in sorted(template.queues - queues):
        close = get_close_matches(queue, queues, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(sorted(queues))}."
        yield "queues", f"There is no queue {queue!r}. {hint}"
    for fault in faults(template.subject):
        yield "subject", f"In the subject: {fault.sentence}"
    for fault in faults(template.body):
        yield "body", str(fault).removeprefix("line 1: ") if _short(template) else str(fault)


def _short(template: Template) -> bool:
    return "\n" not in template.body


WORDS = {"name": "name", "folder": "folder", "subject": "subject", "body": "text"}


def slug(name: str, taken: Iterable[str]) -> str:
    """A key for a new template: its name in letters, digits and hyphens, unlike all in *taken*."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[: LONGEST_KEY - 4].strip("-")
    used, key, number = set(taken), plain or "template", 2
    while key in used:
        key, number = f"{plain or 'template'}-{number}", number + 1
    return key


def found(templates: Iterable[Template], words: str, limit: int) -> tuple[Template, ...]:
    """Those that hold all of *words* in name, folder or text; names that begin with them first."""
    wanted = words.casefold().split()
    ranked = []
    for template in templates:
        name, folder = template.name.casefold(), template.folder.casefold()
        everything = f"{name}\n{folder}\n{template.body.casefold()}"
        if all(word in everything for word in wanted):
            start = " ".join(wanted)
            inside = all(word in f"{folder} {name}" for word in wanted)
            rank = 0 if name.startswith(start) else 1 if inside else 2
            ranked.append((rank if wanted else 0, folder, name, template.id, template))
    return tuple(entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:-1])[:limit])


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do. With `problems` it does nothing. Names, in the file's order."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0
    problems: tuple[Fault, ...] = ()

    @property
    def sentence(self) -> str:
        """`2 new, 1 changed, 5 as they were.`"""
        parts = [f"{len(self.added)} new", f"{len(self.changed)} changed"]
        return f"{', '.join([*parts, f'{self.same} as they were'])}."
