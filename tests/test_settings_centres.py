"""The section [[contact_centres]]: what must fit together, what is odd, and where its secret lies."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from pydantic import ValidationError

from agentdesk.bootstrap import plan
from agentdesk.settings import Queue, SecretMissing, Settings, SettingsError, load, warnings
from agentdesk.settings.contact_centres import ContactCentre
from agentdesk.settings.secrets import centre_secret, centre_secret_place, store
from tests.commands.command_world import Memory

EXTERNAL = {"key": "billing", "name": "Billing", "external": "genesys"}


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """A keyring of the test's own, and no variable of this machine's."""
    monkeypatch.delenv("AGENTDESK_SECRET_GENESYS", raising=False)
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def centre(**more: object) -> dict[str, object]:
    usual = {"key": "genesys", "name": "Genesys Cloud", "address": "https://api.example.com"}
    return usual | {"client_id": "service", "agents_client_id": "agents"} | more


def refused(**sections: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(sections)
    return str(caught.value)


def told(**sections: object) -> list[str]:
    found = warnings(Settings.model_validate(sections))
    return [f"{t.name} {t.words}" for t in found if t.loc[0] in ("contact_centres", "queues")]


def test_what_the_file_says_reaches_the_rules() -> None:
    one = centre(fallback_code="issue_resolved", id_header=" X-Conversation-Id ", read_again_s=5)
    s = Settings.model_validate({"contact_centres": [one], "queues": [EXTERNAL]})
    rules = plan.rules(s).centres["genesys"]
    assert (rules.name, rules.kind, rules.fallback_code) == (
        "Genesys Cloud",
        "genesys",
        "issue_resolved",
    )
    assert (rules.id_header, rules.read_again_s) == ("x-conversation-id", 5.0)
    assert plan.setup(s).policy.queues[0].external == "genesys"
    assert list(told(contact_centres=[one], queues=[EXTERNAL])) == []


def test_keys_are_unique_and_awa_is_our_own_routing() -> None:
    assert 'is "genesys" a second time' in refused(contact_centres=[centre(), centre()])
    assert "which means our own routing" in refused(contact_centres=[centre(key="awa")])


def test_a_queue_and_a_fallback_name_what_exists() -> None:
    words = 'names the contact centre "genesys", which does not exist; there are none'
    assert words in refused(queues=[EXTERNAL])
    words = 'names the wrap-up code "gone", which does not exist; there are issue_resolved'
    assert words in refused(contact_centres=[centre(fallback_code="gone")])


def test_twilio_needs_a_workspace_and_a_workflow() -> None:
    twilio = {"kind": "twilio", "agents_client_id": ""}
    needed = 'is missing; kind = "twilio" needs its SID'
    assert needed in refused(contact_centres=[centre(**twilio)])
    assert needed in refused(contact_centres=[centre(**twilio, workspace="WS1")])
    whole = centre(**twilio, workspace="WS1", workflow="WW1")
    assert told(contact_centres=[whole], queues=[EXTERNAL]) == []


def test_a_centre_in_which_nobody_can_act_and_one_without_work_are_told() -> None:
    (mute,) = told(contact_centres=[centre(agents_client_id="")], queues=[EXTERNAL])
    assert mute.startswith("contact_centres[1].agents_client_id is empty, so agents cannot")
    (idle,) = told(contact_centres=[centre()])
    assert idle.startswith('contact_centres[1] "genesys" routes no queue')
    assert told(contact_centres=[centre(id_header="X-Id")]) == []


def test_what_a_contact_centre_decides_is_told_of_its_queue() -> None:
    queue = EXTERNAL | {"groups": ["front"], "sort": ["newest"]}
    crew = [
        {
            "login": "ana",
            "name": "Ana",
            "email": "a@b.example",
            "groups": ["front"],
            "role": "admin",
        }
    ]
    (one,) = told(contact_centres=[centre()], queues=[queue], agents=crew)
    assert one == 'queues[1] says groups and sort, which do not count: "genesys" routes it'
    assert Queue.model_validate(queue).external == "genesys"


def test_a_secret_in_the_file_is_refused_with_the_way_to_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    lines = [f'{key} = "{value}"' for key, value in centre(client_secret="s3cret").items()]
    path.write_text("\n".join(["[[contact_centres]]", *lines]), encoding="utf-8")
    with pytest.raises(SettingsError, match="run agentdesk ccaas secret") as caught:
        load(path)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://api.example.com", "another machine; use https://"),
        ("https://me:pw@api.example.com", "must hold no login"),
        ("api.example.com", "must be an address"),
        ("", "say where the centre answers"),
    ],
)
def test_an_address_that_would_not_do_is_refused(address: str, words: str) -> None:
    assert words in refused(contact_centres=[centre(address=address)])


def test_the_secret_comes_from_the_variable_or_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ContactCentre.model_validate(centre())
    with pytest.raises(SecretMissing, match="run agentdesk ccaas secret genesys"):
        centre_secret(one)
    place = centre_secret_place(one)
    store(place.host, place.username, "kept")
    assert centre_secret(one) == "kept"
    monkeypatch.setenv("AGENTDESK_SECRET_GENESYS", "said")
    assert centre_secret(one) == "said"
    other = ContactCentre.model_validate(centre(secret_env="ELSEWHERE", keyring=False))
    with pytest.raises(SecretMissing, match="ELSEWHERE"):
        centre_secret(other)
