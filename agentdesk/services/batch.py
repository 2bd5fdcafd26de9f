"""What is known while a batch of mails is filed, and what will be written at its end."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentdesk.domain.case import Case
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.ladder import Kind, Known, Opinion
from agentdesk.domain.message import ParsedMail
from agentdesk.domain.qualification import Criteria
from agentdesk.domain.work import WorkItem
from agentdesk.services.acknowledging import Opening
from agentdesk.services.affinity import Wish
from agentdesk.services.ccaas.handover import Handed
from agentdesk.services.desk import Desk
from agentdesk.services.matters import HeaderFields, Matter
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.people import Person
from agentdesk.storage.store import Transaction

NO_SUBJECT = "(no subject)"


@dataclass(slots=True)
class Batch:
    """One transaction's view. `by_header` and `own_mail` hold aliases of Message-IDs, too.

    `by_header`, `by_own` (token and number of one of our messages), `by_token` and `by_number` lead to
    ids of threads; `records` are the interactions by id, `cases` the cases, with what they were merged
    into. `moved`: Message-IDs of messages that a person moved. `outbound` are rows of our own mails
    that reports or marks name. `open_of`: what the senders have open, once somebody asked. `advice`:
    what a matcher said before this transaction, by the id of the stored mail. `noticed`: into which
    threads unexpected answers came, of which their owners hear by mail, and how many.
    `third_parties` take part only because a mail was passed on to them; `answered` says who wrote into
    an interaction as its customer. `known_emails` are of people who were there before; `headers` by
    content, where conditions or contact centres ask. `handed` are new ones that a centre routes.
    """

    desk: Desk
    tx: Transaction
    now: datetime
    ids: dict[str, list[int]]
    accounts: dict[int, Any]
    people: dict[str, Person]
    records: dict[int, Interaction]
    cases: dict[int, Case]
    by_header: dict[str, list[int]]
    moved: set[str]
    own_mail: dict[str, int]
    outbound: dict[int, Any]
    by_own: dict[tuple[str, int], int]
    by_token: dict[str, int]
    by_number: dict[str, int]
    participants: dict[int, set[str]]
    third_parties: set[tuple[int, str]]
    criteria: Criteria
    known_emails: frozenset[str]
    headers: Mapping[str, HeaderFields]
    new_people: list[tuple[str, Person]] = field(default_factory=list)
    opened: list[tuple[Interaction, str, str]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    queued: list[Wish] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    rerouted: list[WorkItem] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    filed: list[tuple[int, int | None]] = field(default_factory=list)
    answered: dict[int, str] = field(default_factory=dict)
    joined: list[tuple[int, str]] = field(default_factory=list)
    aliases: list[tuple[str, int]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    advice: Mapping[int, Opinion] = field(default_factory=dict)
    open_of: dict[CustomerId, list[Interaction | Case]] | None = None
    proposals: int = 0
    noticed: dict[int, int] = field(default_factory=dict)

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
            self.at(i.case_id) if i.case_id is not None else None,
        )

    def known_case(self, c: Case) -> Known:
        """A case as linking sees it. Who took part in what was merged into it takes part in it."""
        merged = [key for key in self.cases if self.survivor(key).id == c.id]
        emails = (e for key in (c.id, *merged) for e in self.participants.get(key, ()))
        return Known(
            Kind.CASE,
            c.id,
            c.number,
            not c.state.closed,
            c.opened_at,
            c.customer_id,
            c.account_id,
            frozenset(emails),
        )

    def survivor(self, case_id: int) -> Case:
        """The case that took this one over, through all merges; itself where none did."""
        seen: set[int] = set()
        while (into := self.cases[case_id].merged_into) in self.cases and case_id not in seen:
            seen.add(case_id)
            case_id = into or case_id
        return self.cases[case_id]

    def at(self, thread_id: int) -> Known | None:
        """The record of this thread; of a merged case what took it over; None if it was not read."""
        if thread_id in self.records:
            return self.known(self.records[thread_id])
        return self.known_case(self.survivor(thread_id)) if thread_id in self.cases else None

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

    def remember_id(self, header_id: str, thread_id: int) -> None:
        """A later mail of this batch may cite this Message-ID."""
        if header_id:
            self.by_header.setdefault(header_id, []).append(thread_id)

    def take_part(self, thread_id: int, emails: Iterable[str]) -> None:
        """These addresses are participants from now on."""
        others = {e for e in emails if e and e not in self.desk.rules.own_addresses}
        self.participants.setdefault(thread_id, set()).update(others)
        self.joined += [(thread_id, e) for e in others]


def thread_of(row: Any) -> int | None:
    """The id of the interaction or case that a row of messages lies in."""
    found = row.case_id if row.interaction_id is None else row.interaction_id
    return int(found) if found is not None else None


def ids_in(mails: Collection[ParsedMail]) -> set[str]:
    """Every Message-ID that the mails bear or cite."""
    return {
        i
        for mail in mails
        for i in (mail.message_id, *mail.aliases, *mail.in_reply_to, *mail.references)
        if i
    }
