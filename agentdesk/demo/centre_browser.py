"""Signing in at the demo's contact centre for whoever sits at the desk: the browser is this program."""

import threading
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import ProxyHandler, build_opener

from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.clock import Clock
from agentdesk.signin.agents import AgentSignIns
from agentdesk.signin.flow import sign_in
from agentdesk.signin.waiting import Task, Waiting

PATIENCE_S = 20.0


def sign_in_as(
    sign_ins: AgentSignIns, who: Identity, agent: str, clock: Clock, stop: threading.Event
) -> None:
    """Sign *who* in, as a person would by choosing *agent* on the sandbox's page. Blocks. Raises
    `MailProblem`; *stop* ends it.
    """

    def show(task: Task) -> None:
        threading.Thread(target=agree, args=[task.address, agent], daemon=True).start()

    waiting = Waiting(show, stop, PATIENCE_S, lambda address: False)
    sign_in(sign_ins.registration(who), sign_ins.store, clock, waiting)


def agree(address: str, agent: str) -> None:
    """Choose *agent* on the page at *address*, and follow it back to this machine."""
    parts = urlsplit(address)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    form = urlencode(asked | {"agent": agent}).encode()
    page = f"{parts.scheme}://{parts.netloc}{parts.path}"
    with build_opener(ProxyHandler({})).open(page, form, timeout=PATIENCE_S):
        pass
