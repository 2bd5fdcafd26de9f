"""IMAP's grammar: any chunks, any names, in linear time."""

import asyncio
import time
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.errors import BadInput
from agentdesk.mail import answers
from agentdesk.mail.account import ImapServer
from agentdesk.mail.session import Answer, ImapSession
from agentdesk.mail.wire import (
    LONGEST_LINE,
    Parts,
    ProtocolError,
    ResponseReader,
    batches,
    from_utf7,
    quoted,
    slices,
    to_utf7,
    tokens,
    uid_set,
)

HOSTILE = [b"", b"\r\n", b"* 1 FETCH (", b"A1 OK done\r\n", b"{5}\r\n", b")", b"+ \r\n", b"\0\xff"]
unhurried = settings(deadline=None)

bodies = st.lists(st.sampled_from(HOSTILE) | st.binary(max_size=200), max_size=6).map(b"".join)


def chunks_of(data: bytes, cuts: list[int]) -> list[bytes]:
    """*data* in pieces whose lengths repeat *cuts*."""
    pieces, start, turn = [], 0, 0
    while start < len(data):
        length = cuts[turn % len(cuts)]
        pieces.append(data[start : start + length])
        start, turn = start + length, turn + 1
    return pieces


def fetch_line(uid: int, body: bytes) -> bytes:
    """A FETCH answer as servers write it."""
    return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b FLAGS (\\Seen))\r\n" % (
        uid,
        uid,
        len(body),
        body,
    )


@unhurried
@given(
    st.lists(bodies, min_size=1, max_size=8),
    st.lists(st.integers(1, 90), min_size=1, max_size=5),
)
def test_literals_survive_any_chunking(mails: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(fetch_line(uid, body) for uid, body in enumerate(mails, start=1))
    reader = ResponseReader()
    responses = [parts for piece in chunks_of(stream, cuts) for parts in reader.feed(piece)]
    data: list[Parts] = [[bytes(parts[0])[2:], *parts[1:]] for parts in responses]
    fetched = answers.fetched(data)
    assert [answers.body(fields) for fields in fetched.values()] == mails
    assert all(fields["FLAGS"] == ["\\Seen"] for fields in fetched.values())
    assert reader.idle


class WireOnly:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


async def run_against(mails: list[bytes], cuts: list[int]) -> Answer:
    """One UID FETCH on a session whose server answers in pieces."""
    session = ImapSession(ImapServer("127.0.0.1", 143, "plain"))
    transport = WireOnly()
    session.connection_made(cast(Any, transport))
    session.data_received(b"* OK hello\r\n")
    command = asyncio.create_task(session.run("UID FETCH", b"1:*", b"(BODY.PEEK[])"))
    await asyncio.sleep(0)  # the command is written
    tag = transport.written.split()[0]
    lines = b"".join(fetch_line(uid, body) for uid, body in enumerate(mails, start=1))
    for piece in chunks_of(lines + tag + b" OK [READ-WRITE] fetched\r\n", cuts):
        session.data_received(piece)
    return await command


@unhurried
@given(st.lists(bodies, max_size=5), st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_session_hands_out_every_body_whatever_the_chunks(
    mails: list[bytes], cuts: list[int]
) -> None:
    answer = asyncio.run(run_against(mails, cuts))
    assert (answer.ok, answer.code, answer.text) == (True, "READ-WRITE", "fetched")
    told = answers.fetched(answer.data)
    assert [answers.body(fields) for fields in told.values()] == mails


@unhurried
@given(st.binary(max_size=300), st.lists(st.integers(1, 30), min_size=1, max_size=3))
def test_random_bytes_end_a_session_or_pass_but_never_break_it(
    noise: bytes, cuts: list[int]
) -> None:
    async def scenario() -> None:
        session = ImapSession(ImapServer("127.0.0.1", 143, "plain"))
        transport = WireOnly()
        session.connection_made(cast(Any, transport))
        for piece in chunks_of(b"* OK hello\r\n" + noise, cuts):
            session.data_received(piece)
        assert transport.aborted == (session.lost is not None)

    asyncio.run(scenario())


@unhurried
@given(st.lists(st.sampled_from([b"(", b")", b'"', b"a", b" ", b"\\", b"NIL", b"[", b"]"])))
def test_any_words_can_be_read(pieces: list[bytes]) -> None:
    tokens([b"".join(pieces)])


@pytest.mark.parametrize("piece", [b"(", b")", b'"', b"[", b"a(", b'"\\', b"{5} ", b"* "])
def test_reading_words_takes_linear_time(piece: bytes) -> None:
    started = time.perf_counter()
    tokens([piece * 300_000])
    assert time.perf_counter() - started < 3


def test_many_lines_in_one_chunk_take_linear_time() -> None:
    reader = ResponseReader()
    started = time.perf_counter()
    assert sum(1 for _ in reader.feed(b"* 1 FETCH (FLAGS ())\r\n" * 200_000)) == 200_000
    assert time.perf_counter() - started < 3


def test_line_without_an_end_is_refused() -> None:
    reader = ResponseReader()
    assert list(reader.feed(b"x" * LONGEST_LINE)) == []
    with pytest.raises(ProtocolError):
        list(reader.feed(b"x"))


def test_words_that_look_like_a_literal_in_a_status_text_are_text() -> None:
    reader = ResponseReader()
    lines = list(reader.feed(b"* OK see {5}\r\nA1 NO full {7}\r\n+ more {2}\r\n* 1 EXISTS\r\n"))
    assert lines == [[b"* OK see {5}"], [b"A1 NO full {7}"], [b"+ more {2}"], [b"* 1 EXISTS"]]


def test_words_of_an_answer_become_values() -> None:
    parts: Parts = [b'LIST (\\Sent (a)) NIL "a \\"b\\\\" ', bytearray(b"lit(eral"), b" last"]
    assert tokens(parts) == ["LIST", ["\\Sent", ["a"]], None, b'a "b\\', b"lit(eral", "last"]


@unhurried
@given(st.text())
def test_mailbox_names_survive_the_journey(name: str) -> None:
    travelling = to_utf7(name)
    assert all(" " <= character <= "~" for character in travelling)
    assert from_utf7(travelling) == name


@pytest.mark.parametrize(
    ("name", "travelling"),
    [
        ("Entwürfe", "Entw&APw-rfe"),
        ("A & B", "A &- B"),
        ("台北", "&U,BTFw-"),
        ("~peter/mail", "~peter/mail"),
    ],
)
def test_mailbox_names_are_written_as_the_standard_says(name: str, travelling: str) -> None:
    assert to_utf7(name) == travelling
    assert from_utf7(travelling) == name


def test_invalid_mailbox_name_is_shown_as_it_is() -> None:
    assert from_utf7("&AAA") == "&AAA"
    assert from_utf7("&!!!-") == "&!!!-"


@pytest.mark.parametrize("word", ["a\r\nA2 DELETE INBOX", "a\0b", "ü", "a\nb"])
def test_words_that_could_become_commands_are_refused(word: str) -> None:
    with pytest.raises(BadInput):
        quoted(word)


@unhurried
@given(st.sets(st.integers(1, 60)))
def test_uid_sets_name_exactly_their_uids(uids: set[int]) -> None:
    named: set[int] = set()
    for piece in uid_set(uids).decode().split(",") if uids else []:
        first, _, last = piece.partition(":")
        named.update(range(int(first), int(last or first) + 1))
    assert named == uids


@unhurried
@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 5), st.integers(1, 60))
def test_batches_keep_order_and_limits(sizes: list[int], mails: int, volume: int) -> None:
    runs = list(batches(enumerate(sizes), mails, volume))
    assert [uid for run in runs for uid in run] == list(range(len(sizes)))
    assert all(len(run) <= mails for run in runs)
    assert all(len(run) == 1 or sum(sizes[uid] for uid in run) <= volume for run in runs)


def test_slices_are_ascending_and_without_doubles() -> None:
    assert list(slices([5, 1, 3, 3, 2], 2)) == [[1, 2], [3, 5]]
    assert list(slices([], 2)) == []


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        (b" 1-Mar-2026 09:05:06 +0200", "2026-03-01T07:05:06+00:00"),
        (b"17-Jul-1996 02:44:25 -0700", "1996-07-17T09:44:25+00:00"),
        (b"31-Feb-2026 00:00:00 +0000", None),
        (b"01-Foo-2026 00:00:00 +0000", None),
        (b"01-Jan-0001 00:00:00 +2359", None),
        (b"soon", None),
    ],
)
def test_internal_dates_are_read_in_utc(text: bytes, iso: str | None) -> None:
    date = answers.internal_date(text)
    assert (date.isoformat() if date else None) == iso


told_parts = st.lists(
    st.lists(
        st.sampled_from(
            [
                *(b"1 FETCH (", b"UID", b" 7 ", b"\xb2", b"9" * 5000, b"BODY[]", b"FLAGS (", b")"),
                *(b"INTERNALDATE", b'"01-Jan-9999 23:59:59 -2359"', b"LIST (", b'"&\xff-"', b"/"),
                *(
                    b"STATUS x (UIDNEXT ",
                    b"SEARCH 1 ",
                    b"OK [UIDNEXT 1]",
                    b"3 EXISTS",
                    b"NIL",
                    b" ",
                ),
            ]
        )
    ).map(b"".join),
    min_size=1,
    max_size=3,
)


@unhurried
@given(st.lists(told_parts, max_size=4), st.booleans())
def test_no_answer_makes_reading_fail(data: list[Parts], literal: bool) -> None:
    if literal:
        data = [[*parts, bytearray(b"x"), b")"] for parts in data]
    answers.numbers(data)
    answers.status(data)
    answers.found_uids(data)
    answers.mailboxes(data)
    for uid, fields in answers.fetched(data).items():
        answers.mail(uid, fields, answers.body(fields) or b"")


def test_flags_told_apart_from_the_body_are_merged() -> None:
    data: list[Parts] = [
        [b"3 FETCH (FLAGS (\\Recent))"],
        [b"3 FETCH (UID 7 BODY[]<0> ", bytearray(b"raw"), b")"],
        [b"3 FETCH (UID 7 FLAGS (\\Seen))"],
        [b"4 EXPUNGE"],
        [b"5 FETCH (UID 9 BODY[] NIL)"],
    ]
    told = answers.fetched(data)
    assert answers.body(told[7]) == b"raw"
    assert told[7]["FLAGS"] == ["\\Seen"]
    assert answers.body(told[9]) is None
