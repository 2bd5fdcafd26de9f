"""What a condition may ask about a piece of work: the fields, as data, and their values.

`FIELDS` is the documentation, too: docs/routing.md and the admin screen print it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What can be asked of a field. `TEXTS`: of several values one that fits is enough."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    FLAG = "yes or no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices`: the only values that it has; none: any."""

    name: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()


_ALL = (
    Field("subject", Kind.TEXT, "the subject of the interaction"),
    Field("text", Kind.TEXT, "what the writer says now, without quotes and signature"),
    Field("priority", Kind.NUMBER, "1 is the most urgent, 3 the usual one"),
    Field("direction", Kind.TEXT, "who wrote first", ("inbound", "outbound")),
    Field("channel", Kind.TEXT, "the key of the service channel"),
    Field("mail_account", Kind.TEXT, "the key of the mail account that the mail came to"),
    Field("sender", Kind.TEXT, "the address that the mail is from"),
    Field("to", Kind.TEXTS, "the addresses that the mail is to"),
    Field("cc", Kind.TEXTS, "the addresses that got a copy"),
    Field("size_kb", Kind.NUMBER, "the size of the whole mail in KB, attachments included"),
    Field("attachments", Kind.NUMBER, "how many files are attached; pictures in the text not"),
    Field(
        "kind",
        Kind.TEXT,
        "what kind of mail it is",
        ("normal", "list", "auto_reply", "bounce", "loop"),
    ),
    Field("customer.name", Kind.TEXT, "the customer's name"),
    Field("customer.email", Kind.TEXT, "the address that the customer wrote from"),
    Field("customer.domain", Kind.TEXT, "what follows the @ in it"),
    Field(
        "customer.kind",
        Kind.TEXT,
        "a contact of an account, a consumer, or a guest of whom only the address is known",
        ("contact", "consumer", "guest"),
    ),
    Field("customer.vip", Kind.FLAG, "an important customer"),
    Field("customer.language", Kind.TEXT, "such as en or es; empty when it is not known"),
    Field("customer.time_zone", Kind.TEXT, "such as Europe/Madrid; empty when it is not known"),
    Field("customer.known", Kind.FLAG, "they wrote to us, or were entered, before this mail"),
    Field("account.name", Kind.TEXT, "the company that the contact belongs to; else empty"),
)
FIELDS: Mapping[str, Field] = {f.name: f for f in _ALL}
HEADER = Field("header", Kind.TEXTS, 'a field of the mail\'s header: header["list-id"]')

Value = str | bool | int | float | Decimal | Collection[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """The values of one piece of work, folded so that comparing them needs no care for case.

    A text is a tuple of one or more. What was not given is empty, 0 or false.
    """

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, float | Decimal] = field(default_factory=dict)
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def having(self, *, priority: int | None = None, channel: str | None = None) -> "Facts":
        """The same, once it was decided what work they make."""
        numbers = self.numbers if priority is None else {**self.numbers, "priority": priority}
        texts = self.texts if channel is None else {**self.texts, "channel": (channel.casefold(),)}
        return Facts(texts, numbers, self.headers)


def facts(
    values: Mapping[str, Value], headers: Mapping[str, Collection[str]] | None = None
) -> Facts:
    """Facts from values by the name of their field; *headers* by name in lower case.

    Give only what the conditions name (`Condition.fields`): a long text is not folded for nothing.
    """
    texts: dict[str, tuple[str, ...]] = {}
    numbers: dict[str, float | Decimal] = {}
    for name, value in values.items():
        if isinstance(value, str):
            texts[name] = (value.casefold(),)
        elif isinstance(value, (bool, int, float, Decimal)):
            numbers[name] = value
        else:
            texts[name] = tuple(v.casefold() for v in value)
    folded = {k: tuple(v.casefold() for v in many) for k, many in (headers or {}).items()}
    return Facts(texts, numbers, folded)
