"""Mails as the usual mail programs write them: each quotes what it answers in its own way."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from agentdesk.demo.people import Mailer
from agentdesk.domain.message import Address
from agentdesk.mail.compose import File, attribution, quote_original, reply_subject

_POLICY = SMTP.clone(max_line_length=998)  # References must not be folded into encoded words
_NAMES = {Mailer.GMAIL: "", Mailer.PLAIN: "Mutt/2.2.13"}
_NAMES |= {Mailer.OUTLOOK: "Microsoft Outlook 16.0", Mailer.APPLE: "Apple Mail (2.3826.400.131)"}
_GMAIL_STYLE = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"


@dataclass(frozen=True, slots=True)
class Answered:
    """The mail that is answered. `message_id` and `references` are bare ids."""

    sender: Address
    to: Address
    date: datetime
    subject: str
    text: str
    message_id: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody writes. `html` alone makes a mailing; `automatic` an answer by a program; `cites` is
    the id of an earlier mail that it refers to without quoting it.
    """

    sender: Address
    to: Address
    subject: str
    text: str
    message_id: str
    date: datetime
    files: tuple[File, ...] = ()
    answers: Answered | None = None
    automatic: bool = False
    html: str = ""
    cites: str = ""


def build(mailer: Mailer, w: Written) -> bytes:
    """The bytes of a mail as *mailer* writes it."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"], mail["To"] = _field(w.sender), _field(w.to)
    mail["Subject"] = reply_subject(w.answers.subject) if w.answers else w.subject
    mail["Date"] = format_datetime(w.date)
    mail["Message-ID"] = f"<{w.message_id}>"
    if w.answers:
        mail["In-Reply-To"] = f"<{w.answers.message_id}>"
        thread = (*w.answers.references, w.answers.message_id)
        mail["References"] = " ".join(f"<{i}>" for i in dict.fromkeys(thread))
    elif w.cites:
        mail["In-Reply-To"] = mail["References"] = f"<{w.cites}>"
    if _NAMES[mailer]:
        mail["X-Mailer"] = _NAMES[mailer]
    if w.html:
        mail["List-Unsubscribe"] = f"<mailto:leave@{w.sender.email.partition('@')[2]}>"
    if w.automatic:
        mail.replace_header("Subject", f"Automatic reply: {mail['Subject'].removeprefix('Re: ')}")
        mail["Auto-Submitted"] = "auto-replied"
    _add_body(mail, mailer, w)
    return mail.as_bytes()


def _field(address: Address) -> str:
    name = address.name.replace('"', "")
    return f'"{name}" <{address.email}>' if name else address.email


def _add_body(mail: EmailMessage, mailer: Mailer, w: Written) -> None:
    plain, html = (w.text, w.html) if w.html or w.automatic else _BODIES[mailer](w)
    mail.set_content(plain)
    if html:
        mail.add_alternative(html, subtype="html")
    for file in w.files:
        kind, _, detail = file.type.partition("/")
        mail.add_attachment(file.content, kind, detail, filename=file.name)
    if mail.is_multipart():  # the same mail has the same bytes
        for n, part in enumerate(p for p in mail.walk() if p.is_multipart()):
            part.set_boundary(hashlib.sha256(f"{w.message_id} {n}".encode()).hexdigest()[:28])


def _gmail(w: Written) -> tuple[str, str]:
    said = f'<div dir="ltr">{_paragraphs(w.text)}</div>'
    if w.answers is None:
        return w.text, said
    a = w.answers
    line = f"On {a.date:%a, %b} {a.date.day}, {a.date:%Y at %I:%M %p} {a.sender} wrote:"
    quoted = "\n".join(f"> {x}".rstrip() for x in a.text.rstrip().split("\n"))
    html = (
        f'{said}<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">{escape(line)}<br></div><blockquote class="gmail_quote" '
        f'style="{_GMAIL_STYLE}">{_paragraphs(a.text)}</blockquote></div>'
    )
    return f"{w.text}\n\n{line}\n\n{quoted}", html


def _outlook(w: Written) -> tuple[str, str]:
    said = f'<div class="WordSection1">{_paragraphs(w.text, "MsoNormal")}</div>'
    if w.answers is None:
        return w.text, said
    a = w.answers
    sent = f"{a.date:%A, %B} {a.date.day}, {a.date:%Y %I:%M %p}"
    fields = {"From": str(a.sender), "Sent": sent, "To": str(a.to), "Subject": a.subject}
    head = "\n".join(f"{name}: {value}" for name, value in fields.items())
    shown = "<br>".join(f"<b>{name}:</b> {escape(value)}" for name, value in fields.items())
    html = (
        f'{said}<div id="appendonsend"></div><hr style="display:inline-block;width:98%">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">{shown}</font></div>'
        f"<div>{_paragraphs(a.text)}</div>"
    )
    return f"{w.text}\n\n{'_' * 32}\n{head}\n\n{a.text.rstrip()}", html


def _apple(w: Written) -> tuple[str, str]:
    if w.answers is None:
        return w.text, ""
    a = w.answers
    line = f"On {a.date.day} {a.date:%b %Y, at %H:%M}, {a.sender} wrote:"
    quoted = "\n".join(f"> {x}".rstrip() for x in a.text.rstrip().split("\n"))
    return f"{w.text}\n\n> {line}\n> \n{quoted}", ""


def _plain(w: Written) -> tuple[str, str]:
    if w.answers is None:
        return w.text, ""
    said = attribution(w.answers.sender, w.answers.date)
    return f"{quote_original(w.answers.text, said)}\n\n{w.text}", ""


def _paragraphs(text: str, css: str = "") -> str:
    """HTML that shows *text* with its line ends."""
    mark = f' class="{css}"' if css else ""
    blocks = re.split(r"\n{2,}", text.strip())
    return "".join(f"<p{mark}>{escape(b).replace(chr(10), '<br>')}</p>" for b in blocks)


_BODIES: dict[Mailer, Callable[[Written], tuple[str, str]]] = {
    Mailer.GMAIL: _gmail,
    Mailer.OUTLOOK: _outlook,
    Mailer.APPLE: _apple,
    Mailer.PLAIN: _plain,
}
