"""Real mails are understood as well as their collectors say. Floors are what was measured."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentdesk.domain.message import ParsedMail
from agentdesk.mail.mime import attachment_bytes, understand

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of real mails in {CORPUS}"),
]

Checks = Iterator[tuple[str, bool]]


def words(text: str) -> str:
    return " ".join(text.split())


def check_mime(truth: dict[str, Any], mail: ParsedMail) -> Checks:
    wanted = truth["mime"]
    known: dict[str, Callable[[Any], bool]] = {
        "subject": lambda value: mail.subject == words(value),
        "from": lambda value: mail.sender.email == value.lower(),
        "html": lambda value: mail.html_present == value,
        "natt": lambda value: len(mail.attachments) == value,
        "names": lambda value: sorted(a.name for a in mail.attachments) == sorted(value),
        "sizes": lambda value: sorted(a.size for a in mail.attachments) == sorted(value),
        "words": lambda value: set(value) <= set(re.findall(r"\w+", mail.text.lower())),
    }
    for name, check in known.items():
        if name in wanted:
            yield name, check(wanted[name])


def check_reply(truth: dict[str, Any], mail: ParsedMail) -> Checks:
    yield "reply", words(mail.latest_text) == words(truth["truth"]["reply"])
    for name, expected in (("contains", True), ("not_contains", False)):
        for part in truth["truth"].get(name, []):
            yield name, (part in mail.latest_text) is expected


def check_kind(truth: dict[str, Any], mail: ParsedMail) -> Checks:
    wanted = truth["truth"]
    yield "kind", mail.kind.value in {wanted["kind"], *wanted.get("kind_accept", [])}
    if wanted.get("recipients"):
        yield "recipient", mail.bounced_recipient in wanted["recipients"]
        yield "action", mail.bounce_action in {"failed", "delayed"}


CHECKS = {
    "mime": check_mime,
    "replies": check_reply,
    "bounces": check_kind,
    "autoreply": check_kind,
}
FLOORS = {
    "mime": {
        "subject": (113, 113),
        "from": (116, 116),
        "html": (118, 118),
        "natt": (113, 114),
        "names": (108, 108),
        "sizes": (99, 99),
        "words": (89, 91),
    },
    "replies": {"reply": (28, 30)},  # the two others keep a signature, which we leave out
    "bounces": {"kind": (42, 42), "recipient": (36, 37), "action": (37, 37)},
    "autoreply": {"kind": (3, 3)},
}


def items(task: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    for item in json.loads((CORPUS / "manifest.json").read_text())["items"]:
        if item["task"] == task:
            yield item, (CORPUS / item["path"].partition("/")[2]).read_bytes()


@pytest.mark.parametrize("task", FLOORS)
def test_real_mails_are_understood_at_least_as_well_as_measured(task: str) -> None:
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    wrong: list[str] = []
    for item, raw in items(task):
        for name, passed in CHECKS[task](item, understand(raw)):
            asked[name] += 1
            right[name] += passed
            wrong += [] if passed else [f"{name}: {item['path']}"]
    for name, (floor, total) in FLOORS[task].items():
        assert asked[name] == total, name
        assert right[name] >= floor, wrong


@pytest.mark.parametrize("task", FLOORS)
def test_every_attachment_of_a_real_mail_can_be_read(task: str) -> None:
    for _, raw in items(task):
        for attachment in understand(raw).attachments:
            assert len(attachment_bytes(raw, attachment.part)) == attachment.size
