"""The mails of the demo's past: real bytes, and the rows that services would have made of them."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from agentdesk.demo import mailers
from agentdesk.demo.documents import document, photo
from agentdesk.demo.letters import Matter, special
from agentdesk.demo.scripts import Step, Story
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address, Attachment, ParsedMail
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.mail import compose
from agentdesk.mail.compose import File
from agentdesk.mail.mime import understand
from agentdesk.mail.quoting import latest_spans
from agentdesk.storage import blobs

UIDVALIDITY = 1
REFERENCES = 20
Row = dict[str, Any]


@dataclass(slots=True)
class Thread:
    """One story's mails so far. `token` is that of the current interaction."""

    story: Story
    token: str = ""
    ids: list[str] = field(default_factory=list)
    last_in: mailers.Answered | None = None
    last_out: mailers.Answered | None = None


class Correspondence:
    """Every mail, as rows by table and packed contents. Ids come from reserved serials."""

    def __init__(
        self,
        ids: Mapping[str, Iterator[int]],
        mailboxes: Mapping[int, int],
        own: frozenset[str],
        rng: random.Random,
    ) -> None:
        self._ids, self._mailboxes, self._own, self._rng = ids, mailboxes, own, rng
        self.contents: list[blobs.Packed] = []
        self.messages: list[Row] = []
        self.outbox: list[Row] = []
        self.locations: list[Row] = []
        self.uids: dict[int, int] = {}

    def receive(
        self, t: Thread, i: Interaction, step: Step, account: Any
    ) -> tuple[int, ParsedMail]:
        """A customer's mail arrives in the account's mailbox; its message id, and what it says."""
        raw = self._customers_mail(t, step, Address(account.address, account.name))
        mail = understand(raw, own_addresses=self._own)
        key, sha = next(self._ids["messages"]), self._keep(raw)
        fields = {"to": mail.to, "cc": mail.cc, "reply_to": mail.reply_to}
        row = _row(key, i, sha, "inbound", mail, step.at)
        row["recipients"] = {k: [asdict(a) for a in v] for k, v in fields.items()}
        self.messages.append(row)
        self._locate(account.id, sha, step.at, key)
        t.ids.append(mail.message_id)
        if not step.automatic:
            to = Address(account.address, account.name)
            t.last_in = _answered(mail, to, step.at, tuple(t.ids[:-1]))
        return key, mail

    def _customers_mail(self, t: Thread, step: Step, to: Address) -> bytes:
        person, m = t.story.person, t.story.matter
        domain = person.email.partition("@")[2]
        html = special("newsletter").html if step.file == "mailing" else ""
        drawn = f"{self._rng.getrandbits(96):024x}@{domain}"
        w = mailers.Written(
            person.address,
            to,
            m.subject,
            step.text,
            t.story.first_id if t.story.first_id and not t.ids else drawn,
            step.at,
            _photos(m, step),
            t.last_out,
            step.automatic,
            html,
        )
        return mailers.build(person.mailer, w) if t.story.styled or html else _simply(w)

    def send(
        self, t: Thread, i: Interaction, step: Step, account: Any, agent: Any
    ) -> tuple[int, int]:
        """An agent's answer to the newest mail goes out; its message id and outbox id."""
        key = next(self._ids["messages"])
        sender = Address(account.address, f"{agent.name}, {account.name}")
        header = f"ad.{t.token}.{key}@{account.address.partition('@')[2]}"
        files = (document(step.file, t.story.matter.subject),) if step.file else ()
        letter = self._answer(t, i, step, agent, sender, header, files)
        raw = compose.build(letter)
        sha = self._keep(raw)
        mail = ParsedMail(
            letter.subject,
            sender,
            safe(letter.text),
            latest_spans(safe(letter.text), ()),
            date=step.at,
            message_id=header,
            references=letter.references,
            attachments=tuple(_attached(n, f) for n, f in enumerate(files)),
        )
        row = _row(key, i, sha, "outbound", mail, step.at)
        row["recipients"] = {"to": [asdict(a) for a in letter.to], "cc": [], "bcc": []}
        self.messages.append(row | {"agent_id": agent.id})
        t.ids.append(header)
        t.last_out = _answered(mail, letter.to[0], step.at, tuple(t.ids[:-1]))
        return key, self._sent(key, i, letter, agent.id, step.at)

    def _answer(
        self,
        t: Thread,
        i: Interaction,
        step: Step,
        agent: Any,
        sender: Address,
        header: str,
        files: tuple[File, ...],
    ) -> compose.Outgoing:
        """As the composer prepares it: signature, then the quoted original."""
        asked = t.last_in
        assert asked is not None
        line = compose.attribution(asked.sender, asked.date)
        quoted = compose.quote_original(asked.text, line)
        return compose.Outgoing(
            sender=sender,
            to=(asked.sender,),
            subject=compose.reply_subject(asked.subject),
            text=f"{step.text}\n\n-- \n{agent.signature.strip()}\n\n{quoted}",
            message_id=header,
            date=step.at,
            in_reply_to=asked.message_id,
            references=tuple(t.ids[-REFERENCES:]),
            attachments=files,
            headers=(("X-Agentdesk-ID", f"{i.number}.{header.split('.')[2].split('@')[0]}"),),
        )

    def _sent(
        self, key: int, i: Interaction, letter: compose.Outgoing, agent_id: int, at: datetime
    ) -> int:
        box = next(self._ids["outbox"])
        self.outbox.append(
            {
                "id": box,
                "mail_account_id": i.mail_account_id,
                "thread_id": i.id,
                "message_id": key,
                "agent_id": agent_id,
                "state": Delivery.SENT.value,
                "recipients": list(letter.recipients),
                "draft": {},
                "header_id": letter.message_id,
                "attempts": 1,
                "epoch": 1,
                "created_at": at,
                "changed_at": at,
            }
        )
        return box

    def _keep(self, raw: bytes) -> str:
        self.contents.append(blobs.pack(raw))
        return self.contents[-1].sha256

    def _locate(self, account_id: int, sha: str, at: datetime, message_id: int) -> None:
        """Where the mail lay, in a mailbox that is gone: the world's are new at every start."""
        mailbox = self._mailboxes[account_id]
        self.uids[mailbox] = self.uids.get(mailbox, 0) + 1
        self.locations.append(
            {
                "mailbox_id": mailbox,
                "uidvalidity": UIDVALIDITY,
                "uid": self.uids[mailbox],
                "sha256": sha,
                "state": "filed",
                "stored_at": at,
                "internal_date": at,
                "message_id": message_id,
            }
        )


def _photos(m: Matter, step: Step) -> tuple[File, ...]:
    """The picture that the matter is about, or a second one of it."""
    if not m.photo or not step.file.startswith("photo"):
        return ()
    return (photo(m.photo if step.file == "photo" else m.photo.replace(".", "-2.")),)


def _simply(w: mailers.Written) -> bytes:
    """A mail in plain text: most of the past needs no more."""
    a, text, references, subject = w.answers, w.text, tuple[str, ...](), w.subject
    if a is not None:
        references, subject = (*a.references, a.message_id), compose.reply_subject(a.subject)
        line = compose.attribution(a.sender, a.date)
        text = f"{w.text}\n\n{compose.quote_original(a.text, line)}"
    letter = compose.Outgoing(
        sender=w.sender,
        to=(w.to,),
        subject=subject,
        text=text,
        message_id=w.message_id,
        date=w.date,
        in_reply_to=a.message_id if a else "",
        references=references,
        attachments=w.files,
        auto_submitted="auto-replied" if w.automatic else "",
    )
    return compose.build(letter)


def _row(key: int, i: Interaction, sha: str, direction: str, mail: ParsedMail, at: datetime) -> Row:
    return {
        "id": key,
        "interaction_id": i.id,
        "case_id": None,
        "direction": direction,
        "kind": mail.kind.value,
        "sha256": sha,
        "header_id": mail.message_id,
        "sender": mail.sender.email,
        "sender_name": mail.sender.name,
        "subject": mail.subject,
        "text": mail.text,
        "latest": [[s.start, s.end] for s in mail.latest],
        "attachments": [asdict(a) for a in mail.attachments],
        "warnings": list(mail.warnings),
        "refs": list(mail.references),
        "date": mail.date,
        "at": at,
        "agent_id": None,
    }


def _attached(n: int, file: File) -> Attachment:
    return Attachment(file.name, len(file.content), file.type, n + 1)


def _answered(
    mail: ParsedMail, to: Address, at: datetime, references: tuple[str, ...]
) -> mailers.Answered:
    return mailers.Answered(
        mail.sender, to, at, mail.subject, mail.text, mail.message_id, references
    )
