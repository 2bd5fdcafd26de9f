"""The section [[contact_centres]]: who else routes mail, and how they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.settings.problems import Trouble
from agentdesk.settings.routing_rules import repeats, unknown
from agentdesk.settings.section import (
    Key,
    KeyOrNothing,
    Section,
    Text,
    Variable,
    is_loopback,
    refuse,
)

if TYPE_CHECKING:
    from agentdesk.settings.root import Settings

OURS = "awa"
"""What stored work calls our own routing."""


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

    @property
    def host(self) -> str:
        """Where it answers, as a name."""
        return urlsplit(self.address).hostname or ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.address:
            refuse("is empty; say where the centre answers", key="address")
        if self.kind == "twilio":
            for key in ("workspace", "workflow"):
                if not getattr(self, key):
                    refuse('is missing; kind = "twilio" needs its SID', key=key)
        return self


def troubles(s: Settings) -> Iterator[Trouble]:
    """What does not fit the rest: keys, queues that name a centre, the code that stands in."""
    keys = [c.key for c in s.contact_centres]
    for i in repeats(keys):
        words = f'is "{keys[i]}" a second time; each key may occur once'
        yield Trouble(("contact_centres", i, "key"), words)
    for i, key in enumerate(keys):
        if key == OURS:
            words = f'is "{OURS}", which means our own routing; choose another key'
            yield Trouble(("contact_centres", i, "key"), words)
    for i, queue in enumerate(s.queues):
        if queue.external and queue.external not in keys:
            words = unknown("contact centre", queue.external, keys)
            yield Trouble(("queues", i, "external"), words)
    codes = [code.key for code in s.wrap_up.codes]
    for i, centre in enumerate(s.contact_centres):
        if centre.fallback_code and centre.fallback_code not in codes:
            words = unknown("wrap-up code", centre.fallback_code, codes)
            yield Trouble(("contact_centres", i, "fallback_code"), words)


def advice(s: Settings) -> Iterator[Trouble]:
    """Centres in which nobody can act, and centres without work."""
    external = {q.external for q in s.queues}
    for i, centre in enumerate(s.contact_centres):
        if centre.kind == "genesys" and not centre.agents_client_id:
            words = (
                "is empty, so agents cannot sign in there: they accept, end and transfer nothing"
            )
            yield Trouble(("contact_centres", i, "agents_client_id"), words)
        if centre.key not in external and not centre.id_header:
            words = f'"{centre.key}" routes no queue; name it in external of a queue'
            yield Trouble(("contact_centres", i), words)


def rules_of(c: ContactCentre) -> CentreRules:
    """What the services know of it."""
    return CentreRules(
        c.key, c.name, c.kind, c.fallback_code, c.id_header.strip().lower(), float(c.read_again_s)
    )
