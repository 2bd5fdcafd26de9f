"""What settings decide, as plain values: the services know these, never a settings file.

How work reaches agents is no part of it: that is `domain.policy`, which storage keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo

from agentdesk.domain.acknowledgement import AcknowledgementCaps
from agentdesk.domain.assistance import AiRules
from agentdesk.domain.case_rules import CaseRules
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ladder import THRESHOLD, Unthreaded
from agentdesk.domain.reminder import Reminders


@dataclass(frozen=True, slots=True)
class Linking:
    """How mails find their records. `notify_by_mail`: agents also hear by mail of what is linked to
    their closed threads.
    """

    threshold: float = THRESHOLD
    unthreaded: Unthreaded = Unthreaded.SUGGEST
    notify_by_mail: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Periods and choices of this desk. Defaults are those of docs/settings.md.

    A process that fell silent for `session_grace` is taken for gone.
    `zone`: where the desk's day begins; None is this machine's.
    `largest_file` and `largest_files`, in bytes, bound what one mail takes along.
    `interaction_per_agent_for`: from records of these kinds each agent writes in an interaction of
    their own (`contact`, `consumer`, `guest`, `account`). `silence_notice`: so long before an
    interaction is closed for silence, its owner hears of it.
    `markdown`: mails are written in Markdown and sent as text and HTML.
    """

    undo_send: timedelta = timedelta(seconds=10)
    hold_after_send: bool = True
    wrap_up: timedelta = timedelta(seconds=120)
    inbound_silence: timedelta = timedelta(days=5)
    outbound_silence: timedelta = timedelta(days=30)
    draft_silence: timedelta = timedelta(days=30)
    lock_lease: timedelta = timedelta(seconds=15)
    session_grace: timedelta = timedelta(seconds=60)
    own_addresses: frozenset[str] = field(default=frozenset())
    largest_file: int = 25 * 1024 * 1024
    largest_files: int = 25 * 1024 * 1024
    acknowledgement: AcknowledgementCaps = field(default=AcknowledgementCaps())
    zone: tzinfo | None = None
    interaction_per_agent_for: frozenset[str] = field(default=frozenset())
    markdown: bool = False
    silence_notice: timedelta = timedelta(days=1)
    reminders: Reminders = field(default=Reminders())
    linking: Linking = field(default=Linking())
    ai: AiRules = field(default=AiRules())
    cases: CaseRules = field(default=CaseRules())
    centres: Mapping[str, CentreRules] = field(default_factory=dict)
    address_queues: Mapping[str, str] = field(default_factory=dict)
    """The key of the queue by address, for the addresses of ours that have one of their own."""
