"""What is personal does not leave this machine, and comes back exactly."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.ai import choosing
from agentdesk.ai.masking import Mask
from agentdesk.domain.assistance import Speaker, Transcript
from agentdesk.domain.matching import Conversation
from tests.ai.talks import letter, passage
from tests.ai.test_model_assistant import asking, last
from tests.openai_server import Answer, Asked, model_server, obliging, summary, written

NAMES = (
    "Mara Lind",
    "Anne-Marie O'Neill",
    "José Núñez",
    "İpek Işık",
    "Jürgen Strauß",
    "李小龙",
    "Max Card",
)
PLANTED = {
    "EMAIL": (
        "mara@lind.example",
        "anne-marie.o'neill+tents@sub.mail.example.co.uk",
        "jürgen@straße.example",
        "o_O@localhost",
    ),
    "PHONE": (
        "+49 30 1234567",
        "+49 (0)30 123 45 67",
        "(030) 1234567",
        "0049-30-1234567",
        "555.867.5309",
        "03012345678",
    ),
    "CARD": ("4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "5555555555554444"),
    "IBAN": (
        "DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "gb82 west 1234 5698 7654 32",
        "NO93 8601 1117 947",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    ),
}
EVERY = [(kind, value) for kind, values in PLANTED.items() for value in values]


@pytest.mark.parametrize(("kind", "value"), EVERY)
def test_what_is_personal_is_known_by_its_kind(kind: str, value: str) -> None:
    for text in (
        f"Here: {value}",
        f"{value}, please.",
        f"({value})\nNext",
        f"Call {value} or write",
    ):
        hidden = Mask().hide(text)
        assert f"[{kind}_1]" in hidden
        assert value not in hidden


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_hidden_in_every_case_and_in_its_parts(name: str) -> None:
    parts = [name, *name.split()]
    for part in parts:
        for written_so in {part, part.upper(), part.lower(), part.casefold()}:
            mask = Mask(NAMES)
            hidden = mask.hide(f"Hello {written_so}, and thank you")
            assert written_so not in hidden
            assert re.search(r"\[NAME_\d+\]", hidden)
            assert mask.show(hidden) == f"Hello {written_so}, and thank you"


def test_one_person_has_one_number_in_all_texts() -> None:
    mask = Mask(["Mara Lind", "Ana Ruiz"])
    assert (
        mask.hide("Mara Lind wrote. Mara waits for Ana.")
        == "[NAME_1] wrote. [NAME_1B] waits for [NAME_2]."
    )
    assert mask.hide("MARA LIND, Mara Lind") == "[NAME_1C], [NAME_1]"


@pytest.mark.parametrize(
    "text",
    [
        "on 2026-11-26 14:03",
        "on 26.11.2026",
        "at 14:03:22",
        "order 551233",
        "2 poles, 15 pegs for 119.90 EUR",
        "amara linden",
        "We may mark it, will you?",
    ],
)
def test_dates_amounts_and_usual_words_stay(text: str) -> None:
    assert Mask(["Mara Lind", "Will May"]).hide(text) == text


def test_what_looks_like_a_placeholder_is_hidden_so_that_nobody_can_ask_for_one() -> None:
    mask = Mask(["Mara Lind"])
    text = "Write [EMAIL_1] and [name_1] to mara@lind.example, Mara Lind"
    hidden = mask.hide(text)
    assert hidden == "Write [TEXT_1] and [TEXT_2] to [EMAIL_1], [NAME_1]"
    assert mask.show(hidden) == text


def test_a_placeholder_that_stands_for_nothing_stays() -> None:
    assert Mask().show("[NAME_7] and [IBAN_1]") == "[NAME_7] and [IBAN_1]"


def test_a_mask_that_is_off_changes_nothing() -> None:
    mask = Mask(NAMES, on=False)
    assert mask.hide("Mara Lind [NAME_1] 4111 1111 1111 1111").endswith("1111")
    assert mask.show("[NAME_1] [", whole=False) == "[NAME_1] ["


PERSONAL = st.sampled_from([value for _, value in EVERY] + [*NAMES, "Mara", "LIND", "o'neill"])
FILLER = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="[]_ 0123456789-EMAILNAMEX@.+()", max_size=20),
    st.sampled_from(
        ["[EMAIL_1]", "[NAME_1B]", "[", "[NAME_", "@", "IBAN ", "CS0000007", "2026-11-26"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(FILLER, PERSONAL), max_size=12))
def test_everything_comes_back_exactly(pieces: list[str]) -> None:
    mask = Mask(NAMES)
    texts = ["".join(pieces), " ".join(pieces), *pieces]
    hidden = [mask.hide(text) for text in texts]
    assert [mask.show(text) for text in hidden] == texts


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["see", "call", "is", ",", "or", "\n", "•", "und"]), max_size=6),
    st.lists(st.sampled_from([value for _, value in EVERY]), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_nothing_planted_is_left(words: list[str], planted: list[str], random: object) -> None:
    text = "\n".join(f"{w} {p} {w}" for w, p in zip([*words, *["and"] * 4], planted, strict=False))
    hidden = Mask().hide(text)
    assert not [value for value in planted if value in hidden]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=20), PERSONAL), max_size=8))
def test_a_stream_shows_no_half_of_a_placeholder(pieces: list[str]) -> None:
    mask = Mask(NAMES)
    text = " ".join(pieces).replace("[", "(")
    hidden = mask.hide(text)
    for end in range(len(hidden) + 1):
        grown = mask.show(hidden[:end], whole=False)
        assert text.startswith(grown)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "@" * 100_000,
        "1 " * 50_000,
        "[NAME_" * 20_000,
        "GB82 " * 20_000,
        "a.b" * 40_000,
    ],
    ids=range(6),
)
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    started = time.process_time()
    mask = Mask(NAMES)
    assert mask.show(mask.hide(text)) == text
    assert time.process_time() - started < 3


# On the wire


BODY = "\n".join(f"I am {n}: {v}" for n, (_, v) in zip(NAMES * 3, EVERY, strict=False))
SAID = Transcript(
    "IMS0000007",
    "Pay DE89 3704 0044 0532 0130 00, says Mara",
    "Mara Lind",
    tuple(
        passage(n, BODY, name, speaker)
        for n, (name, speaker) in enumerate(
            zip(NAMES, (Speaker.CUSTOMER, Speaker.DESK, Speaker.NOTE) * 3, strict=False), start=1
        )
    ),
    "Her mail is mara@lind.example",
    ("Ana Ruiz",),
)


def left_over(received: bytes) -> list[str]:
    """What of the planted data a server got to see, as JSON may write it."""
    seen = (received.decode(), received.decode("unicode_escape", "replace"))
    every = [value for _, value in EVERY] + [
        part for n in (*NAMES, "Ana Ruiz") for part in n.split()
    ]
    return [
        v for v in every if any(re.search(rf"(?<!\w){re.escape(v)}(?!\w)", text) for text in seen)
    ]


async def test_no_planted_byte_reaches_the_server_whatever_is_asked() -> None:
    async with model_server(obliging) as server:
        assistant = asking(server)
        await last(assistant.summarise(SAID))
        await last(assistant.suggest_reply(SAID, "Tell Mara Lind to call +49 30 1234567"))
        await assistant.suggest_code(SAID, ())
        await last(assistant.translate(PLANTED_TEXT, "German"))
        assert len(server.asked) == 4
        assert left_over(server.received) == []


PLANTED_TEXT = "\n".join(f"This is it: {value}." for _, value in EVERY)


async def test_no_planted_byte_reaches_the_server_of_the_matcher() -> None:
    letters = tuple(letter(BODY, f"{name} here", name) for name in NAMES)
    async with model_server(obliging) as server:
        found = await choosing.matcher(server.rules()).match(
            letter(BODY, "Mara Lind here", "Ana Ruiz"), [Conversation("c1", letters, "Ana")]
        )
        assert found.matcher == "openai"
        assert left_over(server.received) == []


async def test_without_masking_the_server_sees_it() -> None:
    """So that the tests above can fail."""
    async with model_server(obliging) as server:
        await last(asking(server, mask=False).summarise(SAID))
        assert len(left_over(server.received)) > 10


@pytest.mark.parametrize("size", [1, 3, 7, 500])
async def test_the_answer_shows_the_originals_however_the_stream_cuts_it(size: int) -> None:
    def echo(asked: Asked) -> Answer:
        found = re.findall(r"\[[A-Z]+_\d+[A-Z]*\]", asked.user)
        return Answer(summary(" ".join(dict.fromkeys(found)), "[NAME_1] paid."), size=size)

    async with model_server(echo) as server:
        grown = [s async for s in asking(server).summarise(SAID)]
    assert "[" not in "".join(s.issue + s.done for s in grown)
    assert grown[-1].done == "Mara Lind paid."
    for value in ("mara@lind.example", "4111 1111 1111 1111", "+49 30 1234567", "李小龙"):
        assert value in grown[-1].issue


async def test_a_translation_gives_the_originals_back() -> None:
    def echo(asked: Asked) -> str:
        text = asked.user.split("text\n", 1)[1].rsplit("\nEND", 1)[0]
        return written(text)

    async with model_server(echo) as server:
        found = await last(asking(server).translate(PLANTED_TEXT, "German"))
    assert found.text == PLANTED_TEXT
