"""What the demo's settings say of its contact centre."""

from agentdesk.demo.centre import COLLEAGUES, OTHER_QUEUE, QUEUE, DemoCentre
from agentdesk.demo.people import CLAIMS
from agentdesk.sandbox.seeding import desk_client, service_client

KEY, NAME = "sandbox", "Claims Centre"
SECRET = "AGENTDESK_DEMO_SECRET"


def text_of(centre: DemoCentre) -> str:
    """The centre, its queues, and who works there."""
    return f'''\
[[contact_centres]]
key = "{KEY}"
name = "{NAME}"
address = "{centre.address}"
client_id = "{service_client(centre.seed)}"
agents_client_id = "{desk_client(centre.seed)}"
secret_env = "{SECRET}"
keyring = false
per_minute = 300

{_COLLEAGUES}
# Nobody is asked by our own routing: the centre decides who gets mail of these two.
[[queues]]
key = "{CLAIMS.key}"
name = "{QUEUE}"
order = 40
external = "{KEY}"

[[queues]]
key = "repairs"
name = "{OTHER_QUEUE}"
order = 50
external = "{KEY}"
'''


_COLLEAGUES = "# They work at the centre, without a desk.\n" + "\n".join(
    f'''\
[[agents]]
login = "{address.partition("@")[0]}"
name = "{name}"
email = "{address}"
'''
    for name, address in COLLEAGUES.items()
)
