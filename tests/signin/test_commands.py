"""agentdesk sign-in, sign-out, check and init, for accounts that sign in by OAuth2."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentdesk.commands import init as wizard
from agentdesk.commands import providers
from agentdesk.commands.mail_sign_in import run_sign_in, run_sign_out
from agentdesk.demo.smtp_server import DemoSmtpServer, deliver_to
from agentdesk.domain.errors import BadInput, LoginRefused
from agentdesk.settings import Finding, Level, load
from agentdesk.settings.mailboxes import AUTHORITIES
from agentdesk.signin.flow import Way
from agentdesk.signin.waiting import Task, Waiting
from tests.commands.command_world import USER, Memory, World, bad, start
from tests.commands.test_init import ENTER, ME, Script
from tests.signin.endpoint import CLIENT, SECRET, TENANT, Endpoint


@dataclass
class Office:
    """Mail servers and a login server that belong together, and settings that name them."""

    world: World
    endpoint: Endpoint

    @property
    def path(self) -> Path:
        return self.world.write()

    def use(self, provider: str) -> None:
        tenant = [f'tenant = "{TENANT}"'] if provider == "microsoft" else []
        self.world.account_lines = [
            f'auth = "{provider}"',
            "[mail_accounts.sign_in]",
            f'client_id = "{CLIENT}"',
            f'authority = "{self.endpoint.address}"',
            *tenant,
        ]

    async def sign_in(
        self, script: Script, way: Way | None = None, wanted: str = "support"
    ) -> None:
        """The command, with a person who agrees to whatever it shows."""
        await asyncio.to_thread(run_sign_in, self.path, wanted, way, None, script)


class Person(Script):
    """Reads what the command says, and does it."""

    def __init__(self, endpoint: Endpoint, *answers: str) -> None:
        super().__init__(*answers)
        self.endpoint = endpoint

    def say(self, text: str) -> None:
        super().say(text)
        if "type this code" in text:
            self.endpoint.approve()
        if text.strip().startswith("https://"):
            threading.Thread(target=self.endpoint.browse, args=[text.strip()], daemon=True).start()


@pytest.fixture
async def office(
    tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with AsyncExitStack() as stack:
        world = await start(stack, tmp_path)
        store = world.imap.store
        world.smtp = await stack.enter_async_context(
            DemoSmtpServer(deliver_to(store), users={}, tokens=store)
        )
        world.ca_file = endpoint.authority.ca_file
        endpoint.on_token = lambda token: store.allow_token(USER, token)
        office = Office(world, endpoint)
        office.use("microsoft")
        yield office


def said(findings: list[Finding], subject: str) -> Finding:
    (found,) = [f for f in findings if f.subject == subject]
    return found


async def test_sign_in_by_device_code_tells_what_to_do_and_where_it_is_kept(
    office: Office, ring: Memory
) -> None:
    script = Person(office.endpoint)
    await office.sign_in(script)  # no browser here: a code
    assert "Open https://microsoft.com/devicelogin in any browser" in script.text
    assert "type this code: FJC3-9WQX" in script.text
    assert "Signed in as ana@northwind.example." in script.text
    assert "in the keyring" in script.text
    assert len(ring.held) == 1


@pytest.mark.parametrize("wanted", ["support", USER])
async def test_sign_in_by_browser_over_ssh_says_how_to_come_back(
    office: Office, wanted: str
) -> None:
    script = Person(office.endpoint)
    await office.sign_in(script, Way.BROWSER, wanted)
    assert "ssh -N -L " in script.text
    assert "Signed in" in script.text


async def test_googles_secret_is_asked_once_and_never_shown(office: Office) -> None:
    office.use("google")
    script = Person(office.endpoint, SECRET)
    await office.sign_in(script)
    assert script.hidden == [SECRET]
    assert SECRET not in script.text
    assert office.endpoint.seen[-1]["client_secret"] == SECRET
    again = Person(office.endpoint)
    await office.sign_in(again)
    assert again.hidden == []
    assert office.endpoint.seen[-1]["client_secret"] == SECRET


async def test_googles_secret_may_come_from_the_environment(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.use("google")
    monkeypatch.setenv("AGENTDESK_CLIENT_SECRET_SUPPORT", SECRET)
    script = Person(office.endpoint)
    await office.sign_in(script)
    assert (script.hidden, office.endpoint.seen[-1]["client_secret"]) == ([], SECRET)


async def test_an_unknown_account_and_one_with_a_password_are_told(office: Office) -> None:
    with pytest.raises(BadInput, match="no mail account sales; there are: support"):
        await office.sign_in(Script(), wanted="sales")
    office.world.account_lines = []
    with pytest.raises(BadInput, match="logs in with a password"):
        await office.sign_in(Script())


async def test_check_says_until_when_the_token_is_good(office: Office) -> None:
    await office.sign_in(Person(office.endpoint))
    findings = await office.world.find()
    found = said(findings, "support: sign-in")
    assert found.level is Level.OK
    assert "Signed in as ana@northwind.example with Microsoft" in found.sentence
    assert "good until" in found.sentence
    assert "(59 minutes)" in found.sentence
    assert said(findings, "support: reading").level is Level.OK
    assert said(findings, "support: sending").level is Level.OK


async def test_check_says_who_must_sign_in_once(office: Office) -> None:
    findings = await office.world.find()
    (fail,) = [f for f in findings if f.level is Level.FAIL]
    assert fail.subject == "support: sign-in"
    assert fail.sentence == f"{USER} needs sign-in: run agentdesk sign-in support."
    await office.sign_in(Person(office.endpoint))
    office.endpoint.revoke()
    office.world.imap.store.forget_tokens(USER)
    findings = await office.world.find()  # the access token looks good, but the server refuses it
    assert "needs sign-in (the sign-in was revoked" in " ".join(f.sentence for f in bad(findings))


async def test_sign_out_forgets(office: Office, ring: Memory) -> None:
    await office.sign_in(Person(office.endpoint))
    script = Script()
    assert await asyncio.to_thread(run_sign_out, office.path, "support", script) == 0
    assert ring.held == {}
    assert "are forgotten" in script.text
    await asyncio.to_thread(run_sign_out, office.path, "support", script)
    assert f"Nobody is signed in to {USER}." in script.text


async def test_a_sign_in_that_is_called_off_keeps_the_one_before(
    office: Office, ring: Memory
) -> None:
    await office.sign_in(Person(office.endpoint))
    before = dict(ring.held)
    stop = threading.Event()

    def call_off(task: Task) -> None:
        stop.set()

    waiting = Waiting(call_off, stop)
    with pytest.raises(LoginRefused, match="called off"):
        await asyncio.to_thread(run_sign_in, office.path, "support", None, waiting, Script())
    assert ring.held == before


@pytest.mark.parametrize("auth", ["microsoft", "google"])
async def test_init_signs_in_tries_it_and_writes_settings_that_work(
    auth: str, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AUTHORITIES, auth, office.endpoint.address)
    monkeypatch.setitem(providers.SIGN_IN_HOSTS, "127.0.0.1", auth)  # type: ignore[misc]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(office.endpoint.authority.ca_file))
    imap = ("127.0.0.1", "plain", str(office.world.imap.port))
    smtp = ("127.0.0.1", "plain", str(office.world.smtp.port))
    sign_in = (auth, CLIENT, *([TENANT] if auth == "microsoft" else [SECRET]))
    answers = (USER, ENTER, *imap, ENTER, *sign_in, *smtp, ENTER, *ME)
    script = Person(office.endpoint, *answers)
    path = tmp_path / "new" / "settings.toml"
    await asyncio.to_thread(wizard.run_wizard, path, force=False, talk=script)
    assert script.text.count("It works") == 2
    account = load(path).mail_accounts[0]
    assert (account.auth, account.sign_in.client_id) == (auth, CLIENT)
    if auth == "microsoft":
        assert account.sign_in.tenant == TENANT
    assert "Password" not in script.text
    assert SECRET not in path.read_text()


async def test_init_can_go_back_over_questions_that_were_not_asked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AUTHORITIES, "microsoft", office.endpoint.address)
    monkeypatch.setitem(providers.SIGN_IN_HOSTS, "127.0.0.1", "microsoft")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(office.endpoint.authority.ca_file))
    imap = ("127.0.0.1", "plain", str(office.world.imap.port))
    smtp = ("127.0.0.1", "plain", str(office.world.smtp.port))
    signing_in = ("microsoft", "wrong", TENANT, "correct", CLIENT, TENANT)
    back = ("<", TENANT)  # from the SMTP server to the question before, which is the tenant's
    answers = (USER, ENTER, *imap, ENTER, *signing_in, *back, *smtp, ENTER, *ME)
    script = Person(office.endpoint, *answers)
    found = await asyncio.to_thread(wizard.interview, script)
    assert (found.client_id, found.tenant) == (CLIENT, TENANT)
    assert "does not accept the application wrong" in script.text
    assert not script.answers


def test_the_usual_way_is_offered_for_microsoft_and_google_addresses() -> None:
    assert providers.proposal("support@outlook.com").tenant == "consumers"
    assert "sign in with Microsoft" in providers.proposal("a@hotmail.com").note
    assert "sign in with Google" in providers.proposal("a@gmail.com").note
    for provider in (providers.MICROSOFT, providers.GMAIL):
        assert provider.imap.host in providers.SIGN_IN_HOSTS
