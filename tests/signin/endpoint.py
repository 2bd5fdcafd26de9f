"""A login server on loopback, over TLS, in the dialects of Microsoft and Google.

It checks what the real ones check: client, redirect, state, PKCE, scope; a code works once. A test
plays the person: `approve`, `decline`, or `browse` with an address.
"""

import base64
import hashlib
import json
import re
import secrets
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import requests

from tests.mail.certificates import Authority

CLIENT, SECRET = "11111111-2222-3333-4444-555555555555", "GOCSPX-not-really-secret"
TENANT = "northwind.example"
MICROSOFT_SCOPES = {
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/SMTP.Send",
}
GOOGLE_SCOPES = {"https://mail.google.com/"}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Answer = tuple[int, dict[str, Any]]


def no(error: str, description: str = "") -> Answer:
    """A refusal as RFC 6749 §5.2 wants it."""
    return 400, {"error": error, "error_description": description}


@dataclass
class Begun:
    """A sign-in that waits for its person."""

    scopes: set[str]
    challenge: str = ""
    redirect: str = ""
    refused: str = ""
    approved: bool = False
    nonce: str = ""


@dataclass
class Endpoint:
    """`on_token` hears of every access token, which lasts `lifetime` seconds.

    `refreshes` counts refresh requests; `rotates`: each gives a new refresh token and ends the old
    one. `queued` answers come before anything else at the token endpoint.
    """

    authority: Authority
    on_token: Callable[[str], None] = lambda token: None
    lifetime: int = 3600
    rotates: bool = True
    refreshes: int = 0
    queued: list[Answer] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    alive: set[str] = field(default_factory=set)
    codes: dict[str, Begun] = field(default_factory=dict)
    begun: threading.Event = field(default_factory=threading.Event)
    while_refreshing: Callable[[], None] = lambda: None

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"endpoint": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        context: ssl.SSLContext = self.authority.server_context()
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self._server.server_port}"

    # -- the person ------------------------------------------------------------------------

    def approve(self) -> None:
        """The person typed the code, chose the account and agreed."""
        for begun in self.codes.values():
            begun.approved = True

    def decline(self, error: str = "authorization_declined", description: str = "") -> None:
        for begun in self.codes.values():
            begun.refused = json.dumps([error, description])

    def browse(self, address: str, *, state: str | None = None, deny: str = "") -> str:
        """Open *address* as a browser does and let its answer come back; the last page's text."""
        page = requests.get(address, verify=str(self.authority.ca_file), timeout=10)
        target = re.search(r'action="([^"]+)"', page.text)
        assert target, page.text
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        if deny:
            fields = {"error": deny, "state": fields["state"]}
        if state is not None:
            fields["state"] = state
        if 'method="post"' in page.text:
            return requests.post(target[1], data=fields, timeout=10).text
        return requests.get(f"{target[1]}?{urlencode(fields)}", timeout=10).text

    def revoke(self) -> None:
        """Every sign-in ends, such as by a changed password."""
        self.alive.clear()

    # -- the server ------------------------------------------------------------------------

    def discovery(self, base: str) -> dict[str, str]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "device_authorization_endpoint": f"{base}/devicecode",
            "revocation_endpoint": f"{base}/revoke",
        }

    def device_code(self, form: dict[str, str]) -> Answer:
        if form.get("client_id") != CLIENT:
            return no("unauthorized_client", "AADSTS700016: Application was not found.\r\nTrace ID")
        code = secrets.token_urlsafe(16)
        self.codes[code] = Begun(set(form["scope"].split()))
        self.begun.set()
        return 200, {
            "user_code": "FJC3-9WQX",
            "device_code": code,
            "verification_uri": "https://microsoft.com/devicelogin",
            "expires_in": 900,
            "interval": 1,
        }

    def authorize(self, query: dict[str, str]) -> str:
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = Begun(
            set(query["scope"].split()),
            query["code_challenge"],
            query["redirect_uri"],
            approved=True,
            nonce=query.get("nonce", ""),
        )
        method = "post" if query.get("response_mode") == "form_post" else "get"
        return (
            f'<form method="{method}" action="{query["redirect_uri"]}">'
            f'<input name="code" value="{code}"><input name="state" value="{query["state"]}"></form>'
        )

    def token(self, form: dict[str, str]) -> Answer:
        self.seen.append(form)
        if form["grant_type"] == "refresh_token":
            self.refreshes += 1
            self.while_refreshing()
        if self.queued:
            return self.queued.pop(0)
        if form.get("client_id") != CLIENT:
            return no("invalid_client", "The OAuth client was not found.")
        match form["grant_type"]:
            case "refresh_token":
                return self._refresh(form)
            case "authorization_code":
                return self._redeem(form)
            case grant if grant == DEVICE_GRANT:
                return self._poll(form)
        return no("unsupported_grant_type")

    def _refresh(self, form: dict[str, str]) -> Answer:
        if form["refresh_token"] not in self.alive:
            words = "AADSTS50173: The provided grant has expired due to it being revoked.\r\nTrace ID: 1"
            return no("invalid_grant", words)
        if self.rotates:
            self.alive.discard(form["refresh_token"])
            return self._issue(set(form["scope"].split()))
        status, answer = self._issue(set(form["scope"].split()))
        self.alive.discard(answer.pop("refresh_token"))
        return status, answer

    def _redeem(self, form: dict[str, str]) -> Answer:
        begun = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if begun is None or begun.challenge != proof or begun.redirect != form["redirect_uri"]:
            return no("invalid_grant", "code, verifier or redirect is wrong")
        return self._issue(begun.scopes, begun.nonce)

    def _poll(self, form: dict[str, str]) -> Answer:
        begun = self.codes.get(form["device_code"])
        if begun is None:
            return no("expired_token", "AADSTS70020: The device code has expired.")
        if begun.refused:
            return no(*json.loads(begun.refused))
        if not begun.approved:
            return no("authorization_pending", "AADSTS70016: Authorization is pending.")
        del self.codes[form["device_code"]]
        return self._issue(begun.scopes)

    def _issue(self, scopes: set[str], nonce: str = "") -> Answer:
        if not (scopes >= MICROSOFT_SCOPES | {"offline_access"} or scopes >= GOOGLE_SCOPES):
            return no("invalid_scope", f"not enough: {sorted(scopes)}")
        access, refresh = f"at-{secrets.token_urlsafe(900)}", f"rt-{secrets.token_urlsafe(900)}"
        self.alive.add(refresh)
        self.on_token(access)
        claims = base64.urlsafe_b64encode(
            json.dumps(
                {
                    "iss": self.address,
                    "sub": "1",
                    "aud": CLIENT,
                    "exp": 2**33,
                    "iat": 1,
                    "nonce": nonce,
                    "preferred_username": "ana@northwind.example",
                }
            ).encode()
        ).decode()
        return 200, {
            "token_type": "Bearer",
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": self.lifetime,
            "scope": " ".join(sorted(scopes)),
            "id_token": f"e30.{claims.rstrip('=')}.",
        }


class _Handler(BaseHTTPRequestHandler):
    endpoint: ClassVar[Endpoint]

    def do_GET(self) -> None:
        path, endpoint = urlsplit(self.path), self.endpoint
        if path.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            base = f"{endpoint.address}/{TENANT}/oauth2/v2.0"
            self._reply(200, endpoint.discovery(base))
        elif path.path == "/.well-known/openid-configuration":
            self._reply(200, endpoint.discovery(endpoint.address))
        elif path.path.endswith("/authorize"):
            query = {name: values[0] for name, values in parse_qs(path.query).items()}
            self._send(200, "text/html", endpoint.authorize(query))
        else:
            self._reply(400, {"error": "invalid_tenant", "error_description": "AADSTS90002"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body))
        if self.path.endswith("/devicecode"):
            self._reply(*self.endpoint.device_code(form))
        elif self.path.endswith("/revoke"):
            self.endpoint.alive.discard(form["token"])
            self._reply(200, {})
        else:
            self._reply(*self.endpoint.token(form))

    def _reply(self, status: int, answer: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(answer))

    def _send(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""
