"""What goes wrong at Twilio, and what the desk makes of it."""

from typing import Any

import pytest
from aiohttp import web

from agentdesk.ccaas.twilio import attributes
from agentdesk.domain.ccaas.errors import (
    CentreProblem,
    ContractViolation,
    Forbidden,
    RateLimited,
    SignInMissing,
    Transient,
    UnknownThere,
)
from agentdesk.domain.ccaas.values import SegmentRef
from tests.ccaas.twilio.offices import ANA, office, work
from tests.ccaas.twilio.taskrouter import refused, sid

TASK = sid("WT", "none")


async def test_a_secret_that_was_changed_is_asked_for_again() -> None:
    async with office() as here:
        here.server.secret = "a new token"
        with pytest.raises(SignInMissing, match="is not accepted"):
            await here.submit()
        here.secrets += ["", ""]
        with pytest.raises(SignInMissing, match="has no secret here"):
            await here.submit()
        here.secrets.append("a new token")
        assert await here.submit()


async def test_a_secret_that_changes_under_way_is_used_at_once() -> None:
    async with office() as here:
        here.server.secret = "a new token"

        async def now_the_new_one() -> str:
            return "a new token" if here.server.asked else "the old one"

        here.centre._router._account._secret = now_the_new_one
        assert await here.submit()


async def test_too_many_requests_wait_as_long_as_it_says() -> None:
    async with office() as here:
        task = await here.submit()
        here.server.faults = [refused(429, 20429, "Too Many Requests", **{"Retry-After": "17"})]
        with pytest.raises(RateLimited) as told:
            await here.snapshot(task)
        assert told.value.retry_after == 17
        asked = len(here.server.asked)
        with pytest.raises(RateLimited):
            await here.snapshot(task)
        assert len(here.server.asked) == asked


async def test_a_right_that_is_missing_is_told_in_its_words() -> None:
    async with office() as here:
        at = await here.offered(await here.submit())
        here.server.faults = [refused(403, 20403, "Forbidden by policy")]
        with pytest.raises(Forbidden, match="Forbidden by policy"):
            await here.centre.accept(at, "accept")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>a proxy</html>", Transient),
        (b"[]", ContractViolation),
        (b'{"sid": 5, "assignment_status": "pending"}', ContractViolation),
        (b'{"sid": "%s"}' % TASK.encode(), ContractViolation),
        (
            b'{"sid": "%s", "assignment_status": "pending", "date_created": "soon"}'
            % TASK.encode(),
            ContractViolation,
        ),
    ],
)
async def test_an_answer_that_is_none_is_an_error_and_no_crash(
    body: bytes, error: type[CentreProblem]
) -> None:
    async with office() as here:
        answer = web.Response(body=body, content_type="text/plain")
        here.server.faults = [answer]
        with pytest.raises(error):
            await here.snapshot(TASK)


@pytest.mark.parametrize("name", [TASK, "", "WT1", "../Workers", "WT" + "g" * 32, TASK + "/x"])
async def test_an_id_that_is_none_is_unknown_and_never_part_of_an_address(name: str) -> None:
    async with office() as here:
        with pytest.raises(UnknownThere):
            await here.snapshot(name)
        assert all(path.startswith(("/Tasks", "/Events")) for _, path in here.server.asked)
        assert all(".." not in path for _, path in here.server.asked)
        with pytest.raises(CentreProblem):
            await here.centre.accept(SegmentRef(name, "../x", name, ANA), "accept")


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "[]",
        "not json",
        '{"agentdesk": "theirs"}',
        '{"agentdesk": {"transfers": 5, "wrap_up": [], "segments": "x", "first": 3}}',
        '{"agentdesk": {"transfers": [1, {"id": "x"}, {"id": {}, "segment": "", "by": 1}]}}',
    ],
)
async def test_attributes_of_others_do_no_harm(text: str) -> None:
    async with office() as here:
        task = await here.submit()
        here.server._change(task, attributes=text)
        at = await here.taken(task)
        await here.centre.wrap_up(at, "resolved", "", "code")
        now = await here.snapshot(task)
        assert now.transfers == ()
        assert now.segments[0].code is not None


def test_a_moment_that_is_none_is_no_moment() -> None:
    for text in ("", "soon", "9999-12-31T23:59:59-23:59"):
        assert attributes.moment(text) is None


def test_a_text_in_the_way_of_another_stays() -> None:
    asked = work()
    made = attributes.handed_over(
        type(asked)(
            **{name: getattr(asked, name) for name in asked.__slots__ if name != "attributes"},
            attributes={"subject.line": "x", "agentdesk.interaction": "5"},
        ),
        "k",
    )
    flat: dict[str, Any] = attributes.flat(made)
    assert flat["subject"] == "Where is my parcel?"
    assert (flat["agentdesk.interaction"], flat["agentdesk.key"]) == ("5", "k")
