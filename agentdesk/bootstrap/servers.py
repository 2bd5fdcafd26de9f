"""The mail servers of an account, as the mail edge wants them."""

from agentdesk.mail.account import ImapServer, SmtpServer
from agentdesk.settings import MailAccount


def imap_server(account: MailAccount, timeout: float = 30.0) -> ImapServer:
    """Where *account* is read; *timeout* in seconds, for each answer."""
    return ImapServer(
        host=account.imap.host,
        port=account.imap.port,
        security=account.imap.security,
        username=account.imap_username,
        timeout=timeout,
        ca_file=account.ca_file,
    )


def smtp_server(account: MailAccount, timeout: float = 30.0) -> SmtpServer:
    """Where mail of *account* is handed in; *timeout* in seconds, for each answer."""
    return SmtpServer(
        host=account.smtp.host,
        port=account.smtp.port,
        security=account.smtp.security,
        username=account.smtp_username,
        timeout=timeout,
        ca_file=account.ca_file,
    )
