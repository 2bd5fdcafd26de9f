"""Mail that is signed or encrypted, told as such. Nothing is checked and nothing deciphered.

Source: RFC 1847 (multipart/signed and multipart/encrypted), RFC 8551 (S/MIME), RFC 3156 (PGP/MIME),
RFC 9580 §6 (armour).
"""

from collections.abc import Iterable
from typing import Final

from agentdesk.mail.parts import Part
from agentdesk.mail.phrases import PGP_MESSAGE, PGP_SIGNED

_OPAQUE_TYPES: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ENCRYPTED: Final = frozenset({"enveloped-data", "authenveloped-data"})
_ENVELOPED_IDS: Final = (
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03",  # envelopedData
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",  # authEnvelopedData
)
_SIGNED_ID: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_SEARCHED_CHARS: Final = 256 * 1024


def seal_notices(parts: Iterable[Part], text: str) -> list[str]:
    """Sentences about the signatures and ciphers of a mail with these *parts*, containers included."""
    found = dict.fromkeys(notice for part in parts for notice in _of_part(part))
    head = text[:_SEARCHED_CHARS]
    if "-----BEGIN PGP " in head:
        if PGP_SIGNED.search(head):
            found[_signed("OpenPGP")] = None
        if PGP_MESSAGE.search(head):
            found[_encrypted("OpenPGP")] = None
    return list(found)


def _of_part(part: Part) -> Iterable[str]:
    if part.type == "multipart/signed":
        protocol = part.parameters.get("protocol", "").lower()
        yield _signed("OpenPGP" if "pgp" in protocol else "S/MIME" if "pkcs7" in protocol else "")
    elif part.type == "multipart/encrypted":
        yield _encrypted("OpenPGP")
    elif part.type in _OPAQUE_TYPES:
        kind = part.parameters.get("smime-type", "").lower() or _kind_of_content(part.content[:80])
        if kind in _ENCRYPTED:
            yield _encrypted("S/MIME")
        elif kind == "signed-data":
            yield "Signed with S/MIME in a form that the desk cannot read; the text is in the attachment."


def _kind_of_content(head: bytes) -> str:
    if any(mark in head for mark in _ENVELOPED_IDS):
        return "enveloped-data"
    return "signed-data" if _SIGNED_ID in head else ""


def _signed(way: str) -> str:
    return f"Signed with {way}; the signature was not checked." if way else "Signed; not checked."


def _encrypted(way: str) -> str:
    return f"Encrypted with {way}; the desk cannot read it."
