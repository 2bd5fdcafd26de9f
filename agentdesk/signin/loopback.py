"""The end of a sign-in in a browser: one answer, taken on this machine. Source: RFC 8252, §7.3."""

import hmac
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

LOOK_S = 0.2
SLOW_S = 5.0
LONGEST_BODY = 64 * 1024
PAGE = """<!doctype html><meta charset="utf-8"><title>agentdesk</title>
<body style="font-family: sans-serif; margin: 4em"><h1>{heading}</h1><p>{text}</p>"""
DONE = PAGE.format(heading="Signed in", text="Go back to agentdesk; this window can be closed.")
DENIED = PAGE.format(heading="Not signed in", text="agentdesk says why. Close this window.")
STRANGE = PAGE.format(heading="Not expected", text="This is no answer that agentdesk waits for.")


class Loopback:
    """Listens on *port* of 127.0.0.1, or a free one, from its making to `close`. Raises OSError."""

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.timeout = LOOK_S

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def answer(
        self, state: str, stop: threading.Event, patience: float
    ) -> Mapping[str, str] | None:
        """The first answer that carries *state*; others are turned away.

        None once *stop* is set or *patience* seconds have passed.
        """
        self._server.state = state
        until = monotonic() + patience
        while self._server.found is None and not stop.is_set() and monotonic() < until:
            self._server.handle_request()
        return self._server.found

    def close(self) -> None:
        """Stop listening."""
        self._server.server_close()

    def __enter__(self) -> "Loopback":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(HTTPServer):
    state = ""
    found: Mapping[str, str] | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no news; the screen belongs to the desk."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout: ClassVar[float] = SLOW_S  # one who connects and says nothing must not hold us up
    server_version, sys_version = "agentdesk", ""

    def do_GET(self) -> None:
        """Google and contact centres answer in the address."""
        self._take(urlsplit(self.path).query)

    def do_POST(self) -> None:
        """Microsoft answers in a form, which no history keeps."""
        try:
            length = min(int(self.headers.get("Content-Length", 0)), LONGEST_BODY)
        except ValueError:
            length = 0
        self._take(self.rfile.read(max(length, 0)).decode("utf-8", "replace"))

    def _take(self, query: str) -> None:
        answer = dict(parse_qsl(query))
        ours = hmac.compare_digest(answer.get("state", "").encode(), self.server.state.encode())
        if self.server.found is not None or not ours or not ({"code", "error"} & answer.keys()):
            self._reply(400, STRANGE)
            return
        self.server.found = answer
        self._reply(200, DONE if "code" in answer else DENIED)

    def _reply(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing is logged: the address holds the code."""
