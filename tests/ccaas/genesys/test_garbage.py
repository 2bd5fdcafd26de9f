"""What answers in the place of a centre may say anything: each time a typed error, and never a crash."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agentdesk.ccaas.genesys import reading
from agentdesk.ccaas.genesys.centre import GenesysCentre
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import CentreProblem, ContractViolation, Transient
from agentdesk.domain.ccaas.values import SegmentState
from agentdesk.domain.clock import ManualClock
from tests.ccaas.genesys.test_what_goes_wrong import good
from tests.ccaas.rooms import adapter
from tests.mail.certificates import Authority

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Nonsense:
    """A server that signs the service in, and then answers with `says`."""

    def __init__(self) -> None:
        self.says: Handler = text("")
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path == "/oauth/token":
            return web.json_response({"access_token": "t", "expires_in": 86_399})
        return await self.says(request)


class NoTokens:
    def has(self, agent: str) -> bool:
        return True

    async def fetch(self, agent: str, refused: str = "") -> str:
        return "agent-token"


def text(body: str, kind: str = "application/json", status: int = 200, **headers: str) -> Handler:
    async def says(request: web.Request) -> web.Response:
        return web.Response(text=body, content_type=kind, status=status, headers=headers)

    return says


def value(body: Any) -> Handler:
    async def says(request: web.Request) -> web.Response:
        return web.json_response(body)

    return says


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "500"})
    await response.prepare(request)
    await response.write(b'{"id": "c1", "parti')
    assert request.transport is not None
    request.transport.close()
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b" " * 1_000_000)
    except (ConnectionError, asyncio.CancelledError):
        return response


@pytest.fixture
def nonsense() -> Nonsense:
    return Nonsense()


@pytest.fixture
async def centre(nonsense: Nonsense) -> AsyncIterator[GenesysCentre]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", nonsense.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made = adapter(f"http://127.0.0.1:{runner.addresses[0][1]}", NoTokens(), ManualClock())
    yield made
    await made.disconnect()
    await runner.cleanup()


async def problem(asked: Awaitable[Any]) -> CentreProblem:
    with pytest.raises(CentreProblem) as raised:
        await asked
    assert good(raised.value), str(raised.value)
    return raised.value


async def test_what_is_no_json_is_taken_for_something_between(
    centre: GenesysCentre, nonsense: Nonsense
) -> None:
    for says in (
        text("<html><h1>Sign in to the hotel</h1></html>", "text/html"),
        text('{"id": "c1", "participants": [{'),
        cut_off,
        text("[" * 100_000),
    ):
        nonsense.says = says
        assert type(await problem(centre.snapshot("c1"))) is Transient


async def test_what_has_other_types_is_against_the_contract(
    centre: GenesysCentre, nonsense: Nonsense
) -> None:
    for body in (
        None,
        [],
        7,
        "c1",
        {},
        {"id": 7},
        {"id": "another"},
        {"id": "c1", "participants": {}},
        {"id": "c1", "participants": [7]},
        {"id": "c1", "participants": [{"purpose": ["agent"]}]},
        {"id": "c1", "endTime": "yesterday"},
        {"id": "c1", "recentTransfers": [{"id": "t", "state": "Pending"}]},
    ):
        nonsense.says = value(body)
        assert type(await problem(centre.snapshot("c1"))) is ContractViolation, body
    nonsense.says = value({"entities": [{"name": "no id"}], "pageCount": 1})
    assert type(await problem(centre.catalogue())) is ContractViolation
    nonsense.says = value({"entities": [], "nextUri": "/again"})
    assert "without end" in str(await problem(centre.catalogue()))
    assert len(nonsense.asked) < 100


async def test_an_answer_without_end_is_not_read(centre: GenesysCentre, nonsense: Nonsense) -> None:
    nonsense.says = endless
    assert type(await problem(centre.snapshot("c1"))) is ContractViolation


async def test_refusals_that_are_no_json_keep_their_meaning(
    centre: GenesysCentre, nonsense: Nonsense
) -> None:
    nonsense.says = text("<html>Bad gateway</html>", "text/html", 502)
    assert type(await problem(centre.snapshot("c1"))) is Transient
    for wait, seconds in {"soon": None, "-5": None, "1e9": None, "90": 90, "999999": 3_600}.items():
        nonsense.says = text('{"message": ["x"], "code": 5}', status=503, **{"Retry-After": wait})
        error = await problem(centre.snapshot("c1"))
        assert isinstance(error, Transient)
        assert error.retry_after == seconds
    later = {
        "Date": "Mon, 02 Mar 2026 09:00:00 GMT",
        "Retry-After": "Mon, 02 Mar 2026 09:00:42 GMT",
    }
    nonsense.says = text("", status=503, **later)
    error = await problem(centre.snapshot("c1"))
    assert isinstance(error, Transient)
    assert error.retry_after == 42


async def test_nobody_is_sent_elsewhere_with_a_token(
    centre: GenesysCentre, nonsense: Nonsense
) -> None:
    nonsense.says = text("", status=302, Location="http://127.0.0.1:1/elsewhere")
    assert "look at its address in settings" in str(await problem(centre.snapshot("c1")))


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", Nonsense().answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    context = Authority(tmp_path).server_context()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    made = adapter(f"https://127.0.0.1:{runner.addresses[0][1]}", NoTokens(), ManualClock())
    error = await problem(made.snapshot("c1"))
    assert type(error) is Transient
    assert "certificate that cannot be trusted" in str(error)
    await made.disconnect()
    await runner.cleanup()


async def test_a_line_that_is_not_encrypted_is_not_opened(
    centre: GenesysCentre, nonsense: Nonsense
) -> None:
    nonsense.says = value({"id": "ch", "connectUri": "ws://elsewhere.example/ch"})
    assert "not encrypted" in str(await problem(anext(aiter(centre.events()))))
    nonsense.says = value({"id": "ch"})
    assert type(await problem(anext(aiter(centre.events())))) is ContractViolation


async def test_words_of_the_centre_are_one_short_line_in_a_sentence(
    centre: GenesysCentre, nonsense: Nonsense
) -> None:
    nonsense.says = text('{"message": "No\\n\\n' + "x" * 5_000 + '"}', status=400)
    said = str(await problem(centre.snapshot("c1")))
    assert "\n" not in said
    assert len(said) < 400


def read(*participants: dict[str, Any], **more: Any) -> Any:
    wire = Wire(
        "Genesys Cloud", "conversations", {"id": "c1", "participants": list(participants), **more}
    )
    return reading.snapshot(wire, ManualClock().now())


def agent(**session: Any) -> dict[str, Any]:
    return {
        "id": "p1",
        "purpose": "agent",
        "userId": "u1",
        "emails": [{"id": "m1", **session}],
        "somethingNew": {"nobody": "knows"},
    }


def test_what_is_missing_or_unknown_is_passed_over() -> None:
    (segment,) = read(agent(state="connected", futureField=[1])).segments
    assert (segment.state, segment.queue, segment.expires_in) == (SegmentState.CONNECTED, "", None)
    assert read({"id": "p", "purpose": "agent", "userId": "u1", "calls": [{}]}).segments == ()
    assert read({"id": "p", "purpose": "workflow"}, agent(state="none")).segments == ()
    assert read({"purpose": "customer", "attributes": {"a": "1", "b": 2}}).attributes == {"a": "1"}
    ended = agent(state="future") | {"endTime": "2026-03-02T09:00:00.000Z"}
    assert read(ended).segments[0].state is SegmentState.ENDED


def test_a_state_that_nobody_knows_is_no_guess() -> None:
    with pytest.raises(ContractViolation, match="in a state that is not known"):
        read(agent(state="levitating"))


def test_where_everybody_has_left_it_has_ended() -> None:
    left = {"purpose": "customer", "endTime": "2026-03-02T09:00:00.000Z"}
    gone = agent(state="disconnected", disconnectedTime="2026-03-02T09:00:05.000Z")
    assert read(left, gone).ended_at == ManualClock().now() + timedelta(seconds=5)
    assert read({"purpose": "customer"}, gone).ended_at is None


def test_a_provisional_code_is_none() -> None:
    said = {"code": "c", "provisional": True}
    (segment,) = read(agent(state="disconnected", wrapup=said, afterCallWorkRequired=True)).segments
    assert (segment.code, segment.owes_code) == (None, True)
