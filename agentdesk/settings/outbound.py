"""The section [outbound]: mail that the desk writes first, and how mails are written."""

from typing import Literal

from agentdesk.settings.section import Section

Kind = Literal["contact", "consumer", "guest", "account"]


class Outbound(Section):
    """Mail that the desk writes first, and how mails are written."""

    interaction_per_agent_for: tuple[Kind, ...] = ()
    """Records from which each agent writes in an interaction of their own; from all others colleagues
    share one, which belongs to who wrote last."""
    markdown: bool = False
    """Write mails in Markdown; they are sent as text and HTML."""
