"""The section [ai]: who summarises, suggests and links, and what leaves the machine for it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from agentdesk.domain.actor import Role
from agentdesk.domain.assistance import AiRules
from agentdesk.settings.problems import Trouble
from agentdesk.settings.section import Section, Text, Variable, is_loopback, refuse


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    unfit = not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment
    if unfit or parts.path.rstrip("/").endswith("/completions"):
        refuse("must be an address that ends before /chat, such as https://api.openai.com/v1")
    if parts.username or parts.password:
        refuse("must hold no login; a key is named in key_env")
    if parts.scheme == "http" and not is_loopback(host):
        refuse(f"begins with http://, but {host} is another machine; use https://")
    return text.strip().rstrip("/")


class Ai(Section):
    """Who summarises, suggests and links, and what leaves the machine for it."""

    summaries: Literal["offline", "openai", "off"] = "offline"
    """Who summarises: offline picks sentences on this machine; openai asks a model, which also suggests
    replies and codes and translates; off is nobody."""
    matcher: Literal["keywords", "embeddings", "openai"] = "keywords"
    """Who says which conversation a mail belongs to where its headers do not: keywords and embeddings
    work on this machine, openai asks a model."""
    base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.openai.com/v1"
    """Where the model answers: any server that speaks OpenAI's chat completions. http:// only for this
    machine."""
    model: str = ""
    """The model's name, as its server knows it."""
    key_env: Variable = ""
    """The environment variable with the server's key; empty: AGENTDESK_AI_KEY. A server on this machine
    may need none."""
    keyring: bool = True
    """Look for the key in the system's keyring when the variable is not set."""
    timeout_s: int = Field(default=60, ge=1, le=600)
    """Seconds that the model may be silent before it is given up."""
    matcher_timeout_s: int = Field(default=10, ge=1, le=120)
    """Seconds that the model may take to say where a mail belongs; then the keywords decide."""
    retries: int = Field(default=2, ge=0, le=5)
    """How often a request is tried again when the server is busy or not reached."""
    most_tokens: int = Field(default=16000, ge=2000, le=1000000)
    """At most so many tokens in one request; a longer conversation is read in parts."""
    price_in: float | None = Field(default=None, ge=0, le=10000)
    """What a million tokens of questions cost; not given shows no costs."""
    price_out: float | None = Field(default=None, ge=0, le=10000)
    """What a million tokens of answers cost."""
    currency: Text = "USD"
    """The currency of both prices."""
    mask: bool = True
    """Mask addresses, phone numbers, card and account numbers and names before anything leaves this
    machine."""
    roles: tuple[Role, ...] = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
    """Who may ask; an empty list is nobody."""

    @model_validator(mode="after")
    def _names_its_model(self) -> Self:
        asks = "summaries" if self.summaries == "openai" else "matcher"
        if self.asks_model and not self.model.strip():
            refuse(f'is missing; {asks} = "openai" needs the name of a model', key="model")
        if (self.price_in is None) != (self.price_out is None):
            missing = "price_in" if self.price_in is None else "price_out"
            refuse("is missing; costs need both prices", key=missing)
        return self

    @property
    def asks_model(self) -> bool:
        """Whether a server is asked at all."""
        return "openai" in (self.summaries, self.matcher)

    @property
    def host(self) -> str:
        """The server's name."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_here(self) -> bool:
        """Whether the server is this machine."""
        return is_loopback(self.host)


def rules_of(ai: Ai) -> AiRules:
    """What the assistants and the services know of it."""
    return AiRules(
        summaries=ai.summaries,
        matcher=ai.matcher,
        base_url=ai.base_url,
        model=ai.model.strip(),
        timeout=timedelta(seconds=ai.timeout_s),
        matcher_timeout=timedelta(seconds=ai.matcher_timeout_s),
        retries=ai.retries,
        most_tokens=ai.most_tokens,
        price_in=ai.price_in,
        price_out=ai.price_out,
        currency=ai.currency,
        mask=ai.mask,
        roles=frozenset(ai.roles),
    )


def advice(ai: Ai) -> Iterator[Trouble]:
    """Mail that is sent to another machine as it is."""
    if ai.asks_model and not ai.mask and not ai.is_here:
        words = f"is false, so that {ai.host} gets addresses, numbers and names as they are"
        yield Trouble(("ai", "mask"), words)
