"""Where sign-ins are kept: the keyring, within its limits, or a private file."""

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from agentdesk.domain.errors import ServerUnreachable
from agentdesk.signin.grant import Grant, from_text
from agentdesk.signin.registration import Registration
from agentdesk.signin.shelves import FileShelf, KeyringShelf
from agentdesk.signin.store import Store
from tests.commands.command_world import Memory

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACCOUNT = Registration(
    "microsoft", "support", "support@a.example", "support@a.example", "id", "https://login.example"
)
GRANT = Grant("id", "a" * 2000, "r" * 1500, NOW, NOW + timedelta(hours=1), "ana@a.example")


class Small(Memory):
    """A keyring like that of Windows."""

    def set_password(self, service: str, username: str, password: str) -> None:
        assert len(password) <= 1280, "Windows would refuse this"
        super().set_password(service, username, password)


class Locked(Memory):
    """A keyring that its owner does not unlock."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("not now")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("not now")


def test_a_grant_is_read_as_it_was_written() -> None:
    assert from_text(GRANT.as_text()) == GRANT
    for broken in ("", "{}", "[]", "null", '{"client_id": 1}', GRANT.as_text()[:-1]):
        assert from_text(broken) is None


def test_the_keyring_keeps_it_and_no_file_does(ring: Memory, tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.load(ACCOUNT) is None
    assert store.save(ACCOUNT, GRANT) == "the keyring"
    assert store.load(ACCOUNT) == GRANT
    assert len(ring.held) == 1
    for file in tmp_path.iterdir():
        assert "rrrr" not in file.read_text()
    store.remove(ACCOUNT)
    assert (store.load(ACCOUNT), ring.held) == (None, {})


def test_a_long_grant_is_kept_in_pieces_where_the_keyring_is_small() -> None:
    ring = Small()
    keyring.set_keyring(ring)
    shelf = KeyringShelf(piece=1200)
    for text in ("first" * 1000, "second" * 700, "short", "third" * 900):
        shelf.put("name", text)
        assert shelf.get("name") == text
    assert len(ring.held) == 1 + len("third" * 900) // 1200 + 1  # nothing old is left behind
    shelf.remove("name")
    assert ring.held == {}


def test_a_long_grant_stays_whole_when_replacing_it_fails_in_the_middle() -> None:
    class Failing(Small):
        left = 100

        def set_password(self, service: str, username: str, password: str) -> None:
            self.left -= 1
            if self.left < 0:
                raise KeyringLocked("locked in the middle")
            super().set_password(service, username, password)

    ring = Failing()
    keyring.set_keyring(ring)
    shelf = KeyringShelf(piece=1200)
    shelf.put("name", "old" * 2000)
    for left in range(5):
        ring.left = left
        with pytest.raises(Exception, match="locked in the middle"):
            shelf.put("name", "new" * 2000)
        assert shelf.get("name") == "old" * 2000


@pytest.mark.parametrize("use_keyring", [True, False])
def test_without_a_keyring_a_private_file_keeps_it(tmp_path: Path, use_keyring: bool) -> None:
    keyring.set_keyring(NoKeyring())
    folder = tmp_path / "data" / "sign-in"
    store = Store(folder, use_keyring=use_keyring)
    assert store.save(ACCOUNT, GRANT) == str(folder)
    assert store.load(ACCOUNT) == GRANT
    (file,) = folder.glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    store.remove(ACCOUNT)
    assert store.load(ACCOUNT) is None
    assert not list(folder.glob("*.json"))


def test_a_keyring_that_comes_back_takes_over_from_the_file(ring: Memory, tmp_path: Path) -> None:
    keyring.set_keyring(Locked())
    store = Store(tmp_path)
    store.save(ACCOUNT, GRANT)
    assert store.load(ACCOUNT) == GRANT
    keyring.set_keyring(ring)
    assert store.save(ACCOUNT, GRANT) == "the keyring"
    assert not list(tmp_path.glob("*.json"))
    assert store.load(ACCOUNT) == GRANT


def test_a_locked_keyring_is_told_and_is_no_missing_sign_in(tmp_path: Path) -> None:
    keyring.set_keyring(Locked())
    with pytest.raises(ServerUnreachable, match="unlock the keyring"):
        Store(tmp_path).load(ACCOUNT)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "sign-in", use_keyring=False)
    with pytest.raises(ServerUnreachable, match="cannot be kept"):
        store.save(ACCOUNT, GRANT)
    with pytest.raises(ServerUnreachable, match="cannot be made"), store.alone(ACCOUNT):
        pass


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    shelf.put("name", "old")
    with (tmp_path / "name.json").open() as before:
        shelf.put("name", "new")
        assert before.read() == "old"
    assert shelf.get("name") == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["name.json"]


def test_every_write_is_seen_by_others(tmp_path: Path) -> None:
    mine, other = Store(tmp_path), Store(tmp_path)
    seen = [mine.revision(ACCOUNT)]
    other.save(ACCOUNT, GRANT)
    seen.append(mine.revision(ACCOUNT))
    other.save(ACCOUNT, GRANT)
    seen.append(mine.revision(ACCOUNT))
    other.remove(ACCOUNT)
    seen.append(mine.revision(ACCOUNT))
    assert len(set(seen)) == 4


def test_a_refresh_is_no_sign_in(tmp_path: Path) -> None:
    mine, other = Store(tmp_path), Store(tmp_path)
    other.save_sign_in(ACCOUNT, GRANT)
    before = mine.last_sign_in(ACCOUNT)
    other.save(ACCOUNT, GRANT)
    assert mine.last_sign_in(ACCOUNT) == before
    other.save_sign_in(ACCOUNT, GRANT)
    assert mine.last_sign_in(ACCOUNT) != before


def test_accounts_do_not_share_a_name() -> None:
    names = {
        replace(ACCOUNT, user=user, provider=provider).name
        for user in ("a.b@x.example", "a-b@x.example", "a" * 60 + "1@x.example", "a" * 60 + "2")
        for provider in ("microsoft", "google")
    }
    assert len(names) == 8
    assert replace(ACCOUNT, user="A@x.example").name == replace(ACCOUNT, user="a@X.example").name
