"""The section [linking]: how a mail finds the record that it belongs to."""

from typing import Literal

from pydantic import Field

from agentdesk.domain import rules
from agentdesk.domain.ladder import Unthreaded
from agentdesk.settings.section import Section


class Linking(Section):
    """How a mail finds the interaction or case that it belongs to."""

    threshold: float = Field(default=0.85, ge=0.5, le=1)
    """How sure the matcher must be before its choice among several open records is taken; 1 is certain.
    Below it the record that was opened last takes the mail."""
    link_unthreaded: Literal["off", "suggest", "link"] = "suggest"
    """What the matcher may do with a mail of a known customer that refers to nothing: suggest proposes a
    record with one key, link files the mail there."""
    notify_by_mail: bool = False
    """Also tell agents by mail, at their own address, when an answer to something closed comes into one
    of their interactions or cases."""


def rules_of(s: Linking) -> rules.Linking:
    """What the services know of it."""
    return rules.Linking(s.threshold, Unthreaded(s.link_unthreaded), s.notify_by_mail)
