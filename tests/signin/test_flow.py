"""Signing in: each provider's way, and one plain sentence for everything that goes wrong."""

import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import BadInput, CertificateRefused, LoginRefused, ServerUnreachable
from agentdesk.signin import browser
from agentdesk.signin.flow import Way, sign_out, usual_way
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.waiting import Task
from tests.commands.command_world import free_port
from tests.signin.endpoint import CLIENT, MICROSOFT_SCOPES, SECRET, Endpoint
from tests.signin.people import ADDRESS, google, microsoft, signed_in

BOTH = pytest.mark.parametrize("provider", [microsoft, google])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "sign-in")


def later(work: object, *args: object) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()  # type: ignore[arg-type]


def test_microsoft_by_device_code(endpoint: Endpoint, store: Store) -> None:
    tasks: list[Task] = []

    def act(task: Task) -> None:
        tasks.append(task)
        endpoint.approve()

    clock = ManualClock()
    grant, where = signed_in(microsoft(endpoint), store, endpoint, clock, Way.DEVICE_CODE, act=act)
    assert tasks == [Task("https://microsoft.com/devicelogin", "FJC3-9WQX")]
    assert where == "the keyring"
    assert grant.person == "ana@northwind.example"
    assert grant.refresh_token in endpoint.alive
    assert grant.good_at(clock.now())
    assert store.load(microsoft(endpoint)) == grant


@BOTH
def test_by_browser_with_proof_of_who_began(provider, endpoint: Endpoint, store: Store) -> None:
    tasks: list[Task] = []

    def act(task: Task) -> None:
        tasks.append(task)
        later(endpoint.browse, task.address)

    account = provider(endpoint)
    grant, _ = signed_in(account, store, endpoint, act=act)
    assert grant.refresh_token in endpoint.alive
    (task,) = tasks
    asked = {name: values[0] for name, values in parse_qs(urlsplit(task.address).query).items()}
    redirect = urlsplit(asked["redirect_uri"])
    assert redirect.port == task.port
    assert redirect.hostname in ("127.0.0.1", "localhost")
    assert asked["login_hint"] == ADDRESS
    assert len(asked["code_challenge"]) == 43
    assert store.load(account) == grant


def test_what_is_asked_for_is_reading_and_sending_and_nothing_else(
    endpoint: Endpoint, store: Store
) -> None:
    addresses: list[str] = []

    def act(task: Task) -> None:
        addresses.append(task.address)
        later(endpoint.browse, task.address)

    signed_in(microsoft(endpoint), store, endpoint, act=act)
    signed_in(google(endpoint), store, endpoint, act=act)
    scopes = [set(parse_qs(urlsplit(a).query)["scope"][0].split()) for a in addresses]
    assert scopes[0] == MICROSOFT_SCOPES | {"offline_access", "openid", "profile"}
    assert scopes[1] == {"https://mail.google.com/"}


def test_google_secret_is_sent_and_kept_with_the_tokens(endpoint: Endpoint, store: Store) -> None:
    grant, _ = signed_in(google(endpoint), store, endpoint)
    assert endpoint.seen[-1]["client_secret"] == SECRET
    kept = store.load(google(endpoint))
    assert kept is not None
    assert kept.client_secret == SECRET
    assert SECRET not in repr(kept)
    assert grant.access_token not in repr(kept)
    assert grant.refresh_token not in repr(kept)


@BOTH
def test_only_the_answer_to_our_question_counts(provider, endpoint: Endpoint, store: Store) -> None:
    pages: list[str] = []

    def strangers_first(task: Task) -> None:
        def all_of_them() -> None:
            at = f"http://127.0.0.1:{task.port}"
            pages.append(requests.get(f"{at}/favicon.ico", timeout=10).text)
            pages.append(requests.get(f"{at}/?code=stolen&state=guessed", timeout=10).text)
            pages.append(requests.post(at, data={"code": "stolen"}, timeout=10).text)
            pages.append(endpoint.browse(task.address, state="guessed"))
            pages.append(endpoint.browse(task.address))

        later(all_of_them)

    signed_in(provider(endpoint), store, endpoint, act=strangers_first)
    assert ["Not expected" in page for page in pages] == [True] * 4 + [False]
    assert "Signed in" in pages[-1]
    assert not any(form.get("code") == "stolen" for form in endpoint.seen)


@BOTH
def test_a_code_of_another_sign_in_is_useless(provider, endpoint: Endpoint, store: Store) -> None:
    """PKCE: the code was given for another challenge."""

    def act(task: Task) -> None:
        def swap() -> None:
            mine = parse_qs(urlsplit(task.address).query)["state"][0]
            page = endpoint.authorize(
                {
                    "client_id": CLIENT,
                    "code_challenge_method": "S256",
                    "code_challenge": "another",
                    "redirect_uri": f"http://127.0.0.1:{task.port}",
                    "scope": "https://mail.google.com/",
                    "state": mine,
                }
            )
            code = page.split('name="code" value="')[1].split('"')[0]
            at = f"http://127.0.0.1:{task.port}/?code={code}&state={mine}"
            requests.get(at, timeout=10)

        later(swap)

    with pytest.raises(LoginRefused, match="code, verifier or redirect is wrong"):
        signed_in(provider(endpoint), store, endpoint, act=act)
    assert store.load(provider(endpoint)) is None


def test_a_declined_sign_in_changes_nothing(endpoint: Endpoint, store: Store) -> None:
    before, _ = signed_in(microsoft(endpoint), store, endpoint)
    with pytest.raises(LoginRefused, match="was declined: nothing was changed"):
        signed_in(
            microsoft(endpoint),
            store,
            endpoint,
            way=Way.DEVICE_CODE,
            act=lambda _: endpoint.decline(),
        )
    with pytest.raises(LoginRefused, match="was declined"):
        signed_in(
            google(endpoint),
            store,
            endpoint,
            act=lambda task: later(
                lambda: endpoint.browse(task.address, deny="access_denied"),
            ),
        )
    assert store.load(microsoft(endpoint)) == before


def test_a_code_that_is_not_used_in_time_is_told(endpoint: Endpoint, store: Store) -> None:
    with pytest.raises(LoginRefused, match="not used in time: run agentdesk sign-in support again"):
        signed_in(
            microsoft(endpoint),
            store,
            endpoint,
            way=Way.DEVICE_CODE,
            act=lambda _: endpoint.codes.clear(),
        )


@pytest.mark.parametrize("way", list(Way))
def test_waiting_ends_when_it_is_called_off(way: Way, endpoint: Endpoint, store: Store) -> None:
    stop = threading.Event()
    with pytest.raises(LoginRefused, match="called off"):
        signed_in(
            microsoft(endpoint), store, endpoint, way=way, act=lambda _: stop.set(), stop=stop
        )
    with pytest.raises(LoginRefused, match="Nobody signed in within"):
        signed_in(microsoft(endpoint), store, endpoint, way=way, act=lambda _: None, patience=0.1)


@pytest.mark.parametrize(
    ("error", "description", "sentence"),
    [
        ("invalid_client", "AADSTS7000218: The request body must contain …", "public client flows"),
        ("access_denied", "AADSTS53003: Access has been blocked …", "was declined"),
        ("invalid_grant", "AADSTS50076: Due to a configuration change …", "second factor"),
        ("invalid_grant", "AADSTS99999: Something new happened. Trace ID: 42", "Something new"),
        ("invalid_request", "", "invalid_request"),
    ],
)
def test_microsofts_refusals_are_one_plain_sentence(
    error: str, description: str, sentence: str, endpoint: Endpoint, store: Store
) -> None:
    with pytest.raises(LoginRefused, match=sentence) as caught:
        signed_in(
            microsoft(endpoint),
            store,
            endpoint,
            way=Way.DEVICE_CODE,
            act=lambda _: endpoint.decline(error, description),
        )
    assert "Trace ID" not in str(caught.value)
    assert "\n" not in str(caught.value)


@BOTH
def test_a_wrong_client_id_names_the_setting(provider, endpoint: Endpoint, store: Store) -> None:
    account: Registration = provider(endpoint, client_id="wrong")
    endpoint.codes.clear()
    way = Way.DEVICE_CODE if account.provider == "microsoft" else Way.BROWSER

    def answer_anyhow(task: Task) -> None:
        state = parse_qs(urlsplit(task.address).query)["state"][0]
        later(requests.get, f"http://127.0.0.1:{task.port}/?code=x&state={state}")

    with pytest.raises(LoginRefused, match="check sign_in of the account support"):
        signed_in(account, store, endpoint, way=way, act=answer_anyhow)


def test_a_tenant_that_does_not_exist_is_told(endpoint: Endpoint, store: Store) -> None:
    account = microsoft(endpoint, tenant="nowhere.example")
    with pytest.raises(LoginRefused, match=r"does not know the tenant nowhere\.example"):
        signed_in(account, store, endpoint)


@BOTH
def test_no_network_is_no_refusal(provider, endpoint: Endpoint, store: Store) -> None:
    account = provider(endpoint, authority=f"https://127.0.0.1:{free_port()}")
    with pytest.raises(ServerUnreachable, match="cannot be reached"):
        signed_in(account, store, endpoint)


@BOTH
def test_a_login_server_with_a_false_certificate_gets_nothing(
    provider, endpoint: Endpoint, store: Store
) -> None:
    with pytest.raises(CertificateRefused, match="is not trusted"):
        signed_in(provider(endpoint, ca_file=None), store, endpoint)
    assert endpoint.seen == []


def test_google_has_no_device_codes(endpoint: Endpoint, store: Store) -> None:
    with pytest.raises(BadInput, match="no device codes for mail"):
        signed_in(google(endpoint), store, endpoint, way=Way.DEVICE_CODE)


def test_signing_out_forgets_and_gives_back(endpoint: Endpoint, store: Store) -> None:
    signed_in(google(endpoint), store, endpoint)
    assert sign_out(google(endpoint), store)
    assert store.load(google(endpoint)) is None
    assert endpoint.alive == set()
    assert not sign_out(google(endpoint), store)


@pytest.mark.parametrize(
    ("environ", "here"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({}, False),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0", "SSH_TTY": "/dev/pts/1"}, False),
    ],
)
def test_a_browser_is_opened_only_where_the_person_sits(
    environ: dict[str, str],
    here: bool,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: Endpoint,
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert browser.is_here(environ) is here
    for name in (*browser.REMOTE, *browser.SCREENS):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert usual_way(microsoft(endpoint)) is (Way.BROWSER if here else Way.DEVICE_CODE)
    assert usual_way(google(endpoint)) is Way.BROWSER
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: bool(opened.append(address)) or True)
    assert browser.show("https://login.example.com") is here
    assert bool(opened) is here
