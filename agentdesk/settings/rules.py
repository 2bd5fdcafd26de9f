"""What must hold between the sections of settings.toml, beside `routing_rules`. A broken rule
refuses the settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from agentdesk.domain.setup import INACTIVITY, TASK_CREATED
from agentdesk.settings import cases, contact_centres
from agentdesk.settings.mailboxes import one_spelling
from agentdesk.settings.problems import Loc, Trouble
from agentdesk.settings.routing_rules import repeats, unknown

if TYPE_CHECKING:
    from agentdesk.settings.root import Settings

Rule = Callable[["Settings"], Iterator[Trouble]]


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


def troubles(settings: Settings) -> Iterator[Trouble]:
    """Every broken rule, rule by rule."""
    for rule, sections in RULES:
        for trouble in rule(settings):
            yield trouble._replace(reads=frozenset(sections))


def _unique_keys(s: Settings) -> Iterator[Trouble]:
    lists: dict[tuple[str, ...], Sequence[_Keyed]] = {
        ("mail_accounts",): s.mail_accounts,
        ("wrap_up", "codes"): s.wrap_up.codes,
    }
    for loc, items in lists.items():
        keys = [item.key for item in items]
        for i in repeats(keys):
            yield Trouble(
                (*loc, i, "key"), f'is "{keys[i]}" a second time; each key may occur once'
            )


def _one_default_queue(s: Settings) -> Iterator[Trouble]:
    if len(s.queues) > 1 and not any(q.default for q in s.queues):
        yield Trouble(("queues",), "has no default; set default = true for exactly one queue")


def _known_queues(s: Settings) -> Iterator[Trouble]:
    known = [q.key for q in s.queues]
    for loc, key in _named_queues(s):
        if key and key not in known:
            yield Trouble(loc, unknown("queue", key, known))


def _named_queues(s: Settings) -> Iterator[tuple[Loc, str]]:
    """Every place of an account that names a queue."""
    for i, account in enumerate(s.mail_accounts):
        yield ("mail_accounts", i, "queue"), account.queue
        for j, other in enumerate(account.addresses):
            yield ("mail_accounts", i, "addresses", j, "queue"), other.queue
        for j, box in enumerate(account.imap.mailboxes):
            yield ("mail_accounts", i, "imap", "mailboxes", j, "queue"), box.queue


def _wrap_up_codes(s: Settings) -> Iterator[Trouble]:
    codes = s.wrap_up.codes
    defaults = [i for i, c in enumerate(codes) if c.default]
    if not defaults:
        yield Trouble(
            ("wrap_up", "codes"), "have no default; set default = true for exactly one code"
        )
    for i in defaults[1:]:
        first = codes[defaults[0]].key
        words = f'is true, but "{first}" is the default already'
        yield Trouble(("wrap_up", "codes", i, "default"), words)
    for i in defaults[:1]:
        if codes[i].automatic:
            words = "is true, but agents cannot choose the default then; remove it"
            yield Trouble(("wrap_up", "codes", i, "automatic"), words)


def _automatic_codes(s: Settings) -> Iterator[Trouble]:
    """The codes that the desk itself gives. Source: docs/architecture.md, *Wrap-up*."""
    codes = {code.key: i for i, code in enumerate(s.wrap_up.codes)}
    for needed in (TASK_CREATED, INACTIVITY):
        if needed.key not in codes:
            words = (
                f'lack "{needed.key}", which the desk gives itself; add it with automatic = true'
            )
            yield Trouble(("wrap_up", "codes"), words)
        elif not s.wrap_up.codes[codes[needed.key]].automatic:
            words = "is false, but the desk gives this code itself; set it to true"
            yield Trouble(("wrap_up", "codes", codes[needed.key], "automatic"), words)


def _own_addresses(s: Settings) -> Iterator[Trouble]:
    owner: dict[str, str] = {}
    for i, account in enumerate(s.mail_accounts):
        for address in sorted(account.own):
            if address in owner:
                words = f'and aliases name {address}, which belongs to "{owner[address]}" already'
                yield Trouble(("mail_accounts", i, "address"), words)
            owner.setdefault(address, account.key)
        mine = [a.lower() for a in (account.address, *account.aliases)]
        for j, other in enumerate(account.addresses):
            if other.address.lower() in mine:
                words = "stands in this account already; name it once"
                yield Trouble(("mail_accounts", i, "addresses", j, "address"), words)
            mine.append(other.address.lower())


def _own_mailboxes(s: Settings) -> Iterator[Trouble]:
    reader: dict[tuple[str, int, str, str], str] = {}
    for i, account in enumerate(s.mail_accounts):
        imap = account.imap
        for j, name in enumerate(imap.read):
            box = (imap.host.lower(), imap.port, account.imap_username, one_spelling(name))
            if box in reader:
                words = f'is the mailbox that "{reader[box]}" reads already; its mail would be filed twice'
                place: Loc = ("mailboxes", j - 1, "name") if j else ("mailbox",)
                yield Trouble(("mail_accounts", i, "imap", *place), words)
            reader.setdefault(box, account.key)


RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (_unique_keys, ()),
    (_one_default_queue, ("queues",)),
    (_known_queues, ("mail_accounts", "queues")),
    (_wrap_up_codes, ("wrap_up",)),
    (_automatic_codes, ("wrap_up",)),
    (_own_addresses, ("mail_accounts",)),
    (_own_mailboxes, ("mail_accounts",)),
    (cases.troubles, ("cases", "queues", "schedules")),
    (contact_centres.troubles, ("contact_centres", "queues", "wrap_up")),
)
