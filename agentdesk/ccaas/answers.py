"""What a centre answered, and what its refusals mean. Source: docs/ccaas.md, *What goes wrong*."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from agentdesk.domain.ccaas.errors import (
    AuthExpired,
    CentreProblem,
    Forbidden,
    RateLimited,
    StaleSegment,
    Transient,
    UnknownThere,
)

LONGEST_WAIT_S = 3_600.0
LONGEST_WORDS = 200
AGAIN = "orders are tried again by themselves"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body (JSON as plain values; None: it is empty) and the centre's time, where it tells it.

    The names of `headers` are in lower case.
    """

    status: int
    body: Any = None
    at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """The kind of a refusal, of a token endpoint. Source: RFC 6749 §5.2."""
        return self._text("error")

    @property
    def said(self) -> str:
        """Its own words of a refusal, on one line and not too long."""
        return " ".join(self._text("message").split())[:LONGEST_WORDS].rstrip(".")

    def _text(self, name: str) -> str:
        value = self.body.get(name) if isinstance(self.body, dict) else None
        return str(value) if isinstance(value, str | int) else ""

    @property
    def retry_after(self) -> float | None:
        """Seconds that it asks to wait. Source: RFC 9110 §10.2.3, the number of seconds or a date."""
        said = self.headers.get("retry-after", "").strip()
        if not said:
            return None
        if said.isascii() and said.isdigit():
            return min(float(said), LONGEST_WAIT_S)
        then = moment_of(said)
        if then is None or self.at is None:
            return None
        return min(max((then - self.at).total_seconds(), 0.0), LONGEST_WAIT_S)


class Declined(CentreProblem):
    """What was asked does not fit, and the status does not say why: its words may."""


def moment_of(date: str) -> datetime | None:
    """The moment of an HTTP date, None where it is none."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def read(raw: bytes) -> Any:
    """The body as plain values. Raises `ValueError` where it is not JSON."""
    text = raw.decode("utf-8")
    try:
        return json.loads(text) if text.strip() else None
    except RecursionError as error:
        raise ValueError("nested without end") from error


def refusal(centre: str, answer: Answer) -> CentreProblem:
    """The error that a status from 300 on means, in a sentence with what to do."""
    status, said = answer.status, f" ({answer.said})" if answer.said else ""
    if status == 429:
        return RateLimited(f"{centre} asks for fewer requests: {AGAIN}.", answer.retry_after)
    if status in (408, 425) or status >= 500:
        said = said or f" (HTTP {status})"
        return Transient(f"{centre} has a problem of its own{said}: {AGAIN}.", answer.retry_after)
    if status < 400:
        return CentreProblem(
            f"{centre} answers from another place: look at its address in settings."
        )
    if status == 401:
        return AuthExpired(f"{centre} does not accept the sign-in: {AGAIN}, with a new one.")
    if status == 403:
        return Forbidden(
            f"{centre} does not allow this{said}: ask its administrator for the right."
        )
    if status in (404, 410):
        return UnknownThere(f"{centre} does not know this{said}: look it up there.")
    if status in (409, 412):
        return StaleSegment(f"{centre} has it in another state{said}: it is read again.")
    said = said or f" (HTTP {status})"
    return Declined(f"{centre} does not take what it was asked{said}: look there.")
