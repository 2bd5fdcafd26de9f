"""The files that a mail brings: their numbers, names and bytes.

`Attachment.part` counts the leaves of the mail from 0; the files inside `winmail.dat` parts are
numbered after the last leaf, in their order. Numbers depend on the raw bytes alone, so one stored
with an attachment finds the same file whenever the mail is read again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from mimetypes import MimeTypes
from typing import Final

from agentdesk.domain.errors import Unparseable
from agentdesk.domain.message import Attachment
from agentdesk.mail.attached import head_of
from agentdesk.mail.names import media_type, name_for, safe_name, unique_name
from agentdesk.mail.parts import Part, read_tree
from agentdesk.mail.tnef import DamagedTnef, Tnef, TnefFile, read_tnef

TNEF_TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_MAX_CONTAINERS: Final = 3
_TYPES: Final = MimeTypes()


@dataclass(slots=True)
class Containers:
    """The `winmail.dat` parts of a mail that could be read. `opened` holds those parts, by `id`."""

    read: list[Tnef] = field(default_factory=list)
    opened: set[int] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    def files(self) -> Iterator[TnefFile]:
        """What lies in them, in their order."""
        for tnef in self.read:
            yield from tnef.files


def open_containers(leaves: Iterable[Part]) -> Containers:
    """Read the first `winmail.dat` parts; a damaged one stays a file of its own, with a warning."""
    containers = Containers()
    found = [leaf for leaf in leaves if _is_container(leaf)]
    for leaf in found[:_MAX_CONTAINERS]:
        try:
            containers.read.append(read_tnef(leaf.content))
        except DamagedTnef:
            containers.warnings.append("The file winmail.dat is damaged; it is kept as it came.")
        else:
            containers.opened.add(id(leaf))
    return containers


def _is_container(leaf: Part) -> bool:
    return leaf.type in TNEF_TYPES or (
        leaf.type == "application/octet-stream" and leaf.filename.lower() == "winmail.dat"
    )


def list_attachments(
    leaves: tuple[Part, ...], read: set[int], containers: Containers
) -> Iterator[Attachment]:
    """What is offered as a file. `read` are parts shown as text, by `id`."""
    taken: set[str] = set()
    for index, leaf in enumerate(leaves):
        if id(leaf) in read or id(leaf) in containers.opened:
            continue
        name = safe_name(leaf.filename) or _own_name(leaf, index)
        inline = leaf.disposition == "inline" or (
            "content-id" in leaf.headers and leaf.disposition != "attachment"
        )
        yield Attachment(
            unique_name(name, taken), len(leaf.content), media_type(leaf.type), index, inline
        )
    for index, file in enumerate(containers.files(), len(leaves)):
        name = safe_name(file.name) or f"attachment-{index + 1}.bin"
        type_ = media_type(file.type or _TYPES.guess_type(name)[0] or "")
        yield Attachment(unique_name(name, taken), len(file.content), type_, index, file.inline)


def attachment_bytes(raw: bytes, part: int) -> bytes:
    """The decoded content of the file that `Attachment.part` names.

    Raises `Unparseable` when *raw* has no such file. An attached mail comes as its own bytes.
    """
    root, _ = read_tree(raw)
    leaves = tuple(root.leaves())
    if 0 <= part < len(leaves):
        return leaves[part].content
    if part >= len(leaves):
        files = open_containers(leaves).files()
        for index, file in enumerate(files, len(leaves)):
            if index == part:
                return file.content
    raise Unparseable("The mail has no such attachment.")


def _own_name(leaf: Part, index: int) -> str:
    """A name for a part that brings none; an attached mail is called by its subject."""
    if leaf.type == "message/rfc822":
        return name_for(leaf.type, head_of(leaf).text("subject") or "message")
    if leaf.type == "text/calendar":
        return name_for(leaf.type, "invitation")
    if leaf.type in TNEF_TYPES:
        return "winmail.dat"
    return name_for(leaf.type, f"attachment-{index + 1}")
