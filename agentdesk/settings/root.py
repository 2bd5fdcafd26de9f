"""Everything that settings.toml holds, as one frozen value."""

from collections.abc import Iterator

from pydantic import Field

from agentdesk.settings import rules
from agentdesk.settings.acknowledgement import Acknowledgement
from agentdesk.settings.ai import Ai
from agentdesk.settings.cases import Cases
from agentdesk.settings.contact_centres import ContactCentre
from agentdesk.settings.desk import Database, Desk
from agentdesk.settings.linking import Linking
from agentdesk.settings.mailboxes import Mail, MailAccount
from agentdesk.settings.outbound import Outbound
from agentdesk.settings.problems import Trouble
from agentdesk.settings.queues import Queue
from agentdesk.settings.reminders import Reminders
from agentdesk.settings.routing import RoutingSettings
from agentdesk.settings.wrap_up import Inactivity, WrapUp


class Settings(RoutingSettings):
    """The whole of settings.toml, valid as a whole. Made by `agentdesk.settings.load`."""

    desk: Desk = Field(default_factory=Desk)
    """How the desk looks and behaves for its agents."""
    database: Database = Field(default_factory=Database)
    """Where everything is stored."""
    mail: Mail = Field(default_factory=Mail)
    """What holds for the mail of every account."""
    mail_accounts: tuple[MailAccount, ...] = ()
    """The mailboxes that customers write to."""
    acknowledgement: Acknowledgement = Field(default_factory=Acknowledgement)
    """How often a program may answer."""
    linking: Linking = Field(default_factory=Linking)
    """How a mail finds the interaction or case that it belongs to."""
    outbound: Outbound = Field(default_factory=Outbound)
    """Mail that the desk writes first."""
    reminders: Reminders = Field(default_factory=Reminders)
    """When customers who do not answer are reminded."""
    wrap_up: WrapUp = Field(default_factory=WrapUp)
    """What happens between Close and Closed."""
    inactivity: Inactivity = Field(default_factory=Inactivity)
    """When silence ends an interaction."""
    cases: Cases = Field(default_factory=Cases)
    """What cases are about, how they end, and what their customers are promised."""
    ai: Ai = Field(default_factory=Ai)
    """Who summarises, suggests and links, and what leaves the machine for it."""
    contact_centres: tuple[ContactCentre, ...] = ()
    """Contact centres that route the work of some queues."""

    @property
    def default_queue(self) -> Queue:
        """Where mail goes whose account names no queue."""
        return next((q for q in self.queues if q.default), self.queues[0])

    def queue_of(self, account: MailAccount) -> Queue:
        """Where new mail of *account* waits."""
        return next((q for q in self.queues if q.key == account.queue), self.default_queue)

    def _troubles(self) -> Iterator[Trouble]:
        yield from super()._troubles()
        yield from rules.troubles(self)
