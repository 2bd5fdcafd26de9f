"""settings.toml -> frozen typed settings; errors name the file, the key and the line.

Every key is documented in docs/settings.md. No part of this imports a database or a screen.
"""

from agentdesk.settings.advice import warnings
from agentdesk.settings.desk import Database, Desk
from agentdesk.settings.finding import Finding, Level
from agentdesk.settings.loading import load
from agentdesk.settings.mailboxes import (
    Imap,
    Mail,
    MailAccount,
    OtherAddress,
    ReadMailbox,
    SignIn,
    Smtp,
)
from agentdesk.settings.people import Agent, Group, Presence, Skill
from agentdesk.settings.problems import Problem, SettingsError, SettingsMissing
from agentdesk.settings.queues import Pool, Queue
from agentdesk.settings.root import Settings
from agentdesk.settings.routing import RoutingSettings
from agentdesk.settings.secrets import (
    KeyringUnusable,
    SecretMissing,
    secret_for,
    sending_secret_for,
)
from agentdesk.settings.work import (
    AccountTeam,
    Channel,
    RejectReason,
    Routing,
    Schedule,
    WorkRule,
)
from agentdesk.settings.wrap_up import Inactivity, WrapUp, WrapUpCode

__all__ = [
    "AccountTeam",
    "Agent",
    "Channel",
    "Database",
    "Desk",
    "Finding",
    "Group",
    "Imap",
    "Inactivity",
    "KeyringUnusable",
    "Level",
    "Mail",
    "MailAccount",
    "OtherAddress",
    "Pool",
    "Presence",
    "Problem",
    "Queue",
    "ReadMailbox",
    "RejectReason",
    "Routing",
    "RoutingSettings",
    "Schedule",
    "SecretMissing",
    "Settings",
    "SettingsError",
    "SettingsMissing",
    "SignIn",
    "Skill",
    "Smtp",
    "WorkRule",
    "WrapUp",
    "WrapUpCode",
    "load",
    "secret_for",
    "sending_secret_for",
    "warnings",
]
