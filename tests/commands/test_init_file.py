"""What `agentdesk init` guesses, and how it writes the first settings.toml."""

import re
from pathlib import Path

import pytest

from agentdesk.commands import settings_file
from agentdesk.commands.providers import PROVIDERS, Server, proposal
from agentdesk.commands.settings_file import FirstAccount
from agentdesk.domain.errors import BadInput
from agentdesk.settings import load

USER = "support@example.org"


def test_settings_that_appear_meanwhile_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\n")
    with pytest.raises(BadInput, match="exists already"):
        settings_file.write(path, "# new\n", force=False)
    assert [p.name for p in tmp_path.iterdir()] == ["settings.toml"]
    assert path.read_text() == "# mine\n"


def test_a_file_system_without_hard_links_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(settings_file.os, "link", refuse)
    path = tmp_path / "settings.toml"
    settings_file.write(path, "# new\n", force=False)
    assert path.read_text() == "# new\n"
    with pytest.raises(BadInput, match="exists already"):
        settings_file.write(path, "# newer\n", force=False)


def test_a_disk_that_fails_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(settings_file.os, "fsync", full)
    with pytest.raises(BadInput, match="cannot be written: No space left on device"):
        settings_file.write(path, "# new\n", force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["settings.toml"]
    assert path.read_text() == "# mine\n"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        settings_file.write(tmp_path / "file" / "settings.toml", "", force=False)


def test_force_writes_through_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "settings.toml"
    real.write_text("# mine\n")
    link.symlink_to(real)
    settings_file.write(link, "# new\n", force=True)
    assert link.is_symlink()
    assert real.read_text() == "# new\n"


def first(**more: object) -> FirstAccount:
    tls = Server("mail.example.org", 993, "tls")
    values: dict[str, object] = {
        "address": USER,
        "name": "Support",
        "imap": tls,
        "smtp": Server("mail.example.org", 465, "tls"),
        "imap_username": USER,
        "smtp_username": USER,
        "sent_mailbox": "",
        "agent_name": "Ana",
        "login": "ana",
    }
    return FirstAccount(**(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "key"),
    [(USER, "support"), ("Kunden.Dienst@x.de", "kunden-dienst"), ("ü@x.de", "mail")],
)
def test_key_comes_from_the_address(address: str, key: str) -> None:
    assert first(address=address, imap_username=address).key == key


@pytest.mark.parametrize("name", ['Ana "Bo" \\ Ruiz', "Åse 日本", "tab\tfree".replace("\t", " ")])
def test_names_of_any_kind_survive_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "settings.toml"
    settings_file.write(path, settings_file.text_of(first(agent_name=name)), force=False)
    assert load(path).agents[0].name == name


def test_usual_values_are_not_written() -> None:
    text = settings_file.text_of(first())
    assert not re.search(r"^(port|security|username|password_env|sent_mailbox) =", text, re.M)


@pytest.mark.parametrize(
    ("address", "imap", "smtp"),
    [
        ("a@gmail.com", "imap.gmail.com", "smtp.gmail.com"),
        ("a@Outlook.com", "outlook.office365.com", "smtp-mail.outlook.com"),
        ("a@fastmail.com", "imap.fastmail.com", "smtp.fastmail.com"),
        ("a@icloud.com", "imap.mail.me.com", "smtp.mail.me.com"),
        ("a@yahoo.com", "imap.mail.yahoo.com", "smtp.mail.yahoo.com"),
        ("a@shop.example", "imap.shop.example", "smtp.shop.example"),
    ],
)
def test_servers_are_guessed_from_the_address(address: str, imap: str, smtp: str) -> None:
    guess = proposal(address)
    assert (guess.imap.host, guess.smtp.host) == (imap, smtp)


@pytest.mark.parametrize("domain", sorted(PROVIDERS))
def test_every_known_provider_makes_settings_that_load(domain: str) -> None:
    known = PROVIDERS[domain]
    assert settings_file.text_of(first(imap=known.imap, smtp=known.smtp))
    assert known.imap.security != "plain"
