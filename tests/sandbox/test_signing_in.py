"""Tokens: for a service by its secret, for an agent by PKCE; how they end."""

import pytest

from agentdesk.sandbox import seeding
from tests.sandbox.wire import BACK, Caller, Wire, agent_id, challenge, code_of

ME = "/api/v2/users/me"


async def test_an_agent_signs_in_by_a_code_and_its_verifier(wire: Wire) -> None:
    query = {
        "response_type": "code",
        "client_id": seeding.desk_client(1),
        "redirect_uri": BACK,
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
        "state": '"><script>',
    }
    page = await wire.send("GET", "/oauth/authorize", params=query)
    assert page.status == 200
    assert "Ana Ruiz" in page.body
    assert "<script>" not in page.body
    reply = await wire.code("ana")
    assert reply.headers["Location"].startswith(BACK + "?code=")
    assert reply.headers["Location"].endswith("state=st%26te")
    issued = await wire.exchange(code_of(reply))
    assert (issued.body["token_type"], issued.body["expires_in"]) == ("bearer", 86_399)
    me = await Caller(wire, issued.body["access_token"])("GET", ME)
    assert me.body["id"] == agent_id("ana")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "another-verifier-of-more-than-forty-three-characters"},
        {"redirect_uri": "http://127.0.0.1:1/elsewhere"},
        {"client_id": seeding.service_client(1)},
        {"code": "guessed"},
        {"grant_type": "password"},
    ],
)
async def test_a_code_is_worth_nothing_to_anybody_else(wire: Wire, wrong: dict[str, str]) -> None:
    code = code_of(await wire.code("ana"))
    reply = await wire.exchange(**({"code": code} | wrong))
    assert (reply.status, reply.body["error"]) == (400, "invalid_grant")


async def test_a_code_works_once_and_for_a_minute(wire: Wire) -> None:
    code = code_of(await wire.code("ana"))
    assert (await wire.exchange(code)).status == 200
    assert (await wire.exchange(code)).status == 400
    late = code_of(await wire.code("ana"))
    wire.clock.turn(60)
    assert (await wire.exchange(late)).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://evil.example/back"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"client_id": seeding.service_client(1)},
        {"client_id": "nobody"},
    ],
)
async def test_a_code_goes_to_a_desk_on_this_machine_only(
    wire: Wire, wrong: dict[str, str]
) -> None:
    assert (await wire.code("ana", **wrong)).status in (400, 401)


async def test_a_service_needs_its_secret(wire: Wire) -> None:
    for client, secret in (
        (seeding.service_client(1), "wrong"),
        ("nobody", seeding.secret_of(1)),
        (seeding.desk_client(1), ""),
    ):
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        reply = await wire.token(**form)
        assert (reply.status, reply.body["error"]) == (401, "invalid_client")


async def test_a_token_ends_after_a_day_and_is_refreshed_once(wire: Wire) -> None:
    issued = (await wire.exchange(code_of(await wire.code("ana")))).body
    old = Caller(wire, issued["access_token"])
    wire.clock.turn(86_398)
    assert (await old("GET", ME)).status == 200
    wire.clock.turn(1)
    refused = await old("GET", ME)
    assert (refused.status, refused.body["code"]) == (401, "bad.credentials")
    form = {
        "grant_type": "refresh_token",
        "client_id": seeding.desk_client(1),
        "refresh_token": issued["refresh_token"],
    }
    fresh = await wire.token(**form)
    assert (await Caller(wire, fresh.body["access_token"])("GET", ME)).status == 200
    assert (await wire.token(**form)).status == 400


async def test_revoking_ends_an_agents_tokens_and_nobody_elses(wire: Wire) -> None:
    ana, ben, service = await wire.agent("ana"), await wire.agent("ben"), await wire.service()
    await wire.panel("revoke", agent="ana@northwind.example")
    assert (await ana("GET", ME)).status == 401
    assert (await ben("GET", ME)).status == 200
    await wire.panel("revoke", client=seeding.service_client(1))
    assert (await service("GET", "/api/v2/users")).status == 401


async def test_without_a_token_there_is_nothing(wire: Wire) -> None:
    for headers in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer guessed"}):
        assert (await wire.send("GET", ME, headers=headers)).status == 401


async def test_the_301st_request_of_a_minute_waits_and_other_tokens_do_not(wire: Wire) -> None:
    ana, ben = await wire.agent("ana"), await wire.agent("ben")
    path = f"/api/v2/users/{agent_id('ana')}/routingstatus"
    for _ in range(300):
        assert (await ana("GET", path)).status == 200
    wire.clock.turn(20)
    refused = await ana("GET", path)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "40")
    assert refused.body["code"] == "too.many.requests.retry.after"
    assert (await ben("GET", path)).status == 200
    wire.clock.turn(40)
    assert (await ana("GET", path)).status == 200
