"""HTTP to login servers: verified, with a time limit, and typed errors for what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from agentdesk.domain.errors import CertificateRefused, ServerUnreachable
from agentdesk.signin.registration import Registration

if TYPE_CHECKING:
    from requests import Session

TIMEOUT = 20.0
S = TypeVar("S", bound="Session")


def verified(session: S, account: Registration) -> S:
    """*session* with every request limited to 20 seconds and checked against the account's CA."""
    trusted = str(account.ca_file) if account.ca_file else True
    if account.authority.startswith("http://"):  # this machine's, to which no proxy leads
        session.trust_env = False
    session.request = partial(session.request, timeout=TIMEOUT, verify=trusted)  # type: ignore[method-assign]
    return session


@contextmanager
def reaching(account: Registration, server: str = "") -> Iterator[None]:
    """Inside, a network failure becomes `ServerUnreachable` or `CertificateRefused`.

    *server* is who is asked; the account's login server where none is named.
    """
    import requests

    server = server or account.authority
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise CertificateRefused(
            f"The certificate of {server} is not trusted: check {account.certificate_place}."
        ) from error
    except requests.exceptions.JSONDecodeError:
        raise  # a ValueError: the caller says who does not speak as expected
    except requests.exceptions.HTTPError as error:
        raise ServerUnreachable(f"{server} is out of order: try again later.") from error
    except requests.exceptions.Timeout as error:
        raise ServerUnreachable(
            f"{server} gave no answer within {TIMEOUT:g} seconds: try again later."
        ) from error
    except (requests.exceptions.RequestException, OSError) as error:
        raise ServerUnreachable(
            f"{server} cannot be reached: check the network, or try again later."
        ) from error
