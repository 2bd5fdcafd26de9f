"""Notification channels: who hears what. As with Genesys, nothing is kept for one that nobody listens to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from agentdesk.sandbox.faults import Faults
from agentdesk.sandbox.refusals import Refused, Unknown

LIFE_S = 86_400
CHANNELS_PER_HOLDER = 20
TOPICS_PER_CHANNEL = 1_000
CLOSING = "v2.system.socket_closing"
USER_TOPICS = ("conversations.emails", "presence", "routingStatus")


class Listener(Protocol):
    """A connected socket."""

    def push(self, message: dict[str, Any]) -> None:
        """Send soon, in order; never waits."""
        ...

    def hang_up(self) -> None:
        """Say goodbye after what was pushed."""
        ...


@dataclass
class Channel:
    """Topics of one holder (a client, and perhaps its agent); it ends after a day."""

    id: str
    holder: str
    agent: str | None
    expires: datetime
    used: datetime
    topics: list[str] = field(default_factory=list)


class Channels:
    """Keeps channels and publishes to those that listen."""

    def __init__(
        self, kept: dict[str, Channel], faults: Faults, now: Callable[[], datetime]
    ) -> None:
        self.kept = kept
        self._faults = faults
        self._now = now
        self.listeners: dict[str, Listener] = {}

    def create(self, key: str, holder: str, agent: str | None) -> Channel:
        """A new channel; the 21st of a holder ends the one used longest ago."""
        mine = [c for c in self.kept.values() if c.holder == holder]
        if len(mine) >= CHANNELS_PER_HOLDER:
            oldest = min(mine, key=lambda c: (c.id in self.listeners, c.used, c.id))
            self.end(oldest.id)
        now = self._now()
        self.kept[key] = Channel(key, holder, agent, now + timedelta(seconds=LIFE_S), now)
        return self.kept[key]

    def end(self, key: str) -> None:
        """End a channel; who listens is told, and hung up on."""
        self.kept.pop(key, None)
        if listener := self.listeners.pop(key, None):
            listener.push({"topicName": CLOSING, "eventBody": {"message": "The channel ends."}})
            listener.hang_up()

    def next_end(self) -> datetime | None:
        """When the next channel ends by time alone."""
        return min((c.expires for c in self.kept.values()), default=None)

    def sweep(self) -> None:
        """End the channels whose day is over."""
        for channel in list(self.kept.values()):
            if channel.expires <= self._now():
                self.end(channel.id)

    def get(self, key: str, holder: str | None = None) -> Channel:
        """A living channel of *holder*, or of anybody. Raises `Unknown`."""
        channel = self.kept.get(key)
        if channel is None or (holder and channel.holder != holder):
            raise Unknown(f"Channel {key} was not found.")
        if channel.expires <= self._now():
            self.end(key)
            raise Unknown(f"Channel {key} has expired.")
        return channel

    def subscribe(self, channel: Channel, topics: Iterable[str], *, replace: bool) -> None:
        """Hear these topics from now on; subscribing extends the channel's life. Raises `Refused`."""
        wanted = [] if replace else list(channel.topics)
        for topic in topics:
            if not self.allowed(channel, topic):
                raise Refused(f"Topic {topic} does not exist or is not permitted.")
            if topic not in wanted:
                wanted.append(topic)
        if len(wanted) > TOPICS_PER_CHANNEL:
            raise Refused(f"A channel has at most {TOPICS_PER_CHANNEL} topics.")
        channel.topics, channel.used = wanted, self._now()
        channel.expires = channel.used + timedelta(seconds=LIFE_S)

    def allowed(self, channel: Channel, topic: str) -> bool:
        """An agent hears of itself, a service of everybody and of queues."""
        head, _, rest = topic.removeprefix("v2.").partition(".")
        subject, _, what = rest.partition(".")
        if head == "users":
            return what in USER_TOPICS and channel.agent in (None, subject)
        queue = head == "routing" and subject == "queues"
        return queue and what.endswith(".conversations.emails") and channel.agent is None

    def publish(self, topic: str, body: dict[str, Any], correlation: str) -> None:
        """To everybody who listens, as the faults let it through: lost, doubled or late."""
        message = {
            "topicName": topic,
            "version": "2",
            "eventBody": body,
            "metadata": {"CorrelationId": correlation},
        }
        if any(topic in self.kept[key].topics for key in self.listeners if key in self.kept):
            for one in self._faults.let_through(message):
                self._send(one)

    def _send(self, message: dict[str, Any]) -> None:
        now = self._now()
        for key, listener in list(self.listeners.items()):
            channel = self.kept.get(key)
            if channel and channel.expires > now and message["topicName"] in channel.topics:
                listener.push(message)
