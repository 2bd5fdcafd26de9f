"""Whether a mail promises a file that it may not bring. Pure."""

import re
from typing import Final

_WORDS: Final = re.compile(
    r"\b(attach(ed|ing|ment|ments)?|enclosed|anbei|angehängt\w*|anhang|beigefügt\w*|in der anlage"
    r"|ci-joint\w*|pièces? jointes?|adjunt[oa]s?|allegat[oi]|in allegato|em anexo|anexad[oa]s?"
    r"|bijgevoegd|bijlagen?|vedlagt|vedhæft\w*|bifogad\w*|bilag[ao]r?|liitteenä|załącz\w*"
    r"|v příloze|přilož\w*|во вложении|прилага\w+|ekte(dir|ki))\b|添付|附件|첨부",
    re.IGNORECASE,
)
"""In the languages that desks write most."""

_FORWARDED: Final = re.compile(r"^-{5,} ?\w", re.MULTILINE)
_SIGNATURE: Final = re.compile(
    r"^-- $.*?(?=^[^\n]*:\n>|^>|^-{5,} ?\w|\Z)", re.MULTILINE | re.DOTALL
)
_QUOTED: Final = re.compile(r"^>.*$", re.MULTILINE)


def promises_file(body: str) -> bool:
    """Whether the writer's own words say that something is attached: not a quote, a mail that is passed
    on, or the signature.
    """
    forwarded = _FORWARDED.search(body)
    own = body[: forwarded.start()] if forwarded else body
    return bool(_WORDS.search(_QUOTED.sub("", _SIGNATURE.sub("", own))))
