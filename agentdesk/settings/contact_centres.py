"""The section [[contact_centres]]: who else routes mail, and how they are reached."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.settings.section import (
    Key,
    KeyOrNothing,
    Section,
    Text,
    Variable,
    is_loopback,
    refuse,
)


def _address(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if text and (not host or parts.scheme not in ("http", "https") or parts.query):
        refuse("must be an address such as https://api.mypurecloud.ie")
    if text and (parts.username or parts.password):
        refuse("must hold no login; a secret is named in secret_env")
    if text and parts.scheme == "http" and not is_loopback(host):
        refuse(f"begins with http://, but {host} is another machine; use https://")
    return text.strip().rstrip("/")


Api = Annotated[str, AfterValidator(_address)]


class ContactCentre(Section):
    """A contact centre that routes the work of the queues which name it."""

    key: Key
    """A short name of your choice; keep it, stored work refers to it."""
    name: Text
    """The name on the screen."""
    kind: Literal["genesys", "twilio"] = "genesys"
    """What it is: Genesys Cloud, or Twilio TaskRouter."""
    address: Api
    """Where it answers, such as https://api.mypurecloud.ie. http:// only for this machine."""
    login_address: Api = ""
    """Genesys: where agents and the service sign in; empty takes login in the place of api."""
    client_id: Text
    """The service's client id; with Twilio the account SID."""
    secret_env: Variable = ""
    """The environment variable with the service's secret; empty: AGENTDESK_SECRET_ and the key."""
    keyring: bool = True
    """Look for the secret in the system's keyring when the variable is not set."""
    agents_client_id: str = ""
    """Genesys: the public client that agents sign in by, in their browser, with PKCE."""
    redirect_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Genesys: the port of http://localhost that the browser comes back to, as it is registered there;
    0 is any free one, where the centre allows that."""
    workspace: str = ""
    """Twilio: the SID of the workspace."""
    workflow: str = ""
    """Twilio: the SID of the workflow that takes new work."""
    per_minute: Annotated[int, Field(ge=10, le=10000)] = 300
    """At most so many requests a minute under one sign-in."""
    read_again_s: Annotated[int, Field(ge=5, le=3600)] = 60
    """Seconds after which everything that is open is read again, whatever was heard."""
    fallback_code: KeyOrNothing = ""
    """Our wrap-up code that is sent where the chosen one stands for none of theirs; empty waits for an
    administrator."""
    id_header: str = ""
    """The header field in which it names its conversation in mail that it passes on; empty is none."""


def rules_of(c: ContactCentre) -> CentreRules:
    """What the services know of it."""
    return CentreRules(
        c.key, c.name, c.kind, c.fallback_code, c.id_header.strip().lower(), float(c.read_again_s)
    )
