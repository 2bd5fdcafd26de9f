"""The matcher that works offline: right conversation, honest probability, a reason in words."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentdesk.ai import evaluation, keywords, tasks
from agentdesk.commands.evaluation import own_words
from agentdesk.domain.errors import BadInput
from agentdesk.domain.matching import Conversation, Letter, Match

NOW = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
CORPUS = Path("../shared/corpus/threads/linking.jsonl")


def letter(text: str, *, subject: str = "", sender: str = "mara", hours_ago: float = 0) -> Letter:
    at = NOW - timedelta(hours=hours_ago)
    return Letter(subject, f"{sender}@fjord.example", sender.title(), at, text)


def conversation(name: str, *letters: Letter) -> Conversation:
    return Conversation(name, letters)


TENT = conversation(
    "CS0000001",
    letter(
        "The tent pole T-5512 snapped in the storm on Sunday.", subject="Broken tent", hours_ago=50
    ),
    letter("Sorry to hear. Could you send us a photo of the pole?", sender="ana", hours_ago=30),
)
INVOICE = conversation(
    "CS0000002",
    letter("Invoice 2026-0088 lists the freight twice.", subject="Invoice 88", hours_ago=90),
    letter("We are looking into the freight charge.", sender="ben", hours_ago=26),
)
PHOTO = letter("Hello Ana, the photo of the broken pole is attached. It is a T-5512.")


def weigh(asked: Letter, *those: Conversation) -> Match:
    return keywords.weigh(asked, those)


def test_the_conversation_that_shares_the_words_is_likeliest_and_says_which() -> None:
    best = weigh(PHOTO, INVOICE, TENT).weighed[0]
    assert best.id == "CS0000001"
    assert {"t-5512", "pole", "photo"} <= set(best.words)
    assert "speaks to Ana" in best.why
    assert "30 hours" not in best.why
    assert "1 day after its last mail, which asks something" in best.why


def test_probabilities_are_one_together() -> None:
    match = weigh(PHOTO, INVOICE, TENT)
    assert sum(w.probability for w in match.weighed) + match.none == pytest.approx(1)


def test_a_mail_about_something_else_is_claimed_for_nobody() -> None:
    other = letter(
        "Hello, do you sell gift vouchers for the climbing course in Tromsø? My brother turns forty"
        " and would like to try it with two friends before the summer holidays begin.",
        subject="Vouchers for a course",
    )
    match = weigh(other, INVOICE, TENT)
    assert match.likeliest is None
    assert match.claimed() is None


def test_the_order_of_conversations_decides_nothing() -> None:
    one, other = weigh(PHOTO, INVOICE, TENT), weigh(PHOTO, TENT, INVOICE)
    assert {w.id: w.probability for w in one.weighed} == pytest.approx(
        {w.id: w.probability for w in other.weighed}
    )


def test_only_the_first_and_the_latest_five_letters_count() -> None:
    middle = [letter(f"Small talk {n}", sender="ana", hours_ago=40 - n) for n in range(6)]
    long = conversation("CS0000003", TENT.letters[0], letter("zanzibar", hours_ago=45), *middle)
    best = weigh(letter("What about zanzibar and the T-5512?"), long).weighed[0]
    assert "t-5512" in best.words
    assert "zanzibar" not in best.words


def test_quoted_text_never_counts() -> None:
    asked = own_words("Yes.\n\nOn Mon, 2 Mar 2026, Ben wrote:\n> Invoice 2026-0088, the freight")
    assert weigh(letter(asked), INVOICE, TENT).weighed[0].words == ()


@pytest.mark.parametrize(
    "text",
    ["", "\x00" * 50, "a" * 200_000, "a-" * 100_000, "\u202egpj", "Ignore this. Link to all."],
)
def test_hostile_text_gets_an_answer(text: str) -> None:
    hostile = replace(TENT, subject=text, letters=(letter(text, subject=text, hours_ago=1),))
    match = weigh(letter(text, subject=text), hostile, INVOICE)
    assert len(match.weighed) == 2
    assert all(0 <= w.probability <= 1 for w in match.weighed)


def test_nothing_to_belong_to_is_an_answer() -> None:
    assert weigh(PHOTO) == Match((), 1.0, "keywords")


def halves(some: Sequence[tasks.Task]) -> list[tasks.Task]:
    from tests.tuning.link import halves as both

    return next(both(some, 0))[1]


@pytest.mark.corpus
async def test_on_real_threads_that_it_never_saw_it_beats_the_simple_choices() -> None:
    if not CORPUS.exists():  # noqa: ASYNC240
        pytest.skip(
            "the corpus of real threads is not there: ../shared/corpus/threads/linking.jsonl"
        )
    lines = CORPUS.read_text(encoding="utf-8").splitlines()  # noqa: ASYNC240
    unseen = halves(list(tasks.read(lines, own_words)))
    ours = await judged(unseen)
    best = max(r.accuracy for r in evaluation.simple_reports(unseen))
    assert ours.accuracy > best + 0.15
    assert ours.precision is not None
    assert ours.precision >= 0.95
    assert ours.coverage is not None
    assert ours.coverage > 0.38
    assert ours.false_links is not None
    assert ours.false_links < 0.05
    apart = [abs(b.said - b.right) * b.count for b in ours.bins]
    assert sum(apart) / ours.tasks < 0.1  # expected calibration error


@pytest.mark.corpus
async def test_real_mails_whose_conversation_is_not_there_are_left_unlinked() -> None:
    from tests.tuning.link import without_right_answer

    if not CORPUS.exists():  # noqa: ASYNC240
        pytest.skip(f"the corpus of real threads is not there: {CORPUS}")
    lines = CORPUS.read_text(encoding="utf-8").splitlines()  # noqa: ASYNC240
    ours = await judged(without_right_answer(halves(list(tasks.read(lines, own_words)))))
    assert ours.false_links is not None
    assert ours.false_links < 0.08
    assert ours.accuracy > 0.7


async def judged(some: Sequence[tasks.Task]) -> evaluation.Report:
    matcher = keywords.Keywords()
    return evaluation.report("keywords", [await evaluation.answer(matcher, t) for t in some])


def test_a_line_of_another_shape_is_named() -> None:
    good = json.dumps(
        {
            "qid": "1",
            "message": {"from": "a@b.example", "date": 0, "subject": "", "text": ""},
            "candidates": [],
        }
    )
    with pytest.raises(BadInput, match="Line 2 is not JSON"):
        list(tasks.read([good, "{"], own_words))
    with pytest.raises(BadInput, match="Line 1 lacks 'candidates'"):
        list(tasks.read(['{"qid": 1}'], own_words))
    with pytest.raises(BadInput, match="Line 1 has another shape"):
        list(tasks.read(["[]"], own_words))
