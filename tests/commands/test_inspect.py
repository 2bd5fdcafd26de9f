"""`agentdesk inspect` tells of every file how the desk understands it, whatever the files are."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agentdesk.commands.inspect import FEW, run_inspect
from agentdesk.commands.inspected import Wanted
from agentdesk.domain.errors import BadInput

COMMAND = [sys.executable, "-m", "agentdesk", "inspect"]
KEYS = [
    "path", "subject", "from", "to", "date", "message_id", "text", "html_present", "reply_text",
    "attachments", "kind", "bounced_recipient", "bounce_status", "auth", "error",
]  # fmt: skip
LETTER = b"""\
Authentication-Results: mx.northwind.example; dmarc=pass header.from=fjord.example
From: =?utf-8?q?Mara_=C3=98lsen?= <Mara@fjord.example>
To: Support <support@northwind.example>, sales@northwind.example
Cc: lee@pine.example
Subject: =?utf-8?b?8J+TpiBPcmRlciA1NTEy?=
Date: Tue, 3 Mar 2026 10:41:00 +0100
Message-ID: <a1@fjord.example>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

It arrived broken.

--\x20
Mara

On Mon, 2 Mar 2026, Ana wrote:
> Did it arrive?
--b
Content-Type: image/png; name="photo.png"
Content-Disposition: attachment
Content-Transfer-Encoding: base64

aGVsbG8=
--b--
"""
BOUNCE = b"""\
From: MAILER-DAEMON@mx.example.org
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

No such user.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; mara@fjord.example
Action: failed
Status: 5.1.1
--b--
"""


def run(*arguments: str | bytes, stdin: bytes = b"", folder: Path | None = None) -> list[str]:
    done = subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, timeout=60, cwd=folder, check=True
    )
    assert done.stderr == b""
    return done.stdout.decode().splitlines()


def objects(*arguments: str | bytes, **more: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("--json", *arguments, **more)]


def letters(folder: Path, count: int) -> list[str]:
    names = [str(folder / f"{n:03}.eml") for n in range(count)]
    for n, name in enumerate(names):
        Path(name).write_bytes(b"Subject: letter %d\n\nHello" % n)
    return names


def test_an_object_tells_everything_about_a_mail(tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(LETTER)
    (told,) = objects(str(path), "--authserv-id", "mx.northwind.example")
    assert list(told) == KEYS
    text = told.pop("text")
    assert told == {
        "path": str(path),
        "subject": "📦 Order 5512",
        "from": "mara@fjord.example",
        "to": ["support@northwind.example", "sales@northwind.example"],
        "date": "2026-03-03T09:41:00+00:00",
        "message_id": "a1@fjord.example",
        "html_present": False,
        "reply_text": "It arrived broken.",
        "attachments": [{"name": "photo.png", "size": 5, "type": "image/png"}],
        "kind": "normal",
        "bounced_recipient": None,
        "bounce_status": None,
        "auth": "pass",
        "error": None,
    }
    assert "> Did it arrive?" in text
    (untrusted,) = objects(str(path))
    assert untrusted["auth"] == "none"


def test_a_bounce_names_recipient_and_status(tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(BOUNCE)
    (told,) = objects("b.eml", folder=tmp_path)
    assert told["kind"] == "bounce"
    assert (told["bounced_recipient"], told["bounce_status"]) == ("mara@fjord.example", "5.1.1")


def test_our_own_addresses_tell_a_loop(tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(LETTER)
    assert [o["kind"] for o in objects("letter.eml", folder=tmp_path)] == ["normal"]
    own = objects("letter.eml", "--own", "MARA@fjord.example", folder=tmp_path)
    assert [o["kind"] for o in own] == ["loop"]


def test_what_cannot_be_read_is_told_and_the_next_file_follows(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "noise.eml").write_bytes(b"\x00\x01\x02" * 1_000)
    (tmp_path / "letter.eml").write_bytes(LETTER)
    with (tmp_path / "huge.eml").open("wb") as huge:
        huge.truncate(50 * 1024 * 1024 + 1)
    names = ["gone.eml", "pipe", "/dev/zero", "empty.eml", "noise.eml", "huge.eml", "letter.eml"]
    told = objects(*names, "letter.eml/x", folder=tmp_path)
    assert [o["path"] for o in told] == [*names, "letter.eml/x"]
    assert [o["error"] for o in told] == [
        "not_found", "unreadable", "unreadable", "parse", "parse", "too_large", None, "not_found"
    ]  # fmt: skip
    assert all(list(o) == KEYS for o in told)


def test_paths_are_read_from_standard_input_too(tmp_path: Path) -> None:
    names = letters(tmp_path, 3)
    listed = "\n".join(names).encode()
    assert [o["path"] for o in objects(stdin=listed)] == names
    assert [o["path"] for o in objects("-", stdin=listed + b"\r\n\n")] == names
    assert [o["path"] for o in objects("-", names[0], stdin=listed)] == [*names, names[0]]
    assert objects(stdin=b"") == []


def test_many_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = letters(tmp_path, FEW * 5)
    told = objects(*names)
    assert [o["path"] for o in told] == names
    assert [o["subject"] for o in told] == [f"letter {n}" for n in range(FEW * 5)]
    assert [o["path"] for o in objects(stdin="\n".join(names).encode())] == names


def test_of_a_folder_every_file_below_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()
    letters(tmp_path / "cur", 2)
    letters(tmp_path, 1)
    (tmp_path / ".hidden").write_bytes(LETTER)
    below = [str(Path(o["path"]).relative_to(tmp_path)) for o in objects(str(tmp_path))]
    assert below == ["000.eml", "cur/000.eml", "cur/001.eml"]


def test_a_name_that_is_no_text_comes_back_unharmed(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/caf\xe9 \xff\x1b[31m.eml"
    Path(os.fsdecode(odd)).write_bytes(LETTER)
    for told in (objects(odd), objects(stdin=odd)):
        assert [os.fsencode(o["path"]) for o in told] == [odd]
        assert told[0]["subject"] == "📦 Order 5512"
    assert not any("\x1b" in line for line in run(odd))


def test_a_slow_writer_is_answered_path_by_path(tmp_path: Path) -> None:
    names = letters(tmp_path, 2)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*COMMAND, "--json"], **pipes) as command:
        assert command.stdin is not None
        assert command.stdout is not None
        for name in names:
            command.stdin.write(name.encode() + b"\n")
            command.stdin.flush()
            assert json.loads(command.stdout.readline())["path"] == name
        command.stdin.close()
    assert command.returncode == 0


def test_a_reader_who_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    names = letters(tmp_path, FEW * 30)
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*COMMAND, "--json", *names], **pipes) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode == 0


def test_a_mail_that_takes_its_reader_down_is_told_like_the_others(tmp_path: Path) -> None:
    names = letters(tmp_path, FEW * 3)
    killer = names[FEW + 20]
    script = (
        "import os, sys\n"
        "from agentdesk.commands import inspect, inspected\n"
        "honest = inspect.inspected\n"
        f"inspect.inspected = lambda p, w: os._exit(9) if p == {killer!r} else honest(p, w)\n"
        "sys.exit(inspect.run_inspect(sys.argv[1:], inspected.Wanted(as_json=True)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *names], capture_output=True, timeout=60, check=True
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [o["path"] for o in told] == names
    assert [o["path"] for o in told if o["error"]] == [killer]


def test_without_files_at_a_terminal_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with pytest.raises(BadInput, match="Name the files to inspect"):
        run_inspect([], Wanted())


def test_a_person_reads_what_matters(tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(LETTER)
    (tmp_path / "b.eml").write_bytes(BOUNCE)
    told = run("letter.eml", "b.eml", "gone.eml", folder=tmp_path)
    expected: Sequence[str] = (
        "📦 Order 5512",
        "  from      Mara Ølsen <mara@fjord.example>",
        "  date      2026-03-03 09:41 UTC",
        "  kind      a person's mail",
        "  attached  photo.png, image/png, 5 bytes",
        "  It arrived broken.",
        "  [5 lines of quotes and signature]",
        "  kind      a bounce: mail to mara@fjord.example was not delivered (5.1.1)",
        "  error     There is no such file.",
    )
    for line in expected:
        assert line in told
