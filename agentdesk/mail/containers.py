"""The elements in which mail programs put the mail that is answered, and signatures.

Known are Gmail, Outlook (desktop, web, mobile), Apple Mail, Thunderbird, Yahoo, Proton Mail, Tuta, Zoho,
Spark, Zimbra, Roundcube, Freshdesk, Front, FairEmail, Samsung, AOL and what forked from them.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final


class Holds(Enum):
    """What an element holds that is not the writer's own."""

    REST = "an older mail, and so does all that follows"
    WHOLE = "an older mail, its attribution or a signature"
    ATTRIBUTION = "an attribution up to the first block quote; between block quotes people answer"


_REST_IDS: Final = frozenset(
    {"divRplyFwdMsg", "appendonsend", "OLK_SRC_BODY_SECTION", "zwchr", "stopSpelling"}
    | {"mail-editor-reference-message-container", "isForwardContent", "mailcontent_quote"}
)
_REST_CLASSES: Final = frozenset({"ms-outlook-mobile-reference-message", "OutlookMessageHeader"})
_WHOLE_CLASSES: Final = frozenset(
    {
        "moz-cite-prefix",
        "yahoo_quoted",
        "protonmail_quote",
        "tutanota_quote",
        "zmail_extra",
        "gmail_attr",
    }
    | {"freshdesk_quote", "front-blockquote", "aolmail_quoted", "missive_quote", "airmail_on"}
)
_SIGNATURE_CLASSES: Final = frozenset(
    {"gmail_signature", "moz-signature", "protonmail_signature_block", "tutanota_signature"}
)
_WHOLE_IDS: Final = frozenset(
    {"Signature", "AppleMailSignature", "ms-outlook-mobile-signature", "composer_signature"}
    | {"ms-outlook-signature", "reply-intro"}
)
_NAMED: Final = frozenset({"messageReplySection", "messageSignatureSection"})
_YAHOO = re.compile(r"ydp\w{1,20}(?:yahoo_quoted|signature)")
_OUTLOOK_HEADER = re.compile(
    r"border:\s?none;\s?border-top:\s?solid #(?:e1e1e1|b5c4df)", re.IGNORECASE
)


def holds(attributes: Mapping[str, str | None]) -> Holds | None:
    """What an element with these *attributes* holds; `None` for the writer's own."""
    if not attributes:
        return None
    id_ = (attributes.get("id") or "").removeprefix("x_")
    classes = (attributes.get("class") or "").replace("x_", "").split()
    if id_ in _REST_IDS:
        return Holds.REST
    if not _REST_CLASSES.isdisjoint(classes) or _is_outlook_header(attributes):
        return Holds.REST
    if "gmail_quote" in classes:
        return Holds.ATTRIBUTION
    if id_ in _WHOLE_IDS or attributes.get("name") in _NAMED:
        return Holds.WHOLE
    if not (_WHOLE_CLASSES.isdisjoint(classes) and _SIGNATURE_CLASSES.isdisjoint(classes)):
        return Holds.WHOLE
    if "fairemail" in attributes or any(_YAHOO.fullmatch(name) for name in classes):
        return Holds.WHOLE
    return None


def _is_outlook_header(attributes: Mapping[str, str | None]) -> bool:
    return bool(_OUTLOOK_HEADER.search(attributes.get("style") or ""))


def is_indent(attributes: Mapping[str, str | None]) -> bool:
    """Whether a block quote with these *attributes* only indents, as Gmail and Outlook do."""
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "border:none" in style or "border:0" in style or "border:medium" in style
