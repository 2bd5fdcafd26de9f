"""A matcher is asked which of several records a mail belongs to.

Keywords answer within the transaction that files the mail, in a few milliseconds. A slower matcher is
asked before it (`services.advising`); its answer counts if the candidates are still the same then,
else keywords decide.
"""

from collections.abc import Sequence
from typing import Any

from agentdesk.ai.keywords import Keywords
from agentdesk.domain.ladder import Known, Opinion
from agentdesk.domain.matching import Conversation, Letter, Match
from agentdesk.domain.message import ParsedMail
from agentdesk.services.batch import Batch
from agentdesk.storage import links
from agentdesk.storage.links import LATEST
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.store import Transaction


async def opinion(
    b: Batch, located: Located, mail: ParsedMail, contenders: Sequence[Known]
) -> Opinion:
    """What a matcher says of *contenders*, inside the transaction that files the mail."""
    told = b.advice.get(located.id)
    if told is not None and set(told.scores) == {c.key for c in contenders}:
        return told
    conversations = await read(b.tx, contenders)
    return as_opinion(await Keywords().match(letter(b, located, mail), conversations), contenders)


def letter(b: Batch, located: Located, mail: ParsedMail) -> Letter:
    """A mail as a matcher sees it: what its writer says now."""
    at = located.internal_date or mail.date or b.now
    who = mail.sender
    return Letter(mail.subject, who.email, who.name, at, mail.latest_text)


def as_opinion(match: Match, contenders: Sequence[Known]) -> Opinion:
    """A matcher's answer by the keys of records."""
    keys = {c.number: c.key for c in contenders}
    known = [w for w in match.weighed if w.id in keys]
    scores = dict.fromkeys(keys.values(), 0.0) | {keys[w.id]: w.probability for w in known}
    return Opinion(match.matcher, scores, {keys[w.id]: w.why for w in known})


async def read(tx: Transaction, contenders: Sequence[Known]) -> list[Conversation]:
    """The conversations of *contenders*: subject, description, the first and the latest letters."""
    talks: dict[int, list[int]] = {}
    case_ids = [c.id for c in contenders if c.case_id is not None]
    for case_id, interaction_id in await links.talks_of(tx, case_ids):
        talks.setdefault(case_id, []).append(interaction_id)
    plain = [c.id for c in contenders if c.interaction_id is not None]
    rows = await links.letters(
        tx, [*plain, *(i for some in talks.values() for i in some)], case_ids
    )
    heads = await links.heads(tx, plain, case_ids)
    return [_conversation(c, {c.id, *talks.get(c.id, ())}, rows, heads[c.id]) for c in contenders]


def _conversation(record: Known, threads: set[int], rows: Sequence[Any], head: Any) -> Conversation:
    mine = [r for r in rows if (r.interaction_id or r.case_id) in threads]
    some = mine[:1] + mine[1:][-LATEST:]
    letters = tuple(
        Letter(r.subject, r.sender, r.sender_name, r.at, _own_words(r.text, r.latest)) for r in some
    )
    if not letters:
        letters = (Letter(head.subject, "", "", record.opened_at, head.description),)
    return Conversation(record.number, letters, head.subject, head.description)


def _own_words(text: str, latest: Sequence[Sequence[int]]) -> str:
    return "\n".join(text[start:end] for start, end in latest)
