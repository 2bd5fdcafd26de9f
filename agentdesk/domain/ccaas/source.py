"""Who routes an interaction: decided once, when its first mail is filed, and never changed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.policy import QueueSetup

OWN_ROUTING: Final = "awa"
"""`Interaction.routing_source` of what the desk routes itself."""
LONGEST_ID: Final = 200


@dataclass(frozen=True, slots=True)
class Source:
    """`routing` is "awa" or a centre's key. `claim`: the conversation that the mail says it belongs to;
    only a snapshot of the centre makes it true.
    """

    routing: str = OWN_ROUTING
    claim: str = ""


def source(
    headers: Mapping[str, Sequence[str]],
    queue: QueueSetup | None,
    centres: Mapping[str, CentreRules],
) -> Source:
    """A mail that names a conversation of a centre is that centre's; else its queue decides.

    *headers*: the fields of `id_headers`, by name in lower case.
    """
    for key, rules in sorted(centres.items()):
        claims = headers.get(rules.id_header, ()) if rules.id_header else ()
        if claim := next((c for c in map(_claim, claims) if c), ""):
            return Source(key, claim)
    return Source(queue.external) if queue is not None and queue.external else Source()


def id_headers(centres: Mapping[str, CentreRules]) -> frozenset[str]:
    """The header fields in which a mail may name its conversation."""
    return frozenset(rules.id_header for rules in centres.values() if rules.id_header)


def _claim(said: str) -> str:
    """An id is one short word; everything else names nothing."""
    word = said.strip().strip("<>")
    short = len(word) <= LONGEST_ID and word.isprintable()
    return word if short and not any(c.isspace() for c in word) else ""
