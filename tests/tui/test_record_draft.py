"""What is typed into the form of a record, and what becomes of it when two people save."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.ids import AccountId
from agentdesk.domain.people import PersonDetails
from agentdesk.tui.record_draft import (
    LABELS,
    AccountPick,
    Typed,
    conflict,
    joined,
    listed,
    of_person,
    person,
)
from tests.tui.fake_people import mara

WORDS = st.sampled_from(["", "a", "b"])
TYPED = st.builds(
    Typed,
    name=WORDS,
    language=WORDS,
    time_zone=WORDS,
    tags=WORDS,
    notes=WORDS,
    vip=st.booleans(),
    account=st.builds(AccountPick, WORDS),
)


def test_a_record_goes_through_the_form_unchanged() -> None:
    assert person(of_person(mara())) == mara().details


def test_tags_are_what_stands_between_commas_each_once() -> None:
    assert listed(" big, ,late,big ,") == ("big", "late")


def test_a_new_account_has_no_id_yet() -> None:
    assert person(Typed("Zoe", account=AccountPick("Lind"))) == PersonDetails("Zoe")
    picked = AccountPick("Lind", AccountId(3))
    assert person(Typed("Zoe", account=picked)).account_id == 3
    assert not AccountPick()


@given(mine=TYPED, base=TYPED, theirs=TYPED)
def test_nothing_that_either_of_two_typed_is_lost_unseen(
    mine: Typed, base: Typed, theirs: Typed
) -> None:
    found, both = joined(mine, base, theirs)
    for name in LABELS:
        ours, was, other = (getattr(each, name) for each in (mine, base, theirs))
        assert getattr(found, name) == (other if ours == was else ours)
        assert (name in both) == (len({ours, was, other}) == 3 if ours != was != other else False)


def test_the_sentence_names_what_both_changed() -> None:
    assert "changed name, tags and notes meanwhile" in conflict(["name", "tags", "notes"])
    assert "changed VIP" not in conflict(["vip"])
    assert "changed vip meanwhile" in conflict(["vip"])
    assert "Theirs is taken in" in conflict([])
    assert replace(Typed(), name="x").name == "x"
