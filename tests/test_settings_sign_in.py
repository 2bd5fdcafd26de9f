"""What settings.toml says of accounts that sign in by OAuth2."""

from pathlib import Path

import pytest

from agentdesk.bootstrap import credentials
from agentdesk.domain.errors import BadInput
from agentdesk.mail.account import AccessTokens
from agentdesk.settings import MailAccount, SettingsError, load

ACCOUNT = """
[[mail_accounts]]
key = "support"
name = "Support"
address = "support@northwind.example"
{account}
[mail_accounts.sign_in]
{sign_in}
[mail_accounts.imap]
host = "outlook.office365.com"
{imap}
[mail_accounts.smtp]
host = "smtp.office365.com"
security = "starttls"
{smtp}
"""


def read(tmp_path: Path, account: str = "", sign_in: str = "", **more: str) -> MailAccount:
    path = tmp_path / "settings.toml"
    parts = {"account": account, "sign_in": sign_in, "imap": "", "smtp": ""} | more
    path.write_text(ACCOUNT.format(**parts))
    return load(path).mail_accounts[0]


def test_microsoft_needs_only_a_client_id(tmp_path: Path) -> None:
    account = read(tmp_path, 'auth = "microsoft"', 'client_id = "1111"')
    found = credentials.registration(account)
    assert (found.client_id, found.tenant) == ("1111", "organizations")
    assert found.authority == "https://login.microsoftonline.com"
    assert found.scopes == [
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
    ]
    assert found.user == "support@northwind.example"
    assert found.secret_variable == ""
    assert found.command == "agentdesk sign-in support"


def test_google_has_a_secret_in_the_environment(tmp_path: Path) -> None:
    found = credentials.registration(read(tmp_path, 'auth = "google"', 'client_id = "1111"'))
    assert found.authority == "https://accounts.google.com"
    assert found.scopes == ["https://mail.google.com/"]
    assert found.secret_variable == "AGENTDESK_CLIENT_SECRET_SUPPORT"
    named = 'client_id = "1111"\nclient_secret_env = "MY_SECRET"'
    named_one = credentials.registration(read(tmp_path, 'auth = "google"', named))
    assert named_one.secret_variable == "MY_SECRET"


def test_national_clouds_have_other_servers(tmp_path: Path) -> None:
    cloud = (
        'client_id = "1111"\nauthority = "https://login.microsoftonline.us/"\n'
        'resource = "https://outlook.office365.us"'
    )
    found = credentials.registration(read(tmp_path, 'auth = "microsoft"', cloud))
    assert found.authority == "https://login.microsoftonline.us"
    assert found.scopes[1] == "https://outlook.office365.us/SMTP.Send"


def test_a_shared_mailbox_is_named_as_the_user(tmp_path: Path) -> None:
    account = read(
        tmp_path, 'auth = "microsoft"', 'client_id = "1"', imap='username = "shared@a.example"'
    )
    assert credentials.registration(account).user == "shared@a.example"


@pytest.mark.parametrize(
    ("account", "sign_in", "smtp", "sentence"),
    [
        ('auth = "microsoft"', "", "", "sign_in has no client_id"),
        ('auth = "google"', 'client_id = " "', "", "sign_in has no client_id"),
        ("", 'client_id = "1111"', "", 'sign_in is only used with auth = "microsoft" or "google"'),
        (
            'auth = "google"\npassword_env = "X"',
            'client_id = "1"',
            "",
            'password_env is not used with auth = "google"',
        ),
        (
            'auth = "google"',
            'client_id = "1"',
            'password_env = "X"',
            'password_env is not used with auth = "google"',
        ),
        (
            'auth = "google"',
            'client_id = "1"\ntenant = "common"',
            "",
            'sign_in has tenant, which auth = "google" does not use',
        ),
        (
            'auth = "microsoft"',
            'client_id = "1"\nclient_secret_env = "X"',
            "",
            'sign_in has client_secret_env, which auth = "microsoft" does not use',
        ),
        (
            'auth = "microsoft"',
            'client_id = "1"\nauthority = "http://login.example"',
            "",
            "sign_in.authority must be an address that begins with https://",
        ),
        ('auth = "google"', 'client_secret = "GOCSPX"', "", "sign_in.client_secret is a secret"),
        ('auth = "gmail"', "", "", 'use "password", "microsoft" or "google"'),
    ],
)
def test_each_mistake_names_the_key(
    account: str, sign_in: str, smtp: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, account, sign_in, smtp=smtp)
    assert sentence in str(caught.value)
    assert "GOCSPX" not in str(caught.value)


def test_an_account_with_a_password_is_not_signed_in(tmp_path: Path) -> None:
    account = read(tmp_path)
    with pytest.raises(BadInput, match="logs in with a password"):
        credentials.registration(account)
    assert credentials.tokens_of(account) is None


def test_one_sign_in_serves_reading_and_sending(tmp_path: Path) -> None:
    account = read(tmp_path, 'auth = "microsoft"', 'client_id = "1111"')
    tokens = credentials.tokens_of(account)
    reading, sending = credentials.to_read(account, tokens), credentials.to_send(account, tokens)
    assert isinstance(reading, AccessTokens)
    assert reading == sending
    without = read(tmp_path, 'auth = "microsoft"', 'client_id = "1"', smtp='username = ""')
    assert credentials.to_send(without, tokens) == ""
