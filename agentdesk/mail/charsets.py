"""Bytes to characters, for labels that senders write and for labels that lie.

Only codecs in the list below are ever looked up: Python's registry also holds codecs that are no
charsets (`hex`, `idna`, `undefined`) and raise. Source: research/mail.md §4.2 and the WHATWG
Encoding Standard, which says what programs do with the old names.
"""

from functools import lru_cache
from typing import Final

_LATIN = "cp1252"  # what every sender of "latin1" and "us-ascii" really writes
_CODECS: Final[dict[str, str]] = {
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode11utf8": "utf-8",
    "utf7": "utf-7",
    "utf16": "utf-16",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "latin1": _LATIN,
    "latin9": "iso8859-15",
    "iso88591": _LATIN,
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "cp936": "gb18030",
    "hz": "hz",
    "hzgb2312": "hz",
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "cp950": "cp950",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "xsjis": "cp932",
    "cp932": "cp932",
    "windows31j": "cp932",
    "eucjp": "euc_jp",
    "iso2022jp": "iso2022_jp_ext",
    "iso2022jp1": "iso2022_jp_ext",
    "iso2022jp2": "iso2022_jp_2",
    "euckr": "cp949",
    "ksc56011987": "cp949",
    "ksc5601": "cp949",
    "cp949": "cp949",
    "iso2022kr": "iso2022_kr",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    "tis620": "cp874",
    "windows874": "cp874",
    "macintosh": "mac-roman",
    "macroman": "mac-roman",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp852": "cp852",
    "cp866": "cp866",
    "ibm866": "cp866",
}
_CODECS.update({f"windows{page}": f"cp{page}" for page in range(1250, 1259)})
_CODECS.update({f"cp{page}": f"cp{page}" for page in range(1250, 1259)})
_CODECS.update({f"iso8859{n}": f"iso8859-{n}" for n in (*range(2, 9), 10, 13, 14, 15, 16)})
_CODECS.update({"iso88599": "cp1254", "latin5": "cp1254", "iso885911": "cp874"})
_CODECS.update({"iso88598i": "iso8859-8", "iso88598e": "iso8859-8", "iso88596i": "iso8859-6"})

_TOLERATED = 20
"""One broken byte in this many characters is damage; more is a wrong label."""


def decode(data: bytes, label: str) -> str:
    """*data* read with the charset named *label*; then as UTF-8; then as what fits best.

    Never fails. An unknown or empty label is read as UTF-8, or as Latin letters if it is not that.
    """
    codec = _codec(label[:40])
    if codec.startswith("utf-16") and 0 not in data:
        codec = "utf-8"  # the label lies: no UTF-16 text goes without a zero byte
    for attempt in (codec, "utf-8"):
        try:
            return data.decode(attempt)
        except (UnicodeError, ValueError):
            continue
    repaired = data.decode(codec, "replace")
    if repaired.count("\ufffd") * _TOLERATED <= len(repaired):
        return repaired
    return data.decode(_LATIN, "replace")


@lru_cache(maxsize=256)
def _codec(label: str) -> str:
    return _CODECS.get("".join(c for c in label.lower() if c.isalnum()), "utf-8")


def decode_unlabelled(data: bytes) -> str:
    """*data* without a declared charset, as in a header that is not plain ASCII."""
    return decode(data, "utf-8")
