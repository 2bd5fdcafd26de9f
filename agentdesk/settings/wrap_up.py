"""The sections on how an interaction ends: [wrap_up] and [inactivity]."""

from typing import Annotated

from pydantic import Field

from agentdesk.domain.setup import INACTIVITY, RESOLVED, TASK_CREATED, CodeSetup
from agentdesk.settings.section import Days, Key, Section, Text


class WrapUpCode(Section):
    """How an interaction ended."""

    key: Key
    """A short name; keep it, reports refer to it."""
    label: Text
    """The name on the screen."""
    default: bool = False
    """Taken when the countdown ends without a choice. Exactly one code is the default."""
    automatic: bool = False
    """Given by the desk only; agents cannot choose it."""


def _code(code: CodeSetup) -> WrapUpCode:
    return WrapUpCode(
        key=code.key, label=code.label, default=code.default, automatic=code.automatic
    )


CODES = (
    _code(RESOLVED),
    WrapUpCode(key="information_given", label="Information given"),
    WrapUpCode(key="passed_on", label="Passed on to another team"),
    WrapUpCode(key="duplicate", label="Duplicate"),
    WrapUpCode(key="spam", label="Spam"),
    _code(TASK_CREATED),
    _code(INACTIVITY),
)


class WrapUp(Section):
    """What happens between Close and Closed."""

    duration_s: Annotated[int, Field(ge=1, le=86400)] = 120
    """Seconds to choose a code before the default is taken."""
    codes: tuple[WrapUpCode, ...] = CODES
    """The tables [[wrap_up.codes]]; giving any replaces all the usual ones."""

    @property
    def default_code(self) -> WrapUpCode:
        """The code that is taken when nobody chooses."""
        return next(c for c in self.codes if c.default)


class Inactivity(Section):
    """When silence ends an interaction."""

    inbound_days: Days = 5
    """Days On Hold without an answer before an interaction that the customer began is closed."""
    outbound_days: Days = 30
    """Days On Hold without an answer before an interaction that we began is closed."""
    notice_days: Annotated[int, Field(ge=0, le=365)] = 1
    """Days before such a close its owner is told; 0 never tells."""
    draft_days: Days = 30
    """Days without touching the draft before an unsent interaction is abandoned."""
