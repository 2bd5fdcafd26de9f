"""What settings.toml may say, and how agentdesk tells what is wrong with it."""

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import ValidationError

from agentdesk.domain.policy import RoutingOptions
from agentdesk.domain.rules import Rules
from agentdesk.settings import (
    Imap,
    Queue,
    ReadMailbox,
    Settings,
    SettingsError,
    SettingsMissing,
    Smtp,
    load,
)
from agentdesk.settings import environment as variables
from agentdesk.settings.policy import policy_of

ACCOUNT = """
[[mail_accounts]]
key = "support"
name = "Support"
address = "support@example.com"
[mail_accounts.imap]
host = "imap.example.com"
[mail_accounts.smtp]
host = "smtp.example.com"
"""
ANA = """
[[agents]]
login = "ana"
name = "Ana Ruiz"
email = "ana@example.com"
"""


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(variables.os.environ):
        if name.startswith("AGENTDESK_"):
            monkeypatch.delenv(name)


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Settings:
    return load(write(folder, text))


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_file_gives_the_usual_desk(tmp_path: Path) -> None:
    settings = read(tmp_path, "")
    assert settings.desk.undo_send_s == 10
    assert settings.default_queue.key == "support"
    assert settings.wrap_up.default_code.label == "Issue resolved"
    assert settings.database.path is not None


def test_usual_values_are_those_of_the_rules() -> None:
    settings, rules = Settings(), Rules()
    assert policy_of(settings).options == replace(RoutingOptions(), ramp_s=10)
    assert settings.desk.undo_send_s == rules.undo_send.total_seconds()
    assert settings.desk.hold_after_send is rules.hold_after_send
    assert settings.wrap_up.duration_s == rules.wrap_up.total_seconds()
    assert settings.inactivity.inbound_days == rules.inbound_silence.days
    assert settings.inactivity.outbound_days == rules.outbound_silence.days
    assert settings.inactivity.draft_days == rules.draft_silence.days
    assert frozenset(settings.outbound.interaction_per_agent_for) == rules.interaction_per_agent_for
    assert settings.outbound.markdown is rules.markdown


def test_a_record_that_does_not_exist_is_refused_in_words(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, '[outbound]\ninteraction_per_agent_for = ["contact", "lead"]\n')
    assert "outbound.interaction_per_agent_for[2]" in found
    assert 'use "contact", "consumer", "guest" or "account"' in found


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.desk.bell = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.desk.keymap["reply"] = "r"  # type: ignore[index]


@pytest.mark.parametrize(
    ("security", "imap", "smtp"), [("tls", 993, 465), ("starttls", 143, 587), ("plain", 143, 25)]
)
def test_port_follows_security(security: str, imap: int, smtp: int) -> None:
    values = {"host": "localhost", "security": security}
    assert Imap.model_validate(values).port == imap
    assert Smtp.model_validate(values).port == smtp


def test_logins_default_to_the_address_and_to_the_reading_login(tmp_path: Path) -> None:
    account = read(tmp_path, ACCOUNT).mail_accounts[0]
    assert account.imap_username == account.smtp_username == "support@example.com"
    silent = read(tmp_path, ACCOUNT + 'username = ""').mail_accounts[0]
    assert silent.smtp_username == ""


def test_an_account_without_queue_takes_the_default_queue(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        ACCOUNT
        + """
        [[queues]]
        key = "first"
        name = "First"
        [[queues]]
        key = "second"
        name = "Second"
        default = true
        """.replace("        ", ""),
    )
    assert settings.queue_of(settings.mail_accounts[0]).key == "second"


def test_files_are_relative_to_the_settings(tmp_path: Path) -> None:
    text = '[database]\nurl = "sqlite:///data/desk.db"\n'
    assert read(tmp_path, text).database.path == tmp_path / "data/desk.db"
    with_ca = ACCOUNT.replace("address =", 'ca_file = "ca.pem"\naddress =')
    assert read(tmp_path, with_ca).mail_accounts[0].ca_file == tmp_path / "ca.pem"


def test_home_folder_is_found(tmp_path: Path) -> None:
    path = read(tmp_path, '[database]\nurl = "sqlite:///~/desk.db"\n').database.path
    assert path == Path.home() / "desk.db"


# -- what is refused -----------------------------------------------------------------------


def test_missing_file_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsMissing, match="run agentdesk init"):
        load(tmp_path / "settings.toml")


def test_a_folder_in_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_text_that_is_not_utf8_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'[desk]\nname = "Caf\xe9"\n')
    with pytest.raises(SettingsError, match="save it as UTF-8"):
        load(path)


def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'\xef\xbb\xbf[desk]\r\nname = "A"\r\nbel = true\r\n')
    with pytest.raises(SettingsError, match=r"line 3: desk.bel .* Did you mean bell\?"):
        load(path)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    assert problems(tmp_path, '[desk]\nname = "A"\nbell true\n') == [
        "line 3: is not valid TOML: expected '=' after a key in a key/value pair."
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[desk]\nthme = 1", "line 2: desk.thme is not a setting. Did you mean theme?"),
        ("[desks]\n", "line 1: desks is not a setting. Did you mean desk?"),
        ("[wallpaper]\n", "line 1: wallpaper is not a section; there are agents, groups,"),
        (
            "[routing]\nbell = true",
            "line 2: routing.bell is not a setting here. Did you mean desk.bell?",
        ),
        ("[wrap_up]\nzzz = 1", "line 2: wrap_up.zzz is not a setting; there are "),
        (
            "[desk]\nundo_send_s = 601",
            "line 2: desk.undo_send_s is 601; use a whole number from 0 to 600.",
        ),
        ('[desk]\nbell = "loud"', 'line 2: desk.bell is "loud"; use true or false.'),
        ("[desk]\nname = 5", "line 2: desk.name is 5; use text in quotes."),
        ("desk = 5", "line 1: desk is 5; use a table."),
        (
            '[queues]\nkey = "a"\nname = "A"',
            "line 1: queues is one table; write [[queues]] with double brackets.",
        ),
        (
            '[[groups]]\nkey = "a"',
            "line 1: groups[1].name is missing, the name on the screen.",
        ),
        (
            '[[groups]]\nkey = "Über"\nname = "A"',
            "line 2: groups[1].key must be 1 to 40 lower-case letters, digits, dots, - and _,",
        ),
        (
            '[desk]\ntime_zone = "Mars/Base"',
            'line 2: desk.time_zone is not a known time zone; use "local" or a name such as',
        ),
        ('[database]\nurl = "mysql://x/y"', "line 2: database.url is not a database; use"),
        (
            "presences = []",
            "line 1: presences offer no work at all; set work = true for at least one.",
        ),
        ("queues = []", "line 1: queues is empty; remove it for the usual queue,"),
        (
            '[routing]\ntimeout_presence = "lunch"',
            'line 2: routing.timeout_presence names the presence "lunch", which does not exist; '
            "there are available, away, offline.",
        ),
        (
            '[routing]\ntimeout_presence = "available"',
            'line 2: routing.timeout_presence is "available", in which work is offered;',
        ),
        (
            '[wrap_up]\ncodes = [{key="a", label="A"}]',
            "wrap_up.codes have no default; set default = true for exactly one code.",
        ),
    ],
)
def test_each_mistake_is_one_sentence_with_its_line(
    tmp_path: Path, text: str, sentence: str
) -> None:
    found = problems(tmp_path, text)
    assert any(sentence in problem for problem in found), found


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
        [desk]
        thme = "x"
        undo_send_s = -1
        [[agents]]
        login = "ana"
        name = "Ana"
        email = "nowhere"
        [[queues]]
        key = "a"
        name = "A"
        [[queues]]
        key = "a"
        name = "B"
        default = true
        [routing]
        timeout_presence = "lunch"
        """,
    )
    assert [p.split()[1:3] for p in found] == [
        ["2:", "desk.thme"],
        ["3:", "desk.undo_send_s"],
        ["7:", "agents[1].email"],
        ["12:", "queues[2].key"],
        ["16:", "routing.timeout_presence"],
    ]


def test_a_wrong_value_does_not_cause_problems_elsewhere(tmp_path: Path) -> None:
    codes = """
    [[wrap_up.codes]]
    key = "issue_resolved"
    label = "Issue resolved"
    default = "of course"
    """
    assert len(problems(tmp_path, codes)) == 1
    assert len(problems(tmp_path, ACCOUNT + "[[queues]]\nkey = 5\nname = 'A'")) == 1


def test_one_problem_is_one_line_and_several_are_a_list(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as one:
        read(tmp_path, "[desk]\nundo_send_s = -1")
    assert "\n" not in str(one.value)
    assert str(one.value).startswith(f"{tmp_path}/settings.toml, line 2: ")
    with pytest.raises(SettingsError) as two:
        read(tmp_path, "[desk]\nundo_send_s = -1\nbell = 7")
    assert str(two.value).splitlines()[0] == f"{tmp_path}/settings.toml has 2 problems:"


@pytest.mark.parametrize("key", ["password", "passwd", "imap_password", "secret", "api_key"])
def test_plain_passwords_are_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    text = ACCOUNT.replace("[mail_accounts.imap]", f'{key} = "hunter2"\n[mail_accounts.imap]')
    (found,) = problems(tmp_path, text)
    assert f"mail_accounts[1].{key} is a secret, which must not stand in this file" in found
    assert "hunter2" not in found


def test_password_in_the_database_address_is_refused_in_the_file(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, '[database]\nurl = "postgresql://desk:hunter2@db/desk"\n')
    assert "line 2: database.url contains a password" in found
    assert "hunter2" not in found


def test_no_repr_shows_the_password_of_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTDESK_DATABASE__URL", "postgresql://desk:hunter2@db/desk")
    settings = read(tmp_path, "")
    assert "hunter2" in settings.database.url
    assert "hunter2" not in f"{settings} {settings!r} {settings.database}"


@pytest.mark.parametrize("host", ["mail.example.com", "192.0.2.1", "localhost.example.com"])
def test_plain_is_refused_for_other_machines(host: str) -> None:
    with pytest.raises(ValidationError, match="is another machine; use tls or starttls"):
        Imap(host=host, security="plain")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.0.1", "::1"])
def test_plain_is_allowed_on_this_machine(host: str) -> None:
    assert Smtp(host=host, security="plain").port == 25


@pytest.mark.parametrize("host", ["", "imap..example", "https://imap.example.com", "a b", "x\ny"])
def test_a_host_that_no_name_server_can_know_is_refused(host: str) -> None:
    with pytest.raises(ValidationError, match="must be a host name without a protocol"):
        Imap(host=host)


def test_moving_needs_a_place_to_move_to() -> None:
    with pytest.raises(ValidationError, match="needs a mailbox to move to"):
        Imap(host="a.example.com", after_filing="move")
    with pytest.raises(ValidationError, match="only used with"):
        Imap(host="a.example.com", move_to="Done")
    with pytest.raises(ValidationError, match="is a mailbox that is read"):
        Imap(host="a.example.com", after_filing="move", move_to="Inbox")
    orders = ReadMailbox(name="Orders")
    with pytest.raises(ValidationError, match="is a mailbox that is read"):
        Imap(host="a.example.com", mailboxes=(orders,), after_filing="move", move_to="Orders")


def test_groups_and_pools_exclude_each_other() -> None:
    with pytest.raises(ValidationError, match="pools exclude each other"):
        Queue.model_validate({"key": "a", "name": "A", "groups": ["x"], "pools": [{}]})
    with pytest.raises(ValidationError, match="must be in order of after_s"):
        Queue.model_validate({"key": "a", "name": "A", "pools": [{"after_s": 5}, {}]})


def test_variables_win_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_DESK__BELL", "false")
    monkeypatch.setenv("AGENTDESK_INACTIVITY__INBOUND_DAYS", "7")
    settings = read(tmp_path, '[desk]\nbell = true\nname = "A"\n')
    assert (settings.desk.bell, settings.desk.name) == (False, "A")
    assert settings.inactivity.inbound_days == 7


def test_lists_are_given_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AGENTDESK_AGENTS", '[{"login": "ben", "name": "Ben", "email": "ben@example.com"}]'
    )
    assert [a.login for a in read(tmp_path, ANA).agents] == ["ben"]


def test_problem_names_the_variable_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTDESK_DESK__BELL", "maybe")
    monkeypatch.setenv("AGENTDESK_DESK__BEL", "1")
    assert set(problems(tmp_path, "[desk]\nbell = true")) == {
        'environment variable AGENTDESK_DESK__BELL is "maybe"; use true or false.',
        "environment variable AGENTDESK_DESK__BEL is not a setting. Did you mean bell?",
    }


def test_variable_that_is_not_json_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTDESK_QUEUES", "[{")
    (found,) = problems(tmp_path, "")
    assert found.startswith("environment variable AGENTDESK_QUEUES is not JSON")


def test_password_variable_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_PASSWORD_SUPPORT", "hunter2")
    monkeypatch.setenv("AGENTDESK_SETTINGS", "/nowhere")
    assert read(tmp_path, "").desk.bell
    assert list(variables.unknown(Settings)) == []


def test_variable_for_a_section_that_does_not_exist_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AGENTDESK_DEKS__BELL", "0")
    (found,) = variables.unknown(Settings)
    assert str(found) == (
        "environment variable AGENTDESK_DEKS__BELL has no effect: there is no section deks. "
        "Did you mean AGENTDESK_DESK__…?"
    )
