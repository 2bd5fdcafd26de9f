"""File names from mails, made safe to save under on any system.

Source: DESIGN §7 and the names that Windows reserves (learn.microsoft.com, *Naming Files*).
"""

import re
from typing import Final

from agentdesk.domain.text import safe

NAME_BYTES: Final = 200
"""Below the 255 bytes of common file systems, with room for a number or a `.part` suffix."""

_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)
_EXTENSIONS: Final = {
    "application/json": ".json",
    "application/msword": ".doc",
    "application/ms-tnef": ".dat",
    "application/pdf": ".pdf",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/zip": ".zip",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/delivery-status": ".txt",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}


_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def media_type(type_: str) -> str:
    """*type_* in lower case if it can be a media type (RFC 6838 §4.2), else octet-stream."""
    lower = type_.lower()
    return lower if _MEDIA_TYPE.fullmatch(lower) else "application/octet-stream"


def safe_name(name: str) -> str:
    """*name* as one harmless file name; empty when nothing of it can be used.

    No path, no control or bidirectional characters, no leading or trailing dots, no reserved
    device name, at most `NAME_BYTES` bytes of UTF-8 with the extension kept.
    """
    line = safe(name, multiline=False).replace("\\", "/").rstrip("/")
    base = _FORBIDDEN.sub("_", line.rpartition("/")[2]).strip(". ")
    if _RESERVED.match(base):
        base = f"_{base}"
    return _shorten(base)


def name_for(type_: str, stem: str) -> str:
    """A name for a part of *type_* that brings none: *stem* with the customary extension."""
    return (safe_name(stem) or "attachment") + _EXTENSIONS.get(type_, ".bin")


def unique_name(name: str, taken: set[str]) -> str:
    """*name*, or *name* with a number, unlike all of *taken* (compared without case); adds it."""
    stem, dot, extension = _split(name)
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{stem} ({number}){dot}{extension}"
    taken.add(candidate.casefold())
    return candidate


def _split(name: str) -> tuple[str, str, str]:
    stem, dot, extension = name.rpartition(".")
    if dot and stem and len(extension) <= 10:
        return stem, dot, extension
    return name, "", ""


def _shorten(name: str) -> str:
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, extension = _split(name)
    room = NAME_BYTES - len((dot + extension).encode())
    return safe(stem.encode()[:room].decode("utf-8", "ignore")).strip() + dot + extension
