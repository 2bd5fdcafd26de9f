"""Reply tokens: what makes the Message-IDs of a thread unguessable."""

import secrets
from base64 import b32encode

TOKEN_CHARS = 22


def new_token() -> str:
    """The unguessable part of a thread's Message-IDs: 110 bits as lower-case base32.

    Lower case, because addresses lose theirs on the way. Source: `domain.mail_identity.token_of`.
    """
    return b32encode(secrets.token_bytes(14)).decode("ascii").lower()[:TOKEN_CHARS]
