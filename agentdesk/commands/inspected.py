"""How the desk understands one mail, as a JSON object for programs and as lines for people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentdesk.commands.mail_files import NoBytes, content
from agentdesk.domain.errors import Unparseable
from agentdesk.domain.message import MailKind, ParsedMail, Span, Verdict
from agentdesk.domain.quarantine import Cause
from agentdesk.domain.text import safe
from agentdesk.mail.mime import understand

_KINDS = {
    MailKind.NORMAL: "a person's mail",
    MailKind.AUTO_REPLY: "an automatic reply",
    MailKind.LIST: "a mailing list or mass mail",
    MailKind.LOOP: "our own mail, or one that runs in a circle",
}
_KILOBYTE = 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line. `own_addresses` are lower case."""

    as_json: bool = False
    authserv_id: str = ""
    own_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Inspected:
    """A path and the mail in it, or why there is none: a word for programs, a sentence for people."""

    path: str
    mail: ParsedMail | None
    error: str | None = None
    sentence: str = ""


def inspected(path: str, wanted: Wanted) -> str:
    """What the desk understands of the mail in *path*: one line of JSON, or lines for people."""
    found = _inspect(path, wanted)
    return json.dumps(_as_object(found)) if wanted.as_json else "\n".join(_lines(found)) + "\n"


def given_up(path: str, wanted: Wanted) -> str:
    """As `inspected`, for a mail that took its reader down."""
    found = _Inspected(path, None, Cause.PARSE, "Reading it failed.")
    return json.dumps(_as_object(found)) if wanted.as_json else "\n".join(_lines(found)) + "\n"


def _inspect(path: str, wanted: Wanted) -> _Inspected:
    try:
        raw = content(path)
        own, server = wanted.own_addresses, wanted.authserv_id
        return _Inspected(path, understand(raw, own_addresses=own, authserv_id=server))
    except NoBytes as error:
        return _Inspected(path, None, error.word, str(error))
    except Unparseable as error:
        return _Inspected(path, None, Cause.PARSE, str(error))
    except Exception as error:  # a defect of a parser must not stop the others
        return _Inspected(path, None, Cause.PARSE, f"Reading it failed: {type(error).__name__}.")


def _as_object(found: _Inspected) -> dict[str, Any]:
    """The keys are a promise to programs. Texts are empty where there is none; facts are null."""
    mail = found.mail
    return {
        "path": found.path,
        "subject": mail.subject if mail else "",
        "from": mail.sender.email if mail else "",
        "to": [a.email for a in mail.to] if mail else [],
        "date": mail.date.isoformat() if mail and mail.date else None,
        "message_id": mail.message_id if mail else "",
        "text": mail.text if mail else "",
        "html_present": mail.html_present if mail else False,
        "reply_text": mail.latest_text if mail else "",
        "attachments": [
            {"name": a.name, "size": a.size, "type": a.type}
            for a in (mail.attachments if mail else ())
        ],
        "kind": mail.kind.value if mail else None,
        "bounced_recipient": (mail.bounced_recipient or None) if mail else None,
        "bounce_status": (mail.bounce_status or None) if mail else None,
        "auth": (mail.auth.verdict if mail else Verdict.NONE).value,
        "error": found.error,
    }


def _lines(found: _Inspected) -> Iterator[str]:
    mail = found.mail
    if mail is None:
        yield safe(found.path, multiline=False)
        yield f"  error     {found.sentence}"
        return
    yield mail.subject or "(no subject)"
    for name, value in _facts(found.path, mail):
        yield f"  {name:<9} {value}"
    yield ""
    yield from (f"  {line}".rstrip() for line in mail.latest_text.split("\n"))
    if folded := sum(_lines_around(mail)):
        lines = "1 line" if folded == 1 else f"{folded} lines"
        yield f"  [{lines} of quotes and signature]"


def _facts(path: str, mail: ParsedMail) -> Iterator[tuple[str, str]]:
    yield "file", safe(path, multiline=False)
    yield "from", str(mail.sender)
    yield "to", ", ".join(map(str, mail.to)) or "nobody"
    if mail.cc:
        yield "copy", ", ".join(map(str, mail.cc))
    yield "date", mail.date.strftime("%Y-%m-%d %H:%M UTC") if mail.date else "none"
    yield "id", mail.message_id or "none"
    yield "kind", _kind(mail)
    yield "sender is", _checked(mail)
    yield from (("notice", sentence) for sentence in mail.notices)
    yield from (("warning", sentence) for sentence in mail.warnings)
    for file in mail.attachments:
        yield "attached", f"{file.name}, {file.type}, {_size(file.size)}"


def _kind(mail: ParsedMail) -> str:
    if mail.kind is not MailKind.BOUNCE:
        return _KINDS[mail.kind]
    who = mail.bounced_recipient or "somebody"
    what = "delayed" if mail.bounce_action == "delayed" else "not delivered"
    status = f" ({mail.bounce_status})" if mail.bounce_status else ""
    return f"a bounce: mail to {who} was {what}{status}"


def _checked(mail: ParsedMail) -> str:
    auth = mail.auth
    verdicts = {
        Verdict.PASS: "confirmed",
        Verdict.FAIL: "refuted",
        Verdict.NONE: "neither confirmed nor refuted",
    }
    words = ", ".join(f"{m} {w}" for m in ("dmarc", "spf", "dkim") if (w := getattr(auth, m)))
    return verdicts[auth.verdict] + (f" ({words})" if words else "")


def _lines_around(mail: ParsedMail) -> Iterator[int]:
    """How many lines stand before, between and after the pieces of the latest message."""
    position = 0
    for span in (*mail.latest, Span(len(mail.text), len(mail.text))):
        lines = mail.text[position : span.start].strip().split("\n")
        yield len(lines) if lines != [""] else 0
        position = span.end


def _size(count: int) -> str:
    if count < _KILOBYTE:
        return f"{count} bytes"
    if count < _KILOBYTE**2:
        return f"{count // _KILOBYTE} KB"
    return f"{count / _KILOBYTE**2:.1f} MB"
