"""The ladder, rung by rung."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.ids import AccountId, CaseId, CustomerId, InteractionId
from agentdesk.domain.ladder import (
    THRESHOLD,
    Around,
    Kind,
    Known,
    Link,
    Matches,
    Opinion,
    Rung,
    Unthreaded,
    contenders,
    decide,
    identify,
)
from agentdesk.domain.mail_identity import MailIdentity
from agentdesk.domain.message import Address, MailKind, ParsedMail

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOKEN = "q7Xc0Vd2kLpR-5tYw_9sAb"
OURS = f"ad.{TOKEN}.3@desk.example"
THEIRS = "CAF+x1@mail.acme.example"
MARA, STRANGER = "mara@acme.example", "someone@elsewhere.example"
ACME = AccountId(4)


def interaction(serial: int, *, is_open: bool, hour: int = 0) -> Known:
    return Known(
        Kind.INTERACTION,
        InteractionId(serial),
        f"IMS{serial:07d}",
        is_open,
        MORNING + timedelta(hours=hour),
        CustomerId(1),
        ACME,
        frozenset({MARA}),
    )


def case(serial: int, *, is_open: bool, hour: int = 0) -> Known:
    opened_at = MORNING + timedelta(hours=hour)
    return Known(Kind.CASE, CaseId(serial), f"CS{serial:07d}", is_open, opened_at, CustomerId(1))


OPEN, CLOSED = interaction(123, is_open=True), interaction(100, is_open=False)


def mail(
    *,
    sender: str = MARA,
    subject: str = "Photos",
    in_reply_to: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
    to: str = "support@desk.example",
    kind: MailKind = MailKind.NORMAL,
) -> MailIdentity:
    parsed = ParsedMail(
        subject=subject,
        sender=Address(sender),
        text="> Re: IMS0000999\n> <ad.AAAAAAAAAAAAAAAAAAAAAA.1@desk.example>",
        latest=(),
        to=(Address(to),),
        message_id="new@mail.acme.example",
        in_reply_to=in_reply_to,
        references=references,
        kind=kind,
    )
    return MailIdentity.of(parsed)


def token_match(record: Known) -> Matches:
    return Matches(tokens={TOKEN.lower(): record}, references={OURS: record})


@pytest.mark.parametrize("record", [OPEN, case(7, is_open=True)])
def test_a_reply_to_our_mail_joins_its_open_record(record: Known) -> None:
    known = replace(record, participants=frozenset({MARA}))
    link = decide(mail(in_reply_to=(OURS,)), token_match(known))
    assert link == Link(Rung.TOKEN, f"It answers our mail in {known.number}.", known)


@pytest.mark.parametrize("sender", [MARA, STRANGER])
def test_a_reference_to_any_stored_message_joins_its_record_whoever_sends_it(sender: str) -> None:
    link = decide(mail(sender=sender, references=(THEIRS,)), Matches(references={THEIRS: OPEN}))
    assert link == Link(Rung.REFERENCE, "It refers to a message in IMS0000123.", OPEN)


def test_a_number_in_the_subject_joins_its_record() -> None:
    link = decide(mail(subject="About IMS0000123"), Matches(numbers={"IMS0000123": OPEN}))
    assert link == Link(Rung.NUMBER, "Its subject names IMS0000123.", OPEN)


def test_the_token_goes_before_the_reference_and_the_reference_before_the_number() -> None:
    other, third = interaction(124, is_open=True), interaction(125, is_open=True)
    full = mail(in_reply_to=(THEIRS,), references=(OURS,), subject="IMS0000125")
    numbers = {"IMS0000125": third}
    all_three = Matches({TOKEN.lower(): OPEN}, {THEIRS: other}, numbers)
    assert decide(full, all_three).target == OPEN
    assert decide(full, Matches(references={THEIRS: other}, numbers=numbers)).target == other
    assert decide(full, Matches(numbers=numbers)).target == third


def test_the_nearest_stored_message_decides() -> None:
    older = interaction(90, is_open=True)
    matches = Matches(references={"old@x": older, "new@x": OPEN})
    assert decide(mail(references=("old@x", "new@x", "lost@x")), matches).target == OPEN


def test_what_is_open_is_joined_whatever_is_related() -> None:
    link = decide(
        mail(in_reply_to=(OURS,)), token_match(OPEN), Around([interaction(124, is_open=True)])
    )
    assert (link.target, link.considered) == (OPEN, ())


@pytest.mark.parametrize(
    "letter",
    [
        mail(sender=STRANGER, in_reply_to=(OURS,)),
        mail(sender=STRANGER, references=(OURS,)),
        mail(sender=STRANGER, subject="IMS0000123"),
    ],
)
def test_a_token_or_number_from_a_stranger_is_flagged_and_not_linked(letter: MailIdentity) -> None:
    matches = replace(token_match(OPEN), numbers={"IMS0000123": OPEN})
    link = decide(letter, matches, Around([OPEN]))
    assert (link.rung, link.flagged) == (Rung.FLAGGED, True)
    assert (link.target, link.parent, link.claimed) == (None, None, OPEN)
    assert STRANGER in link.reason
    assert "IMS0000123" in link.reason


def test_the_ids_beside_a_refused_token_do_not_count_either() -> None:
    matches = Matches({TOKEN.lower(): OPEN}, {THEIRS: OPEN, OURS: OPEN})
    link = decide(mail(sender=STRANGER, references=(THEIRS, OURS)), matches)
    assert link.rung is Rung.FLAGGED


def test_a_refused_number_does_not_spoil_a_reference() -> None:
    matches = Matches(references={THEIRS: OPEN}, numbers={"IMS0000123": OPEN})
    link = decide(mail(sender=STRANGER, references=(THEIRS,), subject="IMS0000123"), matches)
    assert link.rung is Rung.REFERENCE


def test_a_strangers_token_beside_an_own_number_does_not_stop_the_own_one() -> None:
    foreign = replace(interaction(50, is_open=True), participants=frozenset(), account_id=None)
    matches = Matches({TOKEN.lower(): foreign}, numbers={"IMS0000123": OPEN})
    link = decide(mail(in_reply_to=(OURS,), subject="IMS0000123"), matches)
    assert (link.rung, link.target, link.flagged) == (Rung.NUMBER, OPEN, False)


def test_another_address_of_the_customer_or_account_may_answer() -> None:
    letter = mail(sender=STRANGER, in_reply_to=(OURS,))
    assert decide(replace(letter, account_id=ACME), token_match(OPEN)).rung is Rung.TOKEN
    assert decide(replace(letter, customer_id=CustomerId(1)), token_match(OPEN)).rung is Rung.TOKEN


def test_unknown_customers_are_not_taken_for_each_other() -> None:
    unknown = replace(OPEN, customer_id=None, account_id=None, participants=frozenset())
    link = decide(mail(sender=STRANGER, in_reply_to=(OURS,)), token_match(unknown))
    assert link.rung is Rung.FLAGGED


def test_a_delivery_report_is_linked_by_its_token_and_not_by_a_number() -> None:
    bounce = partial(mail, sender="mailer-daemon@mx.example", kind=MailKind.BOUNCE)
    assert decide(bounce(references=(OURS,)), token_match(OPEN)).rung is Rung.TOKEN
    numbered = decide(bounce(subject="IMS0000123"), Matches(numbers={"IMS0000123": OPEN}))
    assert numbered.rung is Rung.FLAGGED


def ladder(
    related: Iterable[Known], scores: dict[Known, float] | None = None, threshold: float = THRESHOLD
) -> Link:
    letter, by_key = mail(in_reply_to=(OURS,)), {r.key: n for r, n in (scores or {}).items()}
    around = Around(tuple(related))
    return decide(letter, token_match(CLOSED), around, Opinion(scores=by_key), threshold=threshold)


I1, I2 = interaction(201, is_open=True, hour=1), interaction(202, is_open=True, hour=5)
C1, C2 = case(11, is_open=True, hour=2), case(12, is_open=True, hour=4)
WHY = "It answers our mail in IMS0000100, which is closed"


def test_reply_to_closed_interaction_goes_to_its_only_open_interaction() -> None:
    link = ladder([I1, CLOSED, interaction(99, is_open=False)])
    assert (link.rung, link.target) == (Rung.OPEN_INTERACTION, I1)
    assert link.reason == f"{WHY}; IMS0000201 is the only open interaction related to it."


@pytest.mark.parametrize("cases", [[C1], [C1, C2]])
def test_an_only_open_interaction_goes_before_open_cases(cases: list[Known]) -> None:
    assert ladder([*cases, I1]).target == I1


def test_reply_to_closed_interaction_goes_to_its_only_open_case() -> None:
    link = ladder([C1, case(10, is_open=False)])
    assert (link.rung, link.target) == (Rung.OPEN_CASE, C1)
    assert link.reason == f"{WHY}; CS0000011 is the only open case related to it."


def test_the_only_open_case_goes_before_several_open_interactions() -> None:
    assert ladder([I1, I2, C1]).target == C1


@pytest.mark.parametrize("score", [0.85, 0.97])
def test_of_several_the_best_match_wins_from_the_threshold_on(score: float) -> None:
    link = ladder([C1, C2], {C1: score, C2: 0.3})
    assert (link.rung, link.target) == (Rung.BEST_SCORE, C1)
    assert link.reason == f"{WHY}; of 2 open records CS0000011 matches best ({score * 100:.0f} %)."
    assert {(c.record, c.score) for c in link.considered} == {(C1, score), (C2, 0.3)}


def test_of_several_that_match_too_little_the_most_recently_opened_wins() -> None:
    link = ladder([C2, C1], {C1: 0.8499, C2: 0.2})
    assert (link.rung, link.target) == (Rung.MOST_RECENT, C2)
    assert link.reason == (
        f"{WHY}; none of 2 open records matches well enough (best 84 %), "
        "so it goes to CS0000012, opened last."
    )


def test_without_matcher_the_most_recently_opened_wins_whatever_its_kind() -> None:
    assert ladder([I1, C1, C2, I2]).target == I2
    assert ladder([I1, interaction(203, is_open=True), C1, C2]).target == C2


def test_of_equal_scores_the_most_recently_opened_wins() -> None:
    assert ladder([C1, C2, C1], {C1: 0.9, C2: 0.9}).target == C2


@pytest.mark.parametrize("related", [[], [CLOSED, case(10, is_open=False)]])
def test_with_nothing_open_a_new_one_continues_the_closed_one(related: list[Known]) -> None:
    link = ladder(related)
    assert (link.rung, link.target, link.parent) == (Rung.NEW_WITH_PARENT, None, CLOSED)
    assert link.reason == f"{WHY}; nothing related is open, so a new interaction continues it."


def test_reply_to_a_closed_case_makes_a_new_linked_interaction() -> None:
    closed_case = replace(case(7, is_open=False), participants=frozenset({MARA}))
    link = decide(mail(in_reply_to=(OURS,)), token_match(closed_case))
    assert (link.rung, link.parent) == (Rung.NEW_WITH_PARENT, closed_case)


def test_a_number_of_a_closed_record_climbs_the_same_ladder() -> None:
    link = decide(mail(subject="IMS0000100"), Matches(numbers={"IMS0000100": CLOSED}), Around([I1]))
    assert (link.rung, link.target) == (Rung.OPEN_INTERACTION, I1)


def test_the_threshold_is_a_setting() -> None:
    half = ladder([C1, C2], {C1: 0.5}, threshold=0.5)
    assert half.rung is Rung.BEST_SCORE


def unthreaded(score: float, may: Unthreaded) -> Link:
    opinion = Opinion(scores={C1.key: score})
    return decide(mail(), Matches(), Around((), [C1, C2]), opinion, unthreaded=may)


def test_a_mail_without_identity_is_new() -> None:
    link = decide(mail(in_reply_to=("lost@x",), subject="IMS0009999"), Matches())
    assert link == Link(Rung.NEW, "It refers to nothing known: a new interaction.")


def test_a_record_that_looks_alike_is_proposed_or_linked_as_the_setting_says() -> None:
    proposed, linked = unthreaded(0.85, Unthreaded.SUGGEST), unthreaded(0.85, Unthreaded.LINK)
    assert (proposed.rung, proposed.target, proposed.proposal) == (Rung.NEW, None, C1)
    assert "CS0000011 matches best (85 %) and is proposed." in proposed.reason
    assert (linked.rung, linked.target, linked.proposal) == (Rung.BEST_SCORE, C1, None)


@pytest.mark.parametrize(
    ("score", "may"),
    [(0.84, Unthreaded.LINK), (0.84, Unthreaded.SUGGEST), (0.99, Unthreaded.OFF)],
)
def test_a_weak_or_unwanted_likeness_stays_new(score: float, may: Unthreaded) -> None:
    link = unthreaded(score, may)
    assert (link.rung, link.target, link.proposal) == (Rung.NEW, None, None)


def test_an_only_open_record_is_no_reason_to_link_a_mail_without_identity() -> None:
    assert decide(mail(), Matches(), Around((), [C1]), unthreaded=Unthreaded.LINK).rung is Rung.NEW


records = st.builds(
    lambda known, serial, is_open, hour: known(serial, is_open=is_open, hour=hour),
    st.sampled_from([interaction, case]),
    st.integers(1, 6),
    st.booleans(),
    st.integers(0, 3),
)


@settings(max_examples=200, deadline=None)
@given(
    matched=records,
    related=st.lists(records, max_size=6, unique_by=lambda record: record.key),
    scores=st.dictionaries(
        st.tuples(st.sampled_from(Kind), st.integers(1, 6)), st.floats(0, 1), max_size=6
    ),
    sender=st.sampled_from([MARA, STRANGER]),
)
def test_nothing_closed_is_ever_written_to_and_the_order_of_rows_does_not_matter(
    matched: Known,
    related: list[Known],
    scores: dict[tuple[Kind, int], float],
    sender: str,
) -> None:
    letter = mail(sender=sender, in_reply_to=(OURS,))
    opinion = Opinion(scores=scores)
    link = decide(letter, token_match(matched), Around(related), opinion)
    assert link.target is None or link.target.open
    assert link.parent is None or not link.parent.open
    assert link.flagged == (link.rung is Rung.FLAGGED)
    assert link.reason.endswith(".")
    assert decide(letter, token_match(matched), Around(related[::-1]), opinion) == link


def test_a_record_names_its_own_kind_of_id() -> None:
    assert (OPEN.interaction_id, OPEN.case_id) == (123, None)
    assert (C1.interaction_id, C1.case_id) == (None, 11)


def became(serial: int, record: Known | None) -> Known:
    """A closed interaction that became a case."""
    return replace(interaction(serial, is_open=False), case=record)


def test_reply_to_an_interaction_that_became_a_case_goes_to_that_case() -> None:
    around = Around([I1, C2], [C1, C2])
    link = decide(mail(in_reply_to=(OURS,)), token_match(became(100, C1)), around)
    assert (link.rung, link.target) == (Rung.ITS_CASE, C1)
    assert link.reason == f"{WHY} and became CS0000011."


def test_the_case_that_it_became_counts_no_more_once_that_is_closed() -> None:
    its_own = case(10, is_open=False)
    link = decide(mail(in_reply_to=(OURS,)), token_match(became(100, its_own)), Around([C1]))
    assert (link.rung, link.target) == (Rung.OPEN_CASE, C1)


def test_with_nothing_related_open_the_customers_only_open_case_takes_it() -> None:
    around = Around([CLOSED], [C1, case(10, is_open=False)])
    link = decide(mail(in_reply_to=(OURS,)), token_match(CLOSED), around)
    assert (link.rung, link.target) == (Rung.OPEN_CASE, C1)
    assert link.reason == f"{WHY}; CS0000011 is the only open case of its customer."


def test_what_is_related_goes_before_other_cases_of_the_customer() -> None:
    for near in ([C1], [I1]):
        link = decide(mail(in_reply_to=(OURS,)), token_match(CLOSED), Around(near, [C1, C2]))
        assert link.target == near[0]


def test_of_several_cases_of_the_customer_the_best_match_wins_and_says_by_which_words() -> None:
    opinion = Opinion("keywords", {C1.key: 0.91}, {C1.key: "“t-5512” · same subject"})
    around = Around((), [C1, C2])
    link = decide(mail(in_reply_to=(OURS,)), token_match(CLOSED), around, opinion)
    assert (link.rung, link.target) == (Rung.BEST_SCORE, C1)
    said = "of 2 open records CS0000011 matches best (91 %: “t-5512” · same subject)"
    assert link.reason == f"{WHY}; {said}."
    assert link.considered[1].words == "“t-5512” · same subject"


@pytest.mark.parametrize(
    ("found", "around", "asked"),
    [
        (CLOSED, Around([C1, C2], [I1]), (C2, C1)),
        (CLOSED, Around([], [C1, C2]), (C2, C1)),
        (CLOSED, Around([C1], [C1, C2]), ()),
        (CLOSED, Around([I1, C1, C2], []), ()),
        (CLOSED, Around(), ()),
        (OPEN, Around([C1, C2], [C1, C2]), ()),
        (became(100, C1), Around([C1, C2], [C1, C2]), ()),
        (None, Around([C2], [C1]), (C1,)),
    ],
)
def test_a_matcher_is_asked_only_where_it_decides(
    found: Known | None, around: Around, asked: tuple[Known, ...]
) -> None:
    matches = token_match(found) if found else Matches()
    assert contenders(identify(mail(in_reply_to=(OURS,)), matches), around) == asked


def test_a_moved_message_decides_before_the_token_of_the_record_that_it_left() -> None:
    moved = replace(case(7, is_open=True), participants=frozenset({MARA}))
    matches = Matches({TOKEN.lower(): OPEN}, {THEIRS: moved}, moved={THEIRS: moved})
    letter = mail(in_reply_to=(THEIRS,), references=(OURS, THEIRS))
    link = decide(letter, matches)
    assert (link.rung, link.target) == (Rung.MOVED, moved)
    assert link.reason == "It refers to a message that was moved to CS0000007."


def test_our_own_mail_behind_a_moved_message_is_nearer() -> None:
    moved = case(7, is_open=True)
    matches = Matches({TOKEN.lower(): OPEN}, {THEIRS: moved}, moved={THEIRS: moved})
    link = decide(mail(in_reply_to=(OURS,), references=(THEIRS, OURS)), matches)
    assert (link.rung, link.target) == (Rung.TOKEN, OPEN)


def test_our_own_moved_mail_counts_only_from_somebody_who_takes_part() -> None:
    matches = Matches({TOKEN.lower(): OPEN}, {OURS: OPEN}, moved={OURS: OPEN})
    assert decide(mail(in_reply_to=(OURS,)), matches).rung is Rung.MOVED
    assert decide(mail(sender=STRANGER, in_reply_to=(OURS,)), matches).rung is Rung.FLAGGED
