"""The section [ai]: who answers, at what address, with which key."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from agentdesk.bootstrap import plan
from agentdesk.domain.actor import Role
from agentdesk.domain.assistance import AiRules
from agentdesk.settings import SecretMissing, Settings, SettingsError, load, warnings
from agentdesk.settings.ai import Ai, rules_of
from agentdesk.settings.secrets import AI_LOGIN, ai_key, ai_key_place, store
from tests.commands.command_world import Memory

MODEL = 'summaries = "openai"\nmodel = "m"\n'


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """A keyring of the test's own, and no variable of this machine's."""
    monkeypatch.delenv("AGENTDESK_AI_KEY", raising=False)
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def loaded(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "settings.toml"
    path.write_text(f"[ai]\n{text}", encoding="utf-8")
    return load(path)


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)
    return str(caught.value)


def test_defaults_of_the_settings_are_those_of_the_rules() -> None:
    assert rules_of(Ai()) == AiRules()


def test_what_the_file_says_reaches_the_rules(tmp_path: Path) -> None:
    text = MODEL + 'price_in = 2\nprice_out = 8\nroles = ["admin"]\nmask = false\ntimeout_s = 5\n'
    rules = plan.rules(loaded(tmp_path, text)).ai
    assert (rules.summaries, rules.model, rules.price_in, rules.price_out) == ("openai", "m", 2, 8)
    assert (rules.roles, rules.mask) == (frozenset({Role.ADMIN}), False)
    assert rules.timeout.total_seconds() == 5


def test_a_model_without_a_name_is_refused_at_its_line(tmp_path: Path) -> None:
    assert "line 1: ai.model is missing" in refused(tmp_path, 'matcher = "openai"\n')


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://model.example.com/v1", "another machine; use https://"),
        ("model.example.com", "must be an address"),
        ("https://model.example.com/v1/chat/completions", "that ends before /chat"),
        ("https://model.example.com/v1?key=1", "must be an address"),
        ("https://me:secret@model.example.com/v1", "must hold no login"),
        ("https://model.example.com:port/v1", "must be an address"),
    ],
)
def test_an_address_that_would_not_do_is_refused_with_its_line(
    tmp_path: Path, address: str, words: str
) -> None:
    said = refused(tmp_path, f'{MODEL}base_url = "{address}"\n')
    assert "line 4: ai.base_url" in said
    assert words in said


def test_a_server_on_this_machine_may_speak_without_encryption(tmp_path: Path) -> None:
    settings = loaded(tmp_path, f'{MODEL}base_url = "http://127.0.0.1:11434/v1/"\n')
    assert settings.ai.base_url == "http://127.0.0.1:11434/v1"
    assert settings.ai.is_here


@pytest.mark.parametrize("name", ["key", "api_key"])
def test_a_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path, name: str) -> None:
    said = refused(tmp_path, f'{MODEL}{name} = "sk-very-secret"\n')
    assert f"line 4: ai.{name} is a secret" in said
    assert "agentdesk model-key" in said
    assert "sk-very" not in said


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("mask = false\n", True),
        ('mask = false\nbase_url = "http://127.0.0.1:1/v1"\n', False),
        ("", False),
    ],
)
def test_unmasked_mail_for_another_machine_is_warned_of(
    tmp_path: Path, text: str, warned: bool
) -> None:
    said = [t.name for t in warnings(loaded(tmp_path, MODEL + text))]
    assert ("ai.mask" in said) == warned


def test_one_price_alone_is_refused(tmp_path: Path) -> None:
    assert "ai.price_out is missing" in refused(tmp_path, f"{MODEL}price_in = 1\n")


def test_the_key_comes_from_its_variable_or_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    ai = Ai(model="m", base_url="https://model.example.com/v1")
    with pytest.raises(SecretMissing, match="agentdesk model-key") as caught:
        ai_key(ai)
    assert "AGENTDESK_AI_KEY" in str(caught.value)
    store(ai.host, AI_LOGIN, "kept")
    assert ai_key(ai) == "kept"
    monkeypatch.setenv("AGENTDESK_AI_KEY", "given")
    assert ai_key(ai) == "given"
    monkeypatch.setenv("OTHER", "named")
    assert ai_key(ai.model_copy(update={"key_env": "OTHER"})) == "named"


def test_a_server_on_this_machine_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    ai = Ai(model="m", base_url="http://localhost:8080/v1")
    assert ai_key(ai) == ""
    monkeypatch.setenv(ai_key_place(ai).variable, "wanted")
    assert ai_key(ai) == "wanted"
