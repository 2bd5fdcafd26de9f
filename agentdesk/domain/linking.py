"""Linking: to which record a mail belongs, decided from what identifies it; pure.

Only headers count (reply token, In-Reply-To and References, a number in the subject), never what
stands in quoted text: the last watermark there belongs to the oldest mail. Every decision carries
its rung and a sentence. Source: docs/architecture.md, *Reply linking*.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import floor
from typing import Self

from agentdesk.domain.ids import AccountId, CaseId, CustomerId, InteractionId
from agentdesk.domain.message import MailKind, ParsedMail

THRESHOLD = 0.85
"""The matcher's score from which its best record is taken. Source: the reference product."""

_TOKEN = re.compile(r"<?(?:[^@<>]*\+)?ad\.([A-Za-z0-9_-]{22})\.[0-9]+@", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?<![^\W_])(?:IMS|CS)(?:[0-9]{7}|[1-9][0-9]{7,})(?!\w)", re.IGNORECASE)

_MARK = re.compile(r"(IMS[0-9]{7,12})\.([0-9]{1,15})", re.IGNORECASE)


def token_of(message_id: str) -> str:
    """The reply token in one of our Message-IDs or Reply-To addresses; empty where there is none.

    `ad.<22 url-safe characters>.<n>@domain`, also after a `+`. Always lower case, because addresses
    lose their case on the way: store and look up what this returns.
    """
    found = _TOKEN.match(message_id)
    return found[1].lower() if found else ""


def extract_tokens(ids: Iterable[str]) -> tuple[str, ...]:
    """The reply tokens in message ids or addresses, in their order, each once."""
    return tuple(dict.fromkeys(filter(None, map(token_of, ids))))


def extract_numbers(subject: str) -> tuple[str, ...]:
    """The record numbers in a subject, in their order, each once: `IMS0000123`, `CS0000007`."""
    return tuple(dict.fromkeys(found.upper() for found in _NUMBER.findall(subject)))


def extract_marks(marks: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Record number and message of each of our marks, `IMS0000123.7`, that is one."""
    found = (_MARK.fullmatch(mark.strip()) for mark in marks)
    return tuple((f[1].upper(), int(f[2])) for f in found if f)


class Kind(StrEnum):
    """What a mail can belong to."""

    INTERACTION = "interaction"
    CASE = "case"


class Rung(StrEnum):
    """The rung of the ladder on which a mail was decided."""

    REPORT = "report"
    TOKEN = "token"
    REFERENCE = "reference"
    NUMBER = "number"
    OPEN_INTERACTION = "open_interaction"
    OPEN_CASE = "open_case"
    BEST_SCORE = "best_score"
    MOST_RECENT = "most_recent"
    RECIPIENT = "recipient"
    NEW_WITH_PARENT = "new_with_parent"
    NEW = "new"
    FLAGGED = "flagged"


class Unthreaded(StrEnum):
    """What the matcher may do with a mail that nothing identifies. Setting: `link_unthreaded`."""

    OFF = "off"
    SUGGEST = "suggest"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """All that may identify a mail.

    `in_reply_to` and `references` are bare ids, `references` oldest first as in the header. `sender`
    is lower case. `customer_id` and `account_id` are the sender's, as far as they are known.
    `automatic`: no person's mail. `answered_by_program`: a report or an automatic reply, written by
    whoever our mail reached: its token counts whoever sends it, because it moves nothing.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: str
    subject: str
    tokens: tuple[str, ...]
    numbers: tuple[str, ...]
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    automatic: bool = False
    answered_by_program: bool = False

    @classmethod
    def of(
        cls,
        mail: ParsedMail,
        customer_id: CustomerId | None = None,
        account_id: AccountId | None = None,
    ) -> Self:
        """What identifies *mail*: the ids that it cites, its addressees, its subject and our marks.

        A mark (X-Agentdesk-ID) can be guessed, so it is worth as little as a number in the subject.
        """
        addressees = (address.email for address in (*mail.to, *mail.cc))
        reports = mail.kind is MailKind.BOUNCE  # its marks are checked against whom it names
        marks = () if reports else (number for number, _ in extract_marks(mail.desk_ids))
        cited = _newest_first(mail.in_reply_to, mail.references)
        return cls(
            mail.message_id,
            mail.in_reply_to,
            mail.references,
            mail.sender.email,
            mail.subject,
            extract_tokens((*cited, *addressees)),
            tuple(dict.fromkeys((*extract_numbers(mail.subject), *marks))),
            customer_id,
            account_id,
            mail.kind not in (MailKind.NORMAL, MailKind.LIST),
            mail.kind in (MailKind.BOUNCE, MailKind.AUTO_REPLY),
        )

    @property
    def cited(self) -> tuple[str, ...]:
        """The ids that it answers or refers to, the nearest first, each once."""
        return _newest_first(self.in_reply_to, self.references)


def _newest_first(in_reply_to: tuple[str, ...], references: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*in_reply_to, *reversed(references))))


@dataclass(frozen=True, slots=True)
class Known:
    """An interaction or case that a mail may belong to.

    `participants` are the lower-case addresses that took part: customer, To and Cc of its mails.
    """

    kind: Kind
    id: InteractionId | CaseId
    number: str
    open: bool
    opened_at: datetime
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    participants: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[Kind, int]:
        """Tells it from every other record; the key of scores."""
        return self.kind, self.id

    @property
    def interaction_id(self) -> InteractionId | None:
        """Its id if it is an interaction."""
        return InteractionId(self.id) if self.kind is Kind.INTERACTION else None

    @property
    def case_id(self) -> CaseId | None:
        """Its id if it is a case."""
        return CaseId(self.id) if self.kind is Kind.CASE else None

    def includes(self, mail: MailIdentity) -> bool:
        """Whether the sender takes part in it: as a participant, its customer or on its account."""
        return (
            mail.sender in self.participants
            or (mail.customer_id is not None and mail.customer_id == self.customer_id)
            or (mail.account_id is not None and mail.account_id == self.account_id)
        )


@dataclass(frozen=True, slots=True)
class Matches:
    """The stored records behind tokens, message ids and numbers; what is unknown is left out.

    `reported`: the record of our mail that a delivery report names by our mark, and to whom it went.
    `last_written`: the record of our newest mail to a program's sender, or to whom it reports on.
    """

    tokens: Mapping[str, Known] = field(default_factory=dict)
    references: Mapping[str, Known] = field(default_factory=dict)
    numbers: Mapping[str, Known] = field(default_factory=dict)
    reported: Known | None = None
    last_written: Known | None = None


Scores = Mapping[tuple[Kind, int], float]
"""The matcher's score of each record by `Known.key`, 0 to 1; 0 where it is missing."""


@dataclass(frozen=True, slots=True)
class Found:
    """The record that identifies a mail, before it is asked whether it is open."""

    rung: Rung
    record: Known
    reason: str


@dataclass(frozen=True, slots=True)
class Considered:
    """A record that was weighed, with the matcher's score."""

    record: Known
    score: float


@dataclass(frozen=True, slots=True)
class Link:
    """Where a mail goes and why.

    `target` None: a new interaction; it continues `parent` if that is set. `claimed` is the record
    that a flagged mail names without its sender taking part in it. `proposal` looks alike and may be
    linked with one key. `reason` is for people.
    """

    rung: Rung
    reason: str
    target: Known | None = None
    parent: Known | None = None
    claimed: Known | None = None
    proposal: Known | None = None
    considered: tuple[Considered, ...] = ()

    @property
    def flagged(self) -> bool:
        """A person should look: a token or number came from somebody who takes no part."""
        return self.claimed is not None


def meant(records: Sequence[Known], mail: MailIdentity) -> Known | None:
    """The record that one message id stands for.

    Programs repeat their ids. One that stands in several records means the one in which the sender
    takes part, and none to a stranger.
    """
    distinct = {record.key: record for record in records}
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    return next((record for record in distinct.values() if record.includes(mail)), None)


def identify(mail: MailIdentity, matches: Matches) -> Found | None:
    """The record that the mail names: by token, then by reference, then by number in the subject.

    A token or number counts only if its sender takes part in the record. The ids beside a refused
    token do not count for its record either, or they would let the mail in after all.
    """
    refused: set[tuple[Kind, int]] = set()
    for clue in _clues(mail, matches):
        if clue.record.key not in refused and _counts(clue, mail):
            return clue
        refused.add(clue.record.key)
    return None


def decide(
    mail: MailIdentity,
    matches: Matches,
    related: Iterable[Known] = (),
    *,
    scores: Scores | None = None,
    threshold: float = THRESHOLD,
    unthreaded: Unthreaded = Unthreaded.SUGGEST,
) -> Link:
    """Where the mail goes.

    *related* are the records around the one that `identify` finds, asked for only if that is
    closed; where nothing is found, the records of the sender. Closed ones among them are ignored.
    What no person wrote stays with the mail that it answers, also in a closed record: it is only
    shown there, and changes nothing.
    """
    found = identify(mail, matches)
    if found is not None and found.record.open:
        return Link(found.rung, f"{found.reason}.", found.record)
    if found is not None and mail.automatic:
        reason = f"{found.reason}, which is closed; no person wrote it, so nothing is opened."
        return Link(found.rung, reason, found.record)
    if found is not None:
        return _beside_closed(found, _weighed(related, scores or {}), threshold)
    claim = next(_clues(mail, matches), None)
    if claim is not None:
        return _flagged(mail, claim)
    if matches.last_written is not None and mail.answered_by_program:
        record = matches.last_written
        reason = f"It names no mail; our last one there went out in {record.number}."
        return Link(Rung.RECIPIENT, reason, record)
    return _unidentified(_weighed(related, scores or {}), threshold, unthreaded)


def _clues(mail: MailIdentity, matches: Matches) -> Iterator[Found]:
    """Everything in the mail that names a stored record, the strongest first."""
    if matches.reported is not None:
        sentence = f"It reports on our mail in {matches.reported.number}"
        yield Found(Rung.REPORT, matches.reported, sentence)
    rungs = (
        (Rung.TOKEN, mail.tokens, matches.tokens, "It answers our mail in {}"),
        (Rung.REFERENCE, mail.cited, matches.references, "It refers to a message in {}"),
        (Rung.NUMBER, mail.numbers, matches.numbers, "Its subject names {}"),
    )
    for rung, clues, records, sentence in rungs:
        for record in (records[clue] for clue in clues if clue in records):
            yield Found(rung, record, sentence.format(record.number))


def _counts(clue: Found, mail: MailIdentity) -> bool:
    if clue.rung in (Rung.REPORT, Rung.REFERENCE) or clue.record.includes(mail):
        return True
    return clue.rung is Rung.TOKEN and mail.answered_by_program


def _weighed(related: Iterable[Known], scores: Scores) -> tuple[Considered, ...]:
    """The open ones, each once, newest first."""
    records = {record.key: record for record in related if record.open}.values()
    newest_first = sorted(records, key=lambda r: (r.opened_at, r.key), reverse=True)
    return tuple(Considered(r, scores.get(r.key, 0.0)) for r in newest_first)


def _beside_closed(found: Found, weighed: tuple[Considered, ...], threshold: float) -> Link:
    """The ladder below a closed record. Source: research on the reference product, reply rules."""
    why = f"{found.reason}, which is closed"
    if not weighed:
        reason = f"{why}; nothing related is open, so a new interaction continues it."
        return Link(Rung.NEW_WITH_PARENT, reason, parent=found.record)
    for rung, kind in ((Rung.OPEN_INTERACTION, Kind.INTERACTION), (Rung.OPEN_CASE, Kind.CASE)):
        of_kind = [c.record for c in weighed if c.record.kind is kind]
        if len(of_kind) == 1:
            reason = f"{why}; {of_kind[0].number} is the only open {kind} related to it."
            return Link(rung, reason, of_kind[0], considered=weighed)
    return _one_of_several(why, weighed, threshold)


def _one_of_several(why: str, weighed: tuple[Considered, ...], threshold: float) -> Link:
    best, newest = _best(weighed), weighed[0].record
    if best.score >= threshold:
        number = best.record.number
        reason = (
            f"{why}; of {len(weighed)} open records {number} matches best ({_percent(best.score)})."
        )
        return Link(Rung.BEST_SCORE, reason, best.record, considered=weighed)
    reason = (
        f"{why}; none of {len(weighed)} open records matches well enough "
        f"(best {_percent(best.score)}), so it goes to {newest.number}, opened last."
    )
    return Link(Rung.MOST_RECENT, reason, newest, considered=weighed)


def _percent(score: float) -> str:
    """Rounded down, so that a score below the threshold never looks like it."""
    return f"{floor(score * 100 + 1e-9)} %"


def _best(weighed: tuple[Considered, ...]) -> Considered:
    """The highest score; among equals the newest, which stands first."""
    return max(weighed, key=lambda considered: considered.score)


def _flagged(mail: MailIdentity, claim: Found) -> Link:
    reason = (
        f"{claim.reason}, but {mail.sender} is no participant and not on the account: "
        "a new interaction, until a person links it."
    )
    return Link(Rung.FLAGGED, reason, claimed=claim.record)


def _unidentified(
    weighed: tuple[Considered, ...], threshold: float, unthreaded: Unthreaded
) -> Link:
    why = "It refers to nothing known"
    best = _best(weighed) if weighed else None
    if best is None or best.score < threshold or unthreaded is Unthreaded.OFF:
        return Link(Rung.NEW, f"{why}: a new interaction.", considered=weighed)
    alike = f"{best.record.number} matches best ({_percent(best.score)})"
    if unthreaded is Unthreaded.LINK:
        return Link(Rung.BEST_SCORE, f"{why}; {alike}.", best.record, considered=weighed)
    reason = f"{why}: a new interaction. {alike} and is proposed."
    return Link(Rung.NEW, reason, proposal=best.record, considered=weighed)
