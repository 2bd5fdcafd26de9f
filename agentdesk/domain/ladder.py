"""The ladder: to which record a mail belongs, decided rung by rung, with a sentence for each; pure.

Source: docs/linking.md, *The ladder*.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import floor
from typing import Self

from agentdesk.domain.ids import AccountId, CaseId, CustomerId, InteractionId, ThreadId
from agentdesk.domain.mail_identity import MailIdentity, extract_tokens, token_of

THRESHOLD = 0.85
"""The matcher's score from which its best record is taken. Source: the reference product."""


class Kind(StrEnum):
    """What a mail can belong to."""

    INTERACTION = "interaction"
    CASE = "case"


class Rung(StrEnum):
    """The rung of the ladder on which a mail was decided."""

    REPORT = "report"
    MOVED = "moved"
    TOKEN = "token"
    REFERENCE = "reference"
    NUMBER = "number"
    ITS_CASE = "its_case"
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
class Known:
    """An interaction or case that a mail may belong to.

    `participants` are the lower-case addresses that took part: customer, To and Cc of its mails.
    `case`: the case that a closed interaction became, or what took that over.
    """

    kind: Kind
    id: ThreadId
    number: str
    open: bool
    opened_at: datetime
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    participants: frozenset[str] = frozenset()
    case: Self | None = None

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

    `moved`: where messages lie that a person moved, by Message-ID. A token stands for the record in
    which the message lies that it came with. `reported`: the record of our mail that a delivery
    report names by our mark, and to whom it went. `last_written`: the record of our newest mail to a
    program's sender, or to whom it reports on.
    """

    tokens: Mapping[str, Known] = field(default_factory=dict)
    references: Mapping[str, Known] = field(default_factory=dict)
    numbers: Mapping[str, Known] = field(default_factory=dict)
    moved: Mapping[str, Known] = field(default_factory=dict)
    reported: Known | None = None
    last_written: Known | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Records around a mail: `related` to the closed one that it names, and open ones of its customer.

    Closed ones among them are ignored.
    """

    related: Sequence[Known] = ()
    of_customer: Sequence[Known] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a matcher said of each record by `Known.key`: its score, 0 to 1, and the words that counted."""

    matcher: str = ""
    scores: Mapping[tuple[Kind, int], float] = field(default_factory=dict)
    words: Mapping[tuple[Kind, int], str] = field(default_factory=dict)


NO_OPINION = Opinion()
NOTHING_AROUND = Around()


@dataclass(frozen=True, slots=True)
class Found:
    """The record that identifies a mail, before it is asked whether it is open; `cited` is the id."""

    rung: Rung
    record: Known
    reason: str
    cited: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """A record that was weighed, with the matcher's score and the words that counted."""

    record: Known
    score: float
    words: str = ""


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

    A message that a person moved decides before what stands behind it. A token or number counts only
    if its sender takes part in the record. The ids beside a refused token do not count for its record
    either, or they would let the mail in after all.
    """
    refused: set[tuple[Kind, int]] = set()
    for clue in _clues(mail, matches):
        if clue.record.key not in refused and _counts(clue, mail):
            return clue
        refused.add(clue.record.key)
    return None


def claimed(mail: MailIdentity, matches: Matches) -> bool:
    """Whether it names any record at all, be it one in which its sender takes no part."""
    return next(_clues(mail, matches), None) is not None


def contenders(found: Found | None, around: Around) -> tuple[Known, ...]:
    """The open records among which a matcher is to choose; empty where it has nothing to say.

    Nothing *found*: the records of the sender, be it a single one.
    """
    if found is None:
        return _open(around.of_customer)
    if found.record.open or _continued(found.record):
        return ()
    some = _open(around.related) or _open(around.of_customer)
    return () if _only_one(some) else some


def decide(
    mail: MailIdentity,
    matches: Matches,
    around: Around = NOTHING_AROUND,
    opinion: Opinion = NO_OPINION,
    *,
    threshold: float = THRESHOLD,
    unthreaded: Unthreaded = Unthreaded.SUGGEST,
) -> Link:
    """Where the mail goes.

    *around* is asked for only if what `identify` finds is closed, or if it finds nothing. What no
    person wrote stays with the mail that it answers, also in a closed record: it is only shown there,
    and changes nothing.
    """
    found = identify(mail, matches)
    if found is not None and found.record.open:
        return Link(found.rung, f"{found.reason}.", found.record)
    if found is not None and mail.automatic:
        reason = f"{found.reason}, which is closed; no person wrote it, so nothing is opened."
        return Link(found.rung, reason, found.record)
    if found is not None:
        return _beside_closed(found, around, opinion, threshold)
    claim = next(_clues(mail, matches), None)
    if claim is not None:
        return _flagged(mail, claim)
    if matches.last_written is not None and mail.answered_by_program:
        record = matches.last_written
        reason = f"It names no mail; our last one there went out in {record.number}."
        return Link(Rung.RECIPIENT, reason, record)
    return _unidentified(_weighed(_open(around.of_customer), opinion), threshold, unthreaded)


def _clues(mail: MailIdentity, matches: Matches) -> Iterator[Found]:
    """Everything in the mail that names a stored record, the strongest first."""
    if matches.reported is not None:
        sentence = f"It reports on our mail in {matches.reported.number}"
        yield Found(Rung.REPORT, matches.reported, sentence)
    yield from _moved(mail, matches)
    yield from _named(Rung.TOKEN, mail.tokens, matches.tokens, "It answers our mail in {}")
    yield from _named(
        Rung.REFERENCE, mail.cited, matches.references, "It refers to a message in {}"
    )
    yield from _named(Rung.NUMBER, mail.numbers, matches.numbers, "Its subject names {}")


def _named(
    rung: Rung, clues: Iterable[str], records: Mapping[str, Known], sentence: str
) -> Iterator[Found]:
    for clue in clues:
        if clue in records:
            yield Found(rung, records[clue], sentence.format(records[clue].number), clue)


def _moved(mail: MailIdentity, matches: Matches) -> Iterator[Found]:
    """The nearest cited message that a person moved, behind our own ones that are nearer."""
    for n, cited in enumerate(mail.cited):
        if cited in matches.moved:
            nearer = extract_tokens(mail.cited[:n])
            yield from _named(Rung.TOKEN, nearer, matches.tokens, "It answers our mail in {}")
            sentence = "It refers to a message that was moved to {}"
            yield from _named(Rung.MOVED, (cited,), matches.moved, sentence)
            return


def _counts(clue: Found, mail: MailIdentity) -> bool:
    ours = clue.rung is Rung.TOKEN or (clue.rung is Rung.MOVED and bool(token_of(clue.cited)))
    if clue.rung in (Rung.REPORT, Rung.REFERENCE, Rung.MOVED) and not ours:
        return True
    return clue.record.includes(mail) or (ours and mail.answered_by_program)


def _open(records: Iterable[Known]) -> tuple[Known, ...]:
    """The open ones, each once, newest first."""
    distinct = {record.key: record for record in records if record.open}.values()
    return tuple(sorted(distinct, key=lambda r: (r.opened_at, r.key), reverse=True))


def _weighed(records: Iterable[Known], opinion: Opinion) -> tuple[Considered, ...]:
    return tuple(
        Considered(r, opinion.scores.get(r.key, 0.0), opinion.words.get(r.key, "")) for r in records
    )


def _continued(record: Known) -> Known | None:
    """The open case that a closed interaction became."""
    return record.case if record.case is not None and record.case.open else None


def _only_one(records: Sequence[Known]) -> Known | None:
    """The only open interaction, else the only open case."""
    for kind in (Kind.INTERACTION, Kind.CASE):
        of_kind = [record for record in records if record.kind is kind]
        if len(of_kind) == 1:
            return of_kind[0]
    return None


def _beside_closed(found: Found, around: Around, opinion: Opinion, threshold: float) -> Link:
    """The ladder below a closed record. Source: research on the reference product, reply rules."""
    why, case = f"{found.reason}, which is closed", _continued(found.record)
    if case is not None:
        return Link(Rung.ITS_CASE, f"{why} and became {case.number}.", case)
    related = _open(around.related)
    some = related or _open(around.of_customer)
    if not some:
        reason = f"{why}; nothing related is open, so a new interaction continues it."
        return Link(Rung.NEW_WITH_PARENT, reason, parent=found.record)
    weighed, only = _weighed(some, opinion), _only_one(some)
    if only is None:
        return _one_of_several(why, weighed, threshold)
    rung = Rung.OPEN_CASE if only.kind is Kind.CASE else Rung.OPEN_INTERACTION
    of_what = "related to it" if related else "of its customer"
    reason = f"{why}; {only.number} is the only open {only.kind} {of_what}."
    return Link(rung, reason, only, considered=weighed)


def _one_of_several(why: str, weighed: tuple[Considered, ...], threshold: float) -> Link:
    best, newest = _best(weighed), weighed[0].record
    if best.score >= threshold:
        alike = f"of {len(weighed)} open records {best.record.number} matches best"
        reason = f"{why}; {alike} ({_told(best)})."
        return Link(Rung.BEST_SCORE, reason, best.record, considered=weighed)
    reason = (
        f"{why}; none of {len(weighed)} open records matches well enough "
        f"(best {_percent(best.score)}), so it goes to {newest.number}, opened last."
    )
    return Link(Rung.MOST_RECENT, reason, newest, considered=weighed)


def _told(considered: Considered) -> str:
    """The score, and what it comes from."""
    return ": ".join(filter(None, (_percent(considered.score), considered.words)))


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
    alike = f"{best.record.number} matches best ({_told(best)})"
    if unthreaded is Unthreaded.LINK:
        return Link(Rung.BEST_SCORE, f"{why}; {alike}.", best.record, considered=weighed)
    reason = f"{why}: a new interaction. {alike} and is proposed."
    return Link(Rung.NEW, reason, proposal=best.record, considered=weighed)
