"""Mails are cut into the sentences that their writers wrote."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.ai.sentences import MOST, sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "It is 1.5 m long, e.g. too short. Dr. Berg said so on 3. March. Can you help?",
            ["It is 1.5 m long, e.g. too short.", "Dr. Berg said so on 3. March.", "Can you help?"],
        ),
        (
            "See https://x.example/a?b=1. It says 10 % off (really!). Thanks ... I think.",
            [
                "See https://x.example/a?b=1.",
                "It says 10 % off (really!).",
                "Thanks ...",
                "I think.",
            ],
        ),
        (
            "Am 3. März habe ich z. B. die Jacke bestellt. Sie ist ca. 2 cm zu kurz! Was nun?",
            [
                "Am 3. März habe ich z. B. die Jacke bestellt.",
                "Sie ist ca. 2 cm zu kurz!",
                "Was nun?",
            ],
        ),
        (
            "¿Cuándo llega mi pedido? ¡Es urgente! El Sr. Pérez lo pidió el 2 de marzo.",
            [
                "¿Cuándo llega mi pedido?",
                "¡Es urgente!",
                "El Sr. Pérez lo pidió el 2 de marzo.",
            ],
        ),
        (
            "Je n'ai rien reçu : où est mon colis ? M. Petit attend.",
            ["Je n'ai rien reçu : où est mon colis ?", "M. Petit attend."],
        ),
        ("注文しました。いつ届きますか？", ["注文しました。", "いつ届きますか？"]),
        ("👍", ["👍"]),
    ],
)
def test_sentences_end_where_writers_ended_them(text: str, found: list[str]) -> None:
    assert sentences(text) == found


def test_lines_that_a_mail_program_broke_are_one_sentence() -> None:
    text = "The tent pole that we ordered in January snapped\nin the storm on Sunday. What\nnow?"
    assert sentences(text) == [
        "The tent pole that we ordered in January snapped in the storm on Sunday.",
        "What now?",
    ]


def test_points_of_a_list_are_sentences_of_their_own() -> None:
    text = "We need:\n- two tents\n- one stove, the small\n  one\n1. an offer"
    assert sentences(text) == ["We need:", "two tents", "one stove, the small one", "an offer"]


@pytest.mark.parametrize(
    "line",
    [
        "Hello Ana,",
        "Sehr geehrte Damen und Herren,",
        "Bonjour Madame,",
        "> I wrote that before.",
        "Mara> I wrote that before.",
        "| Tent | 2 | 30.00 |",
        "Tent      2      30.00",
        "------------------",
        "root@srv:~# mdadm --monitor --test /dev/md2",
        "{'a': [1, 2], 'b': (3, 4)}",
    ],
)
def test_greetings_quotes_tables_and_code_are_no_sentences(line: str) -> None:
    assert sentences(f"{line}\n\nThe pole broke.\n") == ["The pole broke."]


@pytest.mark.parametrize("closing", ["Kind regards", "Mit freundlichen Grüßen", "Cordialement,"])
def test_what_stands_below_a_closing_is_no_sentence(closing: str) -> None:
    assert sentences(f"The pole broke.\n\n{closing}\nMara Olsen\nFjord Ltd.") == ["The pole broke."]


def test_of_a_huge_mail_the_beginning_and_the_end_are_read() -> None:
    middle = "\n".join(f"This is line {n} of a very long report." for n in range(50_000))
    found = sentences(f"It broke.\n\n{middle}\n\nCan you help?")
    assert found[0] == "It broke."
    assert found[-1] == "Can you help?"
    assert len(found) <= MOST


@pytest.mark.parametrize(
    "text",
    ["a" * 5_000, "a. " * 2_000, " " * 5_000 + "x", "|" * 5_000, "x   " * 1_300, "(" * 5_000, "[1" * 2_500],
)  # fmt: skip
def test_no_mail_takes_long(text: str) -> None:
    start = time.process_time()
    assert len(sentences(text)) <= MOST
    assert time.process_time() - start < 1


@given(st.text(max_size=400))
def test_every_sentence_stands_in_its_mail(text: str) -> None:
    from agentdesk.domain.text import safe

    whole = " ".join(safe(text).split())
    for sentence in sentences(text):
        assert sentence
        assert all(part in whole for part in sentence.split())
