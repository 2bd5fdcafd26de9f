"""What is known while a batch of mails is filed, and what will be written at its end."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.linking import Kind, Known
from agentdesk.domain.message import ParsedMail
from agentdesk.domain.qualification import Criteria
from agentdesk.domain.work import WorkItem
from agentdesk.services.acknowledging import Opening
from agentdesk.services.affinity import Wish
from agentdesk.services.desk import Desk
from agentdesk.services.matters import HeaderFields, Matter
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.people import Person
from agentdesk.storage.store import Transaction

NO_SUBJECT = "(no subject)"


@dataclass(slots=True)
class Batch:
    """One transaction's view. `by_header` and `own_mail` hold aliases of Message-IDs, too.

    `outbound` are rows of our own mails that reports or marks name; `records` by interaction id.
    `third_parties` take part only because a mail was passed on to them; `answered` says who wrote into
    an interaction as its customer. `known_emails` are of people who were there before; `headers` by
    content, where conditions ask.
    """

    desk: Desk
    tx: Transaction
    now: datetime
    ids: dict[str, list[int]]
    accounts: dict[int, Any]
    people: dict[str, Person]
    records: dict[int, Interaction]
    by_header: dict[str, list[InteractionId]]
    own_mail: dict[str, int]
    outbound: dict[int, Any]
    by_token: dict[str, InteractionId]
    by_number: dict[str, InteractionId]
    participants: dict[int, set[str]]
    third_parties: set[tuple[int, str]]
    criteria: Criteria
    known_emails: frozenset[str]
    headers: Mapping[str, HeaderFields]
    new_people: list[tuple[str, Person]] = field(default_factory=list)
    opened: list[tuple[Interaction, str, str]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    queued: list[Wish] = field(default_factory=list)
    rerouted: list[WorkItem] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    filed: list[tuple[int, int | None]] = field(default_factory=list)
    answered: dict[int, str] = field(default_factory=dict)
    joined: list[tuple[int, str]] = field(default_factory=list)
    aliases: list[tuple[str, int]] = field(default_factory=list)

    def next_id(self, table: str) -> int:
        """A key reserved for this batch."""
        return self.ids[table].pop()

    def known(self, i: Interaction) -> Known:
        """An interaction as linking sees it."""
        return Known(
            Kind.INTERACTION,
            i.id,
            i.number,
            not i.state.closed,
            i.opened_at,
            i.customer_id,
            i.account_id,
            frozenset(self.participants.get(i.id, ())),
        )

    def matter(self, located: Located, mail: ParsedMail, person: Person, account: str) -> Matter:
        """A mail of this batch as conditions see it; *account* is the key of its mail account."""
        return Matter(
            mail.subject or NO_SUBJECT,
            mail,
            person,
            account,
            known=mail.sender.email in self.known_emails,
            size=located.size,
            headers=self.headers.get(located.sha256, {}),
        )

    def remember_id(self, header_id: str, interaction_id: InteractionId) -> None:
        """A later mail of this batch may cite this Message-ID."""
        if header_id:
            self.by_header.setdefault(header_id, []).append(interaction_id)

    def take_part(self, interaction_id: InteractionId, emails: Iterable[str]) -> None:
        """These addresses are participants from now on."""
        others = {e for e in emails if e and e not in self.desk.rules.own_addresses}
        self.participants.setdefault(interaction_id, set()).update(others)
        self.joined += [(interaction_id, e) for e in others]


def ids_in(mails: Collection[ParsedMail]) -> set[str]:
    """Every Message-ID that the mails bear or cite."""
    return {
        i
        for mail in mails
        for i in (mail.message_id, *mail.aliases, *mail.in_reply_to, *mail.references)
        if i
    }
