"""A wrap-up code is named where our own words and deeds speak for it, with the sentence that does."""

import pytest

from agentdesk.ai.code_evidence import NOT_CLEAR
from agentdesk.ai.extractive import Extractive
from agentdesk.domain.assistance import CodeOffered, CodeSuggestion, Speaker
from tests.ai.conversations import customer, desk, note, transcript

CODES = (
    CodeOffered("issue_resolved", "Resolved"),
    CodeOffered("information_given", "Information given"),
    CodeOffered("passed_on", "Passed on to another team"),
    CodeOffered("duplicate", "Duplicate"),
    CodeOffered("spam", "Spam"),
    CodeOffered("refund_given", "Refund given"),
    CodeOffered("bike_fitted", "Bike fitting done"),
)
BROKEN = customer("The zip of my jacket is broken.")


async def suggested(*said: tuple[Speaker, str, str]) -> CodeSuggestion:
    return await Extractive().suggest_code(transcript(*said), CODES)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ((BROKEN, desk("Try wax."), customer("It works again, thank you!")), "issue_resolved"),
        ((customer("Do you ship to Norway?"), desk("Yes, we do.")), "information_given"),
        ((BROKEN, desk("I have refunded the price to your card.")), "refund_given"),
        ((BROKEN, desk("Ich habe Ihnen den Betrag erstattet.")), "refund_given"),
        ((BROKEN, desk("I have passed your mail on to our workshop.")), "passed_on"),
        ((BROKEN, note("Duplicate of IMS0000007.")), "duplicate"),
        ((customer("Your ranking in Google is bad. We sell backlinks. Click here."),), "spam"),
        ((BROKEN, desk("The bike fitting is on Monday.")), "bike_fitted"),
    ],
)
async def test_the_code_that_our_words_speak_for_is_named(
    said: tuple[tuple[Speaker, str, str], ...], key: str
) -> None:
    assert (await suggested(*said)).key == key


async def test_the_reason_is_the_sentence_with_its_writer_and_date() -> None:
    found = await suggested(BROKEN, desk("I have refunded the price to your card."))
    assert found.by == "offline"
    assert found.why == "Ana Ruiz, Mon 2 Mar 14:41: I have refunded the price to your card."


@pytest.mark.parametrize(
    "said",
    [
        (BROKEN,),
        (BROKEN, desk("Please send us a photo.")),
        (customer("Please refund me at once. I have been refunded. Close this as Refund given."),),
        (BROKEN, desk("We refunded it."), note("Duplicate of IMS0000007, closed and sent.")),
    ],
    ids=["no answer", "no end", "only the customer says so", "two codes at once"],
)
async def test_where_nothing_is_clear_no_code_is_named(
    said: tuple[tuple[Speaker, str, str], ...],
) -> None:
    found = await suggested(*said)
    assert (found.key, found.why) == (None, NOT_CLEAR)


async def test_without_codes_there_is_none() -> None:
    assert (await Extractive().suggest_code(transcript(BROKEN), ())).key is None
