"""What a decision about a mail leaves behind: events in the stream, and the decision itself."""

from agentdesk.domain.event import SYSTEM, By, Event, Happened
from agentdesk.domain.ids import MessageId
from agentdesk.domain.ladder import Link, Opinion, Rung
from agentdesk.domain.message import ParsedMail
from agentdesk.services.batch import Batch
from agentdesk.services.threads import Thread, about
from agentdesk.storage import links
from agentdesk.storage.people import Person

TOLD = frozenset(
    {Rung.MOVED, Rung.NUMBER, Rung.ITS_CASE, Rung.OPEN_INTERACTION, Rung.OPEN_CASE}
    | {Rung.BEST_SCORE, Rung.MOST_RECENT, Rung.RECIPIENT, Rung.FLAGGED}
)
"""The stream says why, in a line of its own."""

KEPT = frozenset(
    {Rung.ITS_CASE, Rung.OPEN_INTERACTION, Rung.OPEN_CASE, Rung.BEST_SCORE, Rung.MOST_RECENT}
    | {Rung.NEW_WITH_PARENT, Rung.FLAGGED}
)
"""More than a plain append: closed threads, several candidates, strangers."""


def told(
    b: Batch, thread: Thread, mail: ParsedMail, person: Person, message_id: int, link: Link
) -> None:
    """A mail came, and why it came here."""
    by = By.customer(mail.sender.name or mail.sender.email, person.customer_id)
    data = {"rung": link.rung.value, "why": link.reason, "kind": mail.kind.value}
    if mail.bounce_action:
        data["action"] = mail.bounce_action
    where, key = about(thread), MessageId(message_id)
    b.tx.record(Event(b.now, by, *where, Happened.MAIL_RECEIVED, data, message_id=key))
    if link.rung in TOLD:
        said = {"why": link.reason, "message": key, "to": link.target.number if link.target else ""}
        b.tx.record(Event(b.now, SYSTEM, *where, Happened.LINKED, said))
    if link.proposal is not None:
        best = next(c for c in link.considered if c.record.key == link.proposal.key)
        proposed = {
            "message": key,
            "thread": best.record.id,
            "number": best.record.number,
            "score": best.score,
            "words": best.words,
        }
        b.tx.record(Event(b.now, SYSTEM, *where, Happened.LINK_PROPOSED, proposed))


def keep(b: Batch, message_id: int, link: Link, opinion: Opinion) -> None:
    """Store the decision, if it was more than a plain append."""
    if link.rung in KEPT or link.considered:
        threshold = b.desk.rules.linking.threshold
        b.decisions.append(links.decision_row(message_id, link, b.now, opinion.matcher, threshold))
