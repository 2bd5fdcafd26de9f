"""One request as its operation sees it: whose it is, what it names and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentdesk.sandbox.access import Token
from agentdesk.sandbox.model import Agent, Conversation, Participant
from agentdesk.sandbox.refusals import Forbidden, Refused
from agentdesk.sandbox.sandbox import Sandbox

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Call:
    """A request behind its sign-in."""

    sandbox: Sandbox
    token: Token
    named: Mapping[str, str]
    query: Mapping[str, str]
    said: Any

    def text(self, name: str, default: str | None = None) -> str:
        """A text of the body. Raises `Refused` where it is missing or none."""
        value = self._body().get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value and default is None):
            raise Refused(f"The field {name} must be a text.")
        return value

    def number(self, name: str) -> int:
        """A whole number of the body, 0 where it is missing. Raises `Refused`."""
        value = self._body().get(name, 0)
        if type(value) is not int:
            raise Refused(f"The field {name} must be a number.")
        return value

    def moment(self, name: str) -> datetime | None:
        """A time of the body. Raises `Refused` where it has no zone."""
        value = self.text(name, "")
        try:
            read = datetime.fromisoformat(value) if value else None
        except ValueError:
            read = None
        if value and (read is None or read.tzinfo is None):
            raise Refused(f"The field {name} must be an ISO 8601 time with its zone.")
        return read

    def texts(self, name: str) -> dict[str, str]:
        """A map of texts. Raises `Refused`."""
        value = self._body().get(name) or {}
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise Refused(f"The field {name} must map texts to texts.")
        return value

    def part(self, name: str) -> dict[str, Any] | None:
        """An object inside the body. Raises `Refused`."""
        value = self._body().get(name)
        if value is not None and not isinstance(value, dict):
            raise Refused(f"The field {name} must be an object.")
        return value

    def _body(self) -> dict[str, Any]:
        if not isinstance(self.said, dict):
            raise Refused("The body must be an object.")
        return self.said

    def page(self) -> tuple[int, int]:
        """Number and size of the page that is asked for. Raises `Refused`."""
        try:
            return int(self.query.get("pageNumber", "1")), int(self.query.get("pageSize", "25"))
        except ValueError:
            raise Refused("pageNumber and pageSize must be numbers.") from None

    def expanded(self) -> list[str]:
        """What `expand` asks for."""
        return self.query.get("expand", "").split(",")

    def agent(self) -> Agent:
        """The agent who signed in. Raises `Forbidden` for a service: it is no user."""
        if self.token.agent is None:
            raise Forbidden("This request requires a user context; client credentials have none.")
        return self.sandbox.centre.agent(self.token.agent)

    def service(self, otherwise: str = "Only a service may hand over work.") -> None:
        """Raises `Forbidden` unless a service speaks."""
        if self.token.agent is not None:
            raise Forbidden(otherwise)

    def subject(self) -> Agent:
        """The agent in the path: oneself, or for a service anybody. Raises `Forbidden`, `Unknown`."""
        agent = self.sandbox.centre.agent(self.named["userId"])
        if self.token.agent not in (None, agent.id):
            raise Forbidden("This is somebody else's.")
        return agent

    def conversation(self) -> Conversation:
        """The conversation in the path. Raises `Unknown`."""
        return self.sandbox.centre.conversation(self.named["conversationId"])

    def own(self) -> tuple[Conversation, Participant]:
        """The agent's participant in the path. Raises `Forbidden`, `Unknown`."""
        conversation = self.conversation()
        participant = self.sandbox.centre.own(
            self.agent(), conversation, self.named["participantId"]
        )
        if (
            self.named.get("communicationId", participant.communication)
            != participant.communication
        ):
            raise Refused("The communication is not one of this participant.")
        return conversation, participant

    def holder(self) -> str:
        """Whose channels these are: 'per user and app combination'."""
        return f"{self.token.client}/{self.token.agent or ''}"
