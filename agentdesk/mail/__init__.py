"""The mail edge: IMAP, SMTP, MIME, HTML, quoting, composing."""
