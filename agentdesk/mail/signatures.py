"""What programs and people put under a message: device lines, `-- ` and their name.

Each pattern is applied to one line of at most 500 characters, and none can backtrack over it more
than once.
"""

import re
from typing import Final

SIGNATURE_MARK: Final = re.compile(r"(?:- )?\s?(?:--|—|–|__)\s{0,2}")
"""`-- ` (RFC 3676 §4.3) and what becomes of it; `- -- ` within a text that PGP signed."""

LIST_FOOTER: Final = re.compile(r".{0,60}\bmailing list\b.{0,60}", re.IGNORECASE)
_NAME: Final = re.compile(
    r"(?:--?|[–—]|(?:--|[–—]) )((?:[^\W\d_][\w.'’-]{0,20} ){0,2}[^\W\d_][\w.'’-]{1,20})"
)
_CLOSING_CHARS: Final = 160

_DEVICE = r"(?:[\w.’'+®/-]{1,30} ){0,6}[\w.’'+®/-]{1,30}"
_LINK = r"(?:\s?[\[(<]{0,2}https?://\S{1,200})?"
_EXCUSE = r"(?:[.,;:!–—-]{0,2} (?:so )?(?:please |pls )?(?:excuse|forgive|pardon|sorry|apologi[sz]e).{0,80})?"
_DEVICE_LINE: Final = re.compile(
    rf"(?:sent (?:from|via|using|with|on the go with) (?:my |the |a )?{_DEVICE}"
    rf"(?:, (?:an? )?(?:AT&T|T-Mobile|Verizon|Samsung|Sprint|Vodafone)\b.{{0,40}})?[.!]?{_EXCUSE}[.!]?{_LINK}"
    rf"|sent (?:from|with|using) \[?(?:mail|outlook|yahoo mail|proton ?mail|spark)\b.{{0,100}}"
    rf"|von mein\w{{0,3}}(?:/\w{{1,8}})? {_DEVICE} (?:gesendet|verschickt)[.!]?"
    rf"|(?:gesendet|verschickt) (?:von|mit) {_DEVICE}[.!]?"
    rf"|diese nachricht wurde von mein\w{{1,3}} {_DEVICE} gesendet[.!]?"
    rf"|envoyé (?:de|depuis|avec|via|à partir d\w?)\W?(?:mon |ma |l['’])?{_DEVICE}|provenance\s?: .{{1,40}}"
    rf"|enviad[oa] (?:desde|do|da|de|via|com|a partir do) (?:mi |meu |minha |el |o )?{_DEVICE}"
    rf"|enviat (?:des|amb) {_DEVICE}|inviato (?:da|dal|con) (?:mio )?{_DEVICE}"
    rf"|(?:verzonden|verstuurd) (?:vanaf|vanuit|met|via) (?:mijn )?{_DEVICE}"
    rf"|(?:skickat|skickades) från (?:min )?{_DEVICE}|sendt fra (?:min )?{_DEVICE}"
    rf"|lähetetty {_DEVICE}|wysłan[eoy] z {_DEVICE}|(?:odesláno|odoslané|poslané) z[eo]? {_DEVICE}"
    rf"|(?:poslano|послато) (?:s|sa|z|са) {_DEVICE}|trimis de pe {_DEVICE}"
    rf"|(?:отправлено|надіслано|изпратено) (?:с|со|из|з|від|от) {_DEVICE}|στάλθηκε από (?:το )?{_DEVICE}"
    rf"|{_DEVICE} (?:gönderildi|küldve)|נשלח מ\S{{0,5}}(?:iphone|ipad|android|galaxy)\b.{{0,20}}"
    rf"|đã gửi từ {_DEVICE}|dikirim dari {_DEVICE}|ส่งจาก .{{1,30}}"
    rf"|发自我的.{{1,30}}|(?:从|從)我的.{{1,30}}(?:发送|傳送)|.{{0,20}}(?:iphone|ipad|android)から送信"
    rf"|나의 .{{1,30}}에서 보냄"
    rf"|(?:get|holen sie sich|télécharger|obtenir|obtener|obtenha|obter o|obtenha o|descargar|baixar"
    rf"|scarica|ottieni|pobierz|hämta|skaffa|hent|last ned|hanki|stáhnout|stiahnuť|загрузить|скачать"
    rf"|downloaden|download)\s?(?:\w{{1,12}} )?(?:outlook|bluemail|the new aol)\b.{{0,30}}"
    rf"\b(?:ios|android|app|iphone)\b.{{0,100}}"
    rf"|outlook (?:für|voor) \w{{1,10}} (?:herunterladen|downloaden|beziehen).{{0,100}}"
    rf"|outlook für (?:ios|android) .{{0,80}})",
    re.IGNORECASE,
)


_SHOWN_LINK: Final = re.compile(r"\s?<https?://[^<>\s]{1,300}>")

_FIRST: Final = frozenset(
    (
        *(
            "sen",
            "von",
            "ges",
            "ver",
            "die",
            "env",
            "pro",
            "inv",
            "ski",
            "läh",
            "wys",
            "ode",
            "odo",
        ),
        *(
            "pos",
            "пос",
            "tri",
            "отп",
            "над",
            "изп",
            "στά",
            "נשל",
            "đã ",
            "dik",
            "ส่ง",
            "发自我",
            "从我的",
        ),
        *(
            "從我的",
            "나의 ",
            "get",
            "hol",
            "tél",
            "obt",
            "des",
            "bai",
            "sca",
            "ott",
            "pob",
            "häm",
            "ska",
        ),
        *("hen", "las", "han", "stá", "sti", "заг", "ска", "dow", "out"),
    )
)
_LAST: Final = ("gönderildi", "gönderildi.", "küldve", "から送信")


def is_device_line(line: str) -> bool:
    """Whether a program says in *line* from what it was sent: `Sent from my iPhone`, `Get Outlook …`."""
    if line[:3].lower() not in _FIRST and not line.endswith(_LAST):
        return False
    if "<http" in line:
        line = _SHOWN_LINK.sub("", line)
    return len(line) <= _CLOSING_CHARS and bool(_DEVICE_LINE.fullmatch(line))


def is_signed_name(line: str) -> bool:
    """Whether *line* is only a name after a dash."""
    found = _NAME.fullmatch(line)
    return found is not None and found[1].istitle()
