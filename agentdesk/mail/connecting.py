"""What IMAP and SMTP share in making a connection: TLS, and sentences for what goes wrong."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agentdesk.domain.errors import (
    CertificateRefused,
    LoginRefused,
    MailProblem,
    ServerUnreachable,
)
from agentdesk.mail.account import AccessTokens, Endpoint

T = TypeVar("T")


async def with_a_token(tokens: AccessTokens, attempt: Callable[[str], Awaitable[T]]) -> T:
    """What *attempt* makes of an access token; one that is refused is replaced once.

    A token may end before its time, such as after a changed password. Raises LoginRefused.
    """
    token = await tokens.fetch("")
    try:
        return await attempt(token)
    except LoginRefused:
        other = await tokens.fetch(token)
        if other == token:
            raise
    return await attempt(other)


def token_refused(server: Endpoint, said: str) -> LoginRefused:
    """What to raise when *server* refuses an access token that was good when it was fetched."""
    return LoginRefused(
        f"{server} refused the sign-in of {server.username} ({said}): see that this mailbox may "
        "be used over IMAP and SMTP, then sign in again."
    )


async def tls_context(server: Endpoint) -> ssl.SSLContext:
    """Verifying TLS settings for *server*; read in a thread. Raises CertificateRefused."""
    cafile = str(server.ca_file) if server.ca_file else None
    try:
        return await asyncio.to_thread(ssl.create_default_context, cafile=cafile)
    except (OSError, ssl.SSLError) as error:
        raise CertificateRefused(
            f"The certificate file {cafile} cannot be used ({error}): correct ca_file."
        ) from error


def connection_problem(error: Exception, server: Endpoint) -> MailProblem:
    """What to raise for a connection that could not be made: unreachable, or not trusted."""
    if certificate := _certificate_error(error):
        return CertificateRefused(
            f"The certificate of {server} is not trusted ({certificate.verify_message}): "
            "check the host name, or name the issuer's certificate in ca_file."
        )
    reason, advice = _explain(error, server)
    return ServerUnreachable(f"{server} cannot be reached: {reason}. {advice}")


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen
        seen = seen.__cause__
    return None


def _explain(error: BaseException, server: Endpoint) -> tuple[str, str]:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, socket.gaierror):
        return "its name is not known", "Check the host name and the network."
    if isinstance(cause, TimeoutError):
        return f"no answer within {server.timeout:g} seconds", "Check the port and the network."
    if isinstance(cause, ssl.SSLError):
        return "it does not speak TLS on this port", "Check the port and the security setting."
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens on this port", "Check the port, or try again later."
    return words(str(cause)) or type(cause).__name__, "Check the network, or try again later."


def words(text: str | bytes, limit: int = 300) -> str:
    """A server's own words, fit for a sentence: one line, printable, at most *limit* characters."""
    if isinstance(text, bytes | bytearray):
        text = text.decode("utf-8", "replace")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
