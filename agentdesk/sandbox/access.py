"""Who may speak: OAuth clients, codes with PKCE, tokens with their end, and 300 requests a minute for each.

Sources: RFC 6749, RFC 7636 (S256 only); the limits are Genesys Cloud's published ones.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from agentdesk.sandbox.refusals import NotSignedIn, Refused, TooMany

TOKEN_S = 86_399
CODE_S = 60
REQUESTS_PER_MINUTE = 300
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class BadGrant(Refused):
    """The token endpoint's refusal; `code` is an error of RFC 6749 §5.2."""

    code = "invalid_grant"


class BadClient(BadGrant):
    """Unknown client or wrong secret."""

    status, code = 401, "invalid_client"


@dataclass
class Client:
    """An application. A service has a secret; a desk has none and signs in its agents by PKCE."""

    id: str
    secret_hash: str = ""


@dataclass
class Token:
    """Access for a client, or for an agent by it; only its hash is kept."""

    client: str
    expires: datetime
    agent: str | None = None
    refresh_hash: str = ""


@dataclass
class Grant:
    """A code that waits to be exchanged once."""

    client: str
    agent: str
    redirect: str
    challenge: str
    expires: datetime


@dataclass
class Keys:
    """What is kept of it."""

    clients: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)


@dataclass(frozen=True)
class Issued:
    """A fresh token in clear, told once."""

    access: str
    refresh: str
    seconds: int = TOKEN_S


def hashed(secret: str) -> str:
    """What is kept instead of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier. Source: RFC 7636 §4.2."""
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Access:
    """Checks and hands out tokens."""

    def __init__(self, keys: Keys, now: Callable[[], datetime]) -> None:
        self.keys = keys
        self._now = now
        self._minutes: dict[str, tuple[int, int]] = {}

    def check_redirect(self, client_id: str, redirect: str) -> None:
        """A code goes to this machine only. Raises `BadClient`, `BadGrant`. Source: RFC 8252 §7.3."""
        client = self.keys.clients.get(client_id)
        if client is None or client.secret_hash:
            raise BadClient("This client cannot sign agents in.")
        where = urlsplit(redirect)
        if where.scheme != "http" or where.hostname not in LOOPBACK:
            raise BadGrant("The redirect address must be http on 127.0.0.1 or localhost.")

    def authorize(self, client: str, agent: str, redirect: str, challenge: str) -> str:
        """A code for an agent who agreed. Raises `BadClient`, `BadGrant`."""
        self.check_redirect(client, redirect)
        if not challenge:
            raise BadGrant("A code challenge (S256) is required.")
        code = secrets.token_urlsafe(24)
        expires = self._now() + timedelta(seconds=CODE_S)
        self.keys.grants[hashed(code)] = Grant(client, agent, redirect, challenge, expires)
        return code

    def exchange(self, client: str, code: str, redirect: str, verifier: str) -> Issued:
        """A code for a token, once. Raises `BadGrant`."""
        grant = self.keys.grants.pop(hashed(code), None)
        if grant is None or grant.expires <= self._now():
            raise BadGrant("The code is unknown, used or expired.")
        if (grant.client, grant.redirect) != (client, redirect):
            raise BadGrant("The code was given to another client or address.")
        if not hmac.compare_digest(grant.challenge, challenge_of(verifier)):
            raise BadGrant("The code verifier does not match.")
        return self._issue(client, grant.agent)

    def client_credentials(self, client_id: str, secret: str) -> Issued:
        """A token for a service. Raises `BadClient`."""
        client = self.keys.clients.get(client_id)
        if client is None or not client.secret_hash:
            raise BadClient("The client is unknown.")
        if not hmac.compare_digest(client.secret_hash, hashed(secret)):
            raise BadClient("The client's secret is wrong.")
        return self._issue(client_id, None)

    def refresh(self, client: str, refresh: str) -> Issued:
        """A new token for an old one's refresh token, which ends with it. Raises `BadGrant`."""
        for key, token in self.keys.tokens.items():
            if token.refresh_hash == hashed(refresh) and token.client == client:
                del self.keys.tokens[key]
                return self._issue(client, token.agent)
        raise BadGrant("The refresh token is unknown or was used.")

    def _issue(self, client: str, agent: str | None) -> Issued:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32) if agent else ""
        kept = Token(client, self._now() + timedelta(seconds=TOKEN_S), agent)
        kept.refresh_hash = hashed(refresh) if refresh else ""
        self.keys.tokens[hashed(access)] = kept
        return Issued(access, refresh)

    def holder(self, bearer: str) -> Token:
        """Whose token it is; each call counts against the limit. Raises `NotSignedIn`, `TooMany`."""
        key = hashed(bearer)
        token = self.keys.tokens.get(key)
        if token is None or token.expires <= self._now():
            raise NotSignedIn("Invalid login credentials.")
        self._count(key)
        return token

    def _count(self, key: str) -> None:
        seconds = int(self._now().timestamp())
        minute, used = self._minutes.get(key, (0, 0))
        used = used + 1 if minute == seconds // 60 else 1
        self._minutes[key] = (seconds // 60, used)
        if used > REQUESTS_PER_MINUTE:
            wait = 60 - seconds % 60
            said = f"Rate limit exceeded the maximum. Retry the request in [{wait}] seconds"
            raise TooMany(said, retry_after=wait)

    def revoke(self, holder: str) -> int:
        """End all tokens of an agent or of a client, refresh tokens too; returns how many."""
        ended = [k for k, t in self.keys.tokens.items() if holder in (t.agent, t.client)]
        for key in ended:
            del self.keys.tokens[key]
        return len(ended)
