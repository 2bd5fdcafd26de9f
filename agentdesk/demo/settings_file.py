"""The demo's settings.toml: a desk like any other, on the mailboxes of a mail world."""

import tomllib
from pathlib import Path

from agentdesk.demo import centre_settings
from agentdesk.demo.centre import DemoCentre
from agentdesk.demo.people import CLAIMS, DESK, DeskMailbox
from agentdesk.demo.postmaster import HOST
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.errors import BadInput
from agentdesk.sandbox.seeding import secret_of

NAME = "settings.toml"
DATABASE = "demo.db"
MARK = "# The demo wrote this file, and writes it anew at every start."


def write(
    folder: Path, world: DemoWorld, centre: DemoCentre | None = None
) -> tuple[Path, dict[str, str]]:
    """Write settings.toml into *folder*; its path, and the environment that holds the passwords.

    With a *centre* there is one queue more, which it routes.

    Raises `BadInput` where a settings.toml lies that the demo did not write.
    """
    path = folder / NAME
    if path.exists() and not path.read_text("utf-8", "replace").startswith(MARK):
        raise BadInput(
            f"{folder} holds the settings of another desk. Name another folder for the demo."
        )
    mailboxes = (*DESK, CLAIMS) if centre else DESK
    accounts = "\n".join(_account(mailbox, world) for mailbox in mailboxes)
    text = f"{MARK}\n{_TOP}\n{accounts}\n{_PEOPLE}\n{_QUEUES}\n{_WORK}"
    secrets = {_variable(m): world.passwords[m.address] for m in mailboxes}
    if centre:
        text += f"\n{centre_settings.text_of(centre)}"
        secrets[centre_settings.SECRET] = secret_of(centre.seed)
    path.write_text(text, encoding="utf-8")
    return path, secrets


def code_labels() -> tuple[str, ...]:
    """Of the wrap-up codes: the centre has them, too."""
    return tuple(code["label"] for code in tomllib.loads(_WORK)["wrap_up"]["codes"])


_ACKNOWLEDGEMENTS = {
    "returns": "Thank you, {name}. We have your mail as {number} and answer within one working day."
}


def _variable(mailbox: DeskMailbox) -> str:
    return f"AGENTDESK_DEMO_PASSWORD_{mailbox.key.upper()}"


def _account(mailbox: DeskMailbox, world: DemoWorld) -> str:
    return f'''\
[[mail_accounts]]
key = "{mailbox.key}"
name = "{mailbox.name}"
address = "{mailbox.address}"
queue = "{mailbox.key}"
authserv_id = "{HOST}"
acknowledgement = "{_ACKNOWLEDGEMENTS.get(mailbox.key, "")}"
password_env = "{_variable(mailbox)}"
keyring = false
signature = """
{mailbox.name}
Northwind Outdoor, 12 Harbour Street, Bergen
"""

[mail_accounts.imap]
host = "127.0.0.1"
port = {world.imap_port}
security = "plain"

[mail_accounts.smtp]
host = "127.0.0.1"
port = {world.smtp_port}
security = "plain"
'''


_TOP = f"""\
# Every server in it is on this machine, and every customer is simulated.

[desk]
name = "Northwind Outdoor"
undo_send_s = 5

[database]
url = "sqlite:///{DATABASE}"
"""

_PEOPLE = '''\
[[agents]]
login = "ana"
name = "Ana Ruiz"
email = "ana@northwind.example"
capacity = 4
groups = ["support", "returns"]
skills = { german = 2, refunds = 1 }
signature = """
Ana Ruiz
Northwind Outdoor
"""

[[agents]]
login = "ben"
name = "Ben Okafor"
email = "ben@northwind.example"
capacity = 3
groups = ["support", "sales"]
skills = { french = 3 }
signature = """
Ben Okafor
Northwind Outdoor
"""

[[agents]]
login = "chi"
name = "Chi Tran"
email = "chi@northwind.example"
capacity = 4
groups = ["returns", "sales"]
skills = { german = 3, refunds = 3 }
signature = """
Chi Tran
Northwind Outdoor
"""

[[agents]]
login = "sue"
name = "Sue Lind"
email = "sue@northwind.example"
role = "admin"
capacity = 2
groups = ["leads"]
signature = """
Sue Lind
Customer care lead, Northwind Outdoor
"""

[[groups]]
key = "support"
name = "Support"

[[groups]]
key = "returns"
name = "Returns"

[[groups]]
key = "sales"
name = "Sales"

[[groups]]
key = "leads"
name = "Team leads"

[[skills]]
key = "german"
name = "German"
levels = 3

[[skills]]
key = "french"
name = "French"
levels = 3

[[skills]]
key = "refunds"
name = "Refunds"
levels = 3

[[schedules]]
key = "always"
name = "Around the clock"
time_zone = "Europe/Oslo"
hours = ["daily 00:00-24:00"]

[[account_teams]]
account = "Fjordline Expeditions"
agents = ["ana", "chi"]

[[work_rules]]
name = "Important customers"
condition = "customer.vip"
priority = 2

[[work_rules]]
name = "German mail"
condition = 'customer.language = "de"'
skills = ["german>=2?"]

[[work_rules]]
name = "French mail"
condition = 'customer.language = "fr"'
skills = ["french?"]

[[work_rules]]
name = "Money back"
condition = 'subject contains "refund" or subject contains "charged"'
skills = ["refunds?"]

[[presences]]
key = "available"
label = "Available"
work = true

[[presences]]
key = "meeting"
label = "In a meeting"
work = false
colour = "violet"

[[presences]]
key = "break"
label = "On a break"
work = false
colour = "orange"

[[presences]]
key = "away"
label = "Away"
work = false

[[presences]]
key = "offline"
label = "Offline"
work = false
'''

_QUEUES = """\
# Each queue asks its own team first, then the neighbours, then everybody.
[[queues]]
key = "support"
name = "Support"
order = 20
schedule = "always"
affinity = ["last_agent within 14 days", "account_team"]
accept_timeout_s = 90
target_wait_s = 600
goal = 80
warn_waiting = 6
default = true
pools = [
  { groups = ["support"], after_s = 0 },
  { groups = ["support", "returns"], after_s = 60 },
  { after_s = 180 },
]

[[queues]]
key = "returns"
name = "Returns"
order = 30
sort = ["priority", "service_level", "oldest"]
skills = ["refunds?"]
accept_timeout_s = 90
target_wait_s = 900
goal = 75
pools = [
  { groups = ["returns"], after_s = 0 },
  { groups = ["returns", "support"], after_s = 60 },
  { after_s = 180 },
]

[[queues]]
key = "sales"
name = "Sales"
order = 10
rule = "last_assigned"
sort = ["vip", "priority", "oldest"]
affinity = ["account_team"]
accept_timeout_s = 75
target_wait_s = 300
goal = 90
warn_waiting = 4
pools = [
  { groups = ["sales"], after_s = 0 },
  { groups = ["sales", "support"], after_s = 45 },
  { after_s = 120 },
]
"""

_WORK = """\
[wrap_up]
duration_s = 120

[[wrap_up.codes]]
key = "issue_resolved"
label = "Issue resolved"
default = true

[[wrap_up.codes]]
key = "information_given"
label = "Information given"

[[wrap_up.codes]]
key = "replacement_sent"
label = "Replacement sent"

[[wrap_up.codes]]
key = "refund_given"
label = "Refund given"

[[wrap_up.codes]]
key = "order_changed"
label = "Order changed"

[[wrap_up.codes]]
key = "offer_made"
label = "Offer made"

[[wrap_up.codes]]
key = "passed_on"
label = "Passed on to another team"

[[wrap_up.codes]]
key = "duplicate"
label = "Duplicate"

[[wrap_up.codes]]
key = "spam"
label = "Spam"

[[wrap_up.codes]]
key = "task_created"
label = "Task created"
automatic = true

[[wrap_up.codes]]
key = "inactivity"
label = "Closed due to customer inactivity"
automatic = true

[routing]
ramp_s = 5

# What customers are promised about their cases; the narrower level stands first.
[[cases.levels]]
priority = 2
next_response_minutes = 120
resolution_hours = 24

[[cases.levels]]
next_response_minutes = 480
resolution_hours = 72
"""
