"""What a sign-in gave: tokens, and until when they are good."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

EARLY = timedelta(minutes=5)
USUAL_LIFETIME = 3600


@dataclass(frozen=True, slots=True)
class Grant:
    """The tokens of one sign-in. `problem`: why the last refresh was refused; empty while it works.

    `client_id`: the application that they were given to; nobody else can refresh them.
    `client_secret`: Google's, kept with the tokens so that it is typed only once. `person`: who
    signed in, where the provider tells.
    """

    client_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    obtained_at: datetime
    expires_at: datetime
    person: str = ""
    client_secret: str = field(default="", repr=False)
    problem: str = ""

    def good_at(self, now: datetime, sooner: timedelta = timedelta(0)) -> bool:
        """Whether the access token need not be refreshed yet: five minutes before its end.

        *sooner* is added, so that processes do not all come at once. Of a short life half is used.
        """
        early = min(EARLY + sooner, (self.expires_at - self.obtained_at) / 2)
        return bool(self.access_token) and now < self.expires_at - early

    def alive_at(self, now: datetime) -> bool:
        """Whether the access token has not ended."""
        return bool(self.access_token) and now < self.expires_at

    def as_text(self) -> str:
        """For the store."""
        return json.dumps(asdict(self) | _times(self), separators=(",", ":"))


def from_text(text: str) -> Grant | None:
    """What `as_text` wrote; None for anything else."""
    try:
        data = json.loads(text)
        data |= {name: datetime.fromisoformat(data[name]) for name in ("obtained_at", "expires_at")}
        return Grant(**data)
    except (ValueError, TypeError, LookupError):
        return None


def from_answer(
    answer: dict[str, Any], client_id: str, now: datetime, before: Grant | None = None
) -> Grant:
    """The grant that a token endpoint's *answer* makes of the one *before*.

    A refresh token that is not replaced stays. Raises ValueError without a usable access token.
    """
    token = str(answer.get("access_token", ""))
    if not token or not token.isascii() or not token.isprintable():
        raise ValueError("there is no access token in the answer")
    lifetime = int(answer.get("expires_in") or USUAL_LIFETIME)
    claims = answer.get("id_token_claims") or {}
    return Grant(
        client_id=client_id,
        access_token=token,
        refresh_token=str(answer.get("refresh_token") or (before.refresh_token if before else "")),
        obtained_at=now,
        expires_at=now + timedelta(seconds=lifetime),
        person=str(claims.get("preferred_username") or (before.person if before else "")),
        client_secret=before.client_secret if before else "",
    )


def _times(grant: Grant) -> dict[str, str]:
    return {
        "obtained_at": grant.obtained_at.astimezone(UTC).isoformat(),
        "expires_at": grant.expires_at.astimezone(UTC).isoformat(),
    }
