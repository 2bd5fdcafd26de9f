"""A small office to begin with: the same number makes the same ids, names and clients."""

from uuid import NAMESPACE_URL, uuid5

from agentdesk.sandbox.access import Client, Keys, hashed
from agentdesk.sandbox.model import BLIND_TO_QUEUE, RIGHTS, Agent, Code, Office, Queue

CODES = ("Resolved", "Call back", "Forwarded", "Complaint", "No answer needed")
QUEUES = {"Claims": ("timeout", 120), "Returns": ("timeout", 60), "Suppliers": ("optional", 0)}
AGENTS = {"Ana Ruiz": 2, "Ben Okafor": 2, "Cleo Haas": 3, "Dev Patel": 1}


def key_of(seed: int, kind: str, name: str) -> str:
    """The id of a record that is there from the beginning."""
    return str(uuid5(NAMESPACE_URL, f"sandbox/{seed}/{kind}/{name}"))


def secret_of(seed: int) -> str:
    """The service's secret: guards nothing but a sandbox on loopback."""
    return f"sandbox-secret-{seed}"


def service_client(seed: int) -> str:
    """The id of the client that hands work over."""
    return key_of(seed, "client", "service")


def desk_client(seed: int) -> str:
    """The id of the public client that agents sign in by."""
    return key_of(seed, "client", "desk")


def office(seed: int) -> Office:
    """Three queues, four agents, five codes. Dev may not transfer to agents."""
    made = Office(seed=seed)
    for name in CODES:
        key = key_of(seed, "code", name)
        made.codes[key] = Code(key, name)
    for name, capacity in AGENTS.items():
        key, first = key_of(seed, "agent", name), name.split()[0].lower()
        rights = [BLIND_TO_QUEUE] if first == "dev" else list(RIGHTS)
        made.agents[key] = Agent(key, name, f"{first}@northwind.example", capacity, rights)
    for name, (prompt, acw_s) in QUEUES.items():
        key = key_of(seed, "queue", name)
        queue = Queue(key, name, list(made.agents), list(made.codes), acw_s=acw_s)
        queue.prompt = "optional" if prompt == "optional" else "timeout"
        made.queues[key] = queue
    return made


def keys(seed: int) -> Keys:
    """One service and one desk."""
    service, desk = service_client(seed), desk_client(seed)
    secret = hashed(secret_of(seed))
    return Keys(clients={service: Client(service, secret), desk: Client(desk)})
