"""The matcher that asks a model, against a real server on this machine."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from agentdesk.ai import choosing
from agentdesk.ai.keywords import weigh
from agentdesk.ai.model import budget
from agentdesk.ai.model.matcher import ModelMatcher
from agentdesk.domain.matching import Match
from tests.ai.talks import conversation, letter
from tests.ai.test_model_assistant import asking, last
from tests.openai_server import Answer, Asked, ModelServer, Script, model_server, refusal, written

MAIL = letter("When will my new tent pole arrive?", "A question")
THERE = [
    conversation("case:1", "The bill of October is wrong.", "Invoice 77"),
    conversation("case:2", "The pole of my tent broke.", "Tent pole broken"),
    conversation("case:3", "Do you sell stoves?", "Stoves"),
]
USUAL = weigh(MAIL, THERE)


def number_of(name: str) -> int:
    """The number under which the model is shown a conversation: the keywords' likeliest is 1."""
    return [w.id for w in USUAL.weighed].index(name) + 1


def says(number: int | None, confidence: float = 0.93, why: str = "Both are about a pole.") -> str:
    return json.dumps({"id": number, "confidence": confidence, "why": why})


async def matched(script: Script, **rules: Any) -> tuple[Match, ModelServer]:
    async with model_server(script) as server:
        return await choosing.matcher(server.rules(**rules)).match(MAIL, THERE), server


def probability(match: Match, name: str) -> float:
    return next(w.probability for w in match.weighed if w.id == name)


async def test_the_model_says_which_conversation_and_why() -> None:
    found, _ = await matched([says(number_of("case:3"))])
    assert found.matcher == "openai"
    assert found.cause == ""
    best = found.claimed()
    assert best is not None
    assert (best.id, best.probability, best.reasons) == (
        "case:3",
        0.93,
        ("Both are about a pole.",),
    )


@pytest.mark.parametrize("number", [None, 1, 2, 3])
@pytest.mark.parametrize("confidence", [0, 0.2, 0.5, 0.99, 1])
async def test_all_probabilities_are_one_and_the_likeliest_stands_first(
    number: int | None, confidence: float
) -> None:
    found, _ = await matched([says(number, confidence)])
    every = [w.probability for w in found.weighed]
    assert sum(every) + found.none == pytest.approx(1)
    assert every == sorted(every, reverse=True)
    assert all(0 <= p < 1 for p in [*every, found.none])


async def test_what_the_model_leaves_is_shared_as_the_keywords_would() -> None:
    found, _ = await matched([says(number_of("case:1"), 0.6)])
    before = probability(USUAL, "case:2") / USUAL.none
    assert probability(found, "case:2") / found.none == pytest.approx(before)


async def test_a_mail_that_belongs_to_none_is_not_linked() -> None:
    found, _ = await matched([says(None, 0.9)])
    assert found.claimed() is None
    assert found.likeliest is None
    assert found.none == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ([refusal(401)], "refuses the key"),
        ([refusal(500)], "has a problem of its own"),
        ([Answer(raw=b"nonsense")], "broke off"),
        (["It is the second."], "did not answer in the form"),
        ([says(4)], "did not answer in the form"),
        ([says(0)], "did not answer in the form"),
        ([says(2, 1.01)], "did not answer in the form"),
        ([says(2, -0.5)], "did not answer in the form"),
        (['{"id": 1.0, "confidence": 0.9, "why": ""}'], "did not answer in the form"),
        (['{"id": 1, "confidence": "0.9", "why": ""}'], "did not answer in the form"),
        (['{"id": 1, "confidence": true, "why": ""}'], "did not answer in the form"),
        (['{"id": 1, "confidence": 0.9}'], "did not answer in the form"),
    ],
)
async def test_whatever_fails_the_keywords_decide_and_the_cause_is_kept(
    script: list[Answer | str], cause: str
) -> None:
    found, _ = await matched(script)
    assert found.matcher == "keywords"
    assert cause in found.cause
    assert (found.weighed, found.none) == (USUAL.weighed, USUAL.none)


@pytest.mark.parametrize("answer", [Answer(silent=True), Answer(says(1), gate=asyncio.Event())])
async def test_a_model_that_takes_too_long_is_not_waited_for(answer: Answer) -> None:
    async with model_server([answer]) as server:
        rules = server.rules(matcher_timeout=timedelta(seconds=0.5), timeout=timedelta(seconds=60))
        found = await choosing.matcher(rules).match(MAIL, THERE)
        await asyncio.wait_for(server.left.wait(), 30)
    assert found.matcher == "keywords"
    assert found.cause == "The model did not answer within 0.5 seconds."


async def test_another_form_is_asked_for_again_once() -> None:
    found, server = await matched(["The tent.", says(1)])
    assert found.matcher == "openai"
    assert len(server.asked) == 2


async def test_without_conversations_nobody_is_asked() -> None:
    async with model_server([says(1)]) as server:
        found = await choosing.matcher(server.rules()).match(MAIL, [])
        assert (found.weighed, found.none) == ((), 1.0)
        assert server.asked == []


async def test_of_many_conversations_the_likeliest_are_shown() -> None:
    many = [*THERE, *(conversation(f"case:{n}", f"Something else {n}") for n in range(10, 60))]
    async with model_server([says(1)]) as server:
        found = await choosing.matcher(server.rules()).match(MAIL, many)
        (asked,) = server.asked
    assert asked.user.count("conversation number") == 10
    assert "The pole of my tent broke." in asked.user
    assert len(found.weighed) == len(many)
    assert sum(w.probability for w in found.weighed) + found.none == pytest.approx(1)


async def test_what_is_shown_fits_one_request() -> None:
    long = [conversation(f"case:{n}", "tent pole arrive " * 3_000) for n in range(20)]
    async with model_server([says(1)]) as server:
        mail = letter("tent pole arrive " * 5_000)
        await choosing.matcher(server.rules(most_tokens=3_000)).match(mail, long)
        (asked,) = server.asked
    assert budget.tokens(asked.system + asked.user) <= 3_000
    assert "conversation number 1" in asked.user


async def test_ids_and_numbers_of_records_stay_here() -> None:
    _, server = await matched([says(1)])
    assert b"case:" not in server.received


class Watch:
    """A clock that the test turns."""

    time = 0.0

    def __call__(self) -> float:
        return self.time


async def test_a_server_that_fails_again_and_again_is_left_alone_for_a_minute() -> None:
    watch = Watch()
    broken = refusal(500)
    async with model_server([broken, broken, broken, broken, says(1)]) as server:
        matcher = ModelMatcher(server.rules(), choosing.no_key, watch)

        async def ask() -> tuple[str, str]:
            found = await matcher.match(MAIL, THERE)
            return found.matcher, found.cause

        for _ in range(5):
            who, cause = await ask()
            assert who == "keywords"
            assert "(500)" in cause
        assert len(server.asked) == 3
        watch.time = 61
        assert (await ask())[0] == "keywords"
        assert (await ask())[0] == "keywords"
        assert len(server.asked) == 4
        watch.time = 122
        assert await ask() == ("openai", "")
        assert await ask() == ("openai", "")
        assert len(server.asked) == 6


async def test_many_mails_at_once_are_asked_about_four_at_a_time() -> None:
    gate = asyncio.Event()

    def script(asked: Asked) -> Answer | str:
        return Answer(says(1), gate=gate) if "conversation number" in asked.user else written("x")

    async with model_server(script) as server:
        matcher = choosing.matcher(server.rules())
        tasks = [asyncio.create_task(matcher.match(MAIL, THERE)) for _ in range(9)]
        for _ in range(3):  # who comes later is answered, so who came before has arrived
            await last(asking(server).translate("x", "German"))
        assert len(server.asked) == 4 + 3
        gate.set()
        found = await asyncio.gather(*tasks)
        assert len(server.asked) == 9 + 3
    assert {m.matcher for m in found} == {"openai"}
