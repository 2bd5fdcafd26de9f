"""What mail programs write around quotes, in the languages that customers use.

Each pattern is applied to one line of at most 500 characters, and none can backtrack over it more
than once. Languages: English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish,
Danish, Norwegian, Polish, Finnish, Czech, Russian, Turkish, Chinese, Japanese.
"""

import re
from typing import Final

_WROTE = re.compile(
    r"\b(?:wrote|writes|said|schrieb|hat geschrieben|geschrieben|a écrit|escribió|escribio"
    r"|ha scritto|escreveu|schreef|het volgende geschreven|skrev|napisał(?:\(?a\)?)?|pisze"
    r"|kirjoitti|napsal(?:\(?a\)?)?|написал(?:\(?а\)?)?|пишет|писал\w?|yazdı|şunu yazdı|írta|έγραψε)\b"
    r"|写道|寫道|书写|書きました|のメール|작성|님이|a ecrit",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"(?:on|am|le|el|il|em|no dia|op|den|w dniu|dnia|dne|tarihinde|vào)\b", re.IGNORECASE
)
_DATE_OR_ADDRESS = re.compile(r"\d{4}|\d{1,2}[./:]\d{1,2}|@|\d年|<")

_DATE = re.compile(r"\b\d{4}\b|\d{1,2}[./]\d{1,2}[./]\d{2}|\d{1,2}:\d{2}|\d年")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}\b")
_STARTS_DATED = re.compile(r"(?:\w{1,12}[.,]{1,2} )?\d{1,4}[ ./年-]")

HEADER_LABEL: Final = re.compile(
    r"[*_>\s]{0,4}([\w'’. ]{1,20}?)\s?[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|$)"
)
"""One field of an older mail as programs print it: `From: …`, `*Von:* …`."""

_LABELS: Final = {
    "from": "from|von|de|da|van|från|fra|od|lähettäjä|от|от кого|kimden|gönderen|发件人|寄件者|"
    "差出人|expéditeur|remitente|mittente",
    "date": "date|sent|datum|gesendet|envoyé|fecha|enviado|enviado el|data|inviato|enviada em|"
    "enviado em|verzonden|datum|skickat|dato|sendt|data|wysłano|wysłane|päiväys|lähetetty|"
    "odesláno|дата|отправлено|tarih|gönderildi|发送时间|日期|日時|送信日時",
    "to": "to|an|à|a|para|aan|till|til|do|vastaanottaja|komu|кому|kime|收件人|宛先|destinataire",
    "subject": "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|aihe|"
    "předmět|тема|konu|主题|主旨|件名",
}
HEADER_KINDS: Final = {
    word: kind for kind, words in _LABELS.items() for word in words.split("|") if word
}

ORIGINAL_MARK: Final = re.compile(
    r"[-_=*\s]{2,40}(?:original message|original email|original appointment|reply message"
    r"|ursprüngliche (?:nachricht|e-?mail)|originalnachricht|original-nachricht"
    r"|message d['’]origine|message original|mensaje original|messaggio originale"
    r"|mensagem original|oorspronkelijk bericht|ursprungligt meddelande|originalmeddelande"
    r"|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|oryginalna wiadomość"
    r"|wiadomość oryginalna|původní zpráva|исходное сообщение|orijinal mesaj|原始邮件|邮件原件"
    r"|元のメッセージ)\b",
    re.IGNORECASE,
)
FORWARD_MARK: Final = re.compile(
    r"(?:[-_=\s]{2,40}\s?(?:forwarded (?:message|by)|weitergeleitete nachricht|message transféré"
    r"|message transmis|mensaje reenviado|messaggio inoltrato|mensagem (?:encaminhada|reenviada)"
    r"|doorgestuurd bericht|vidarebefordrat meddelande|videresendt (?:besked|meddelelse|melding)"
    r"|przekazana wiadomość|välitetty viesti|přeposlaná zpráva|пересылаемое сообщение|转发)"
    r"|(?:begin forwarded message|anfang der weitergeleiteten nachricht"
    r"|début du message (?:transféré|réexpédié)|inicio del mensaje reenviado"
    r"|inizio messaggio inoltrato|início da mensagem encaminhada|begin doorgestuurd bericht)\s?:)",
    re.IGNORECASE,
)
FORWARD_SUBJECT: Final = re.compile(
    r"\s{0,5}(?:\[[^\]]{1,20}\]\s?)?(?:fwd?|wg|tr|rv|i|enc|doorst|vb|vs|vl|pd|fs|ilt|пересл|转发)"
    r"\s?[:：]",
    re.IGNORECASE,
)
RULER: Final = re.compile(r"[_─—–*=-]{5,}")
SIGNED_NAME: Final = re.compile(r"[-–—](?:[^\W\d_][\w.'’-]{0,20} ){0,2}[^\W\d_][\w.'’-]{1,20}")
LIST_FOOTER: Final = re.compile(r".{0,60}\bmailing list\b.{0,60}", re.IGNORECASE)
SIGNATURE_MARK: Final = re.compile(r"(?:- )?\s?(?:--|—|–|__)\s{0,2}")
"""`-- ` (RFC 3676 §4.3) and what becomes of it; `- -- ` within a text that PGP signed."""

PGP_SIGNED: Final = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----", re.MULTILINE)
PGP_SIGNATURE: Final = re.compile(r"^-----BEGIN PGP SIGNATURE-----", re.MULTILINE)
PGP_MESSAGE: Final = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
PGP_END: Final = re.compile(r"-----END PGP (?:SIGNATURE|MESSAGE)-----")

_DEVICE = r"(?:[\w.’'+-]{1,30} ){0,4}[\w.’'+-]{1,30}[.!]?"
MOBILE_SIGNATURE: Final = re.compile(
    rf"(?:sent (?:from|via|using|with) (?:my |the )?{_DEVICE}(?: \(?https?://\S{{1,200}}\)?)?"
    rf"|sent from (?:mail|outlook|yahoo mail|proton ?mail)\b.{{0,80}}"
    rf"|von mein\w{{1,3}} {_DEVICE} gesendet[.!]?|gesendet (?:von|mit) {_DEVICE}"
    rf"|diese nachricht wurde von mein\w{{1,3}} {_DEVICE} gesendet[.!]?"
    rf"|envoyé (?:de|depuis|à partir d\w?)\W?(?:mon |ma )?{_DEVICE}"
    rf"|enviado (?:desde|do|de|a partir do) (?:mi |meu |minha )?{_DEVICE}"
    rf"|inviato (?:da|dal) (?:mio )?{_DEVICE}|verzonden (?:vanaf|met) (?:mijn )?{_DEVICE}"
    rf"|verstuurd vanaf (?:mijn )?{_DEVICE}|skickat från (?:min )?{_DEVICE}"
    rf"|sendt fra (?:min )?{_DEVICE}|lähetetty {_DEVICE}|wysłan[eo] z {_DEVICE}"
    rf"|odesláno z {_DEVICE}|отправлено (?:с|из) {_DEVICE}|{_DEVICE} gönderildi"
    rf"|get outlook for (?:ios|android).{{0,80}}|outlook für (?:ios|android) .{{0,80}}"
    rf"|télécharger outlook pour .{{0,80}}|obtener outlook para .{{0,80}}"
    rf"|发自我的.{{1,30}}|從我的.{{1,30}}傳送|.{{0,20}}iphoneから送信)",
    re.IGNORECASE,
)


_NOTABLE = re.compile(
    r"[:：@<\d]|^[-_=*─—–\s]|^(?:sen[dt]|von|gesendet|diese|envoyé|enviado|inviato|ver|skickat|lähe"
    r"|wys|odesl|отпр|get|outlook|télé|obtener|发自|從我|on|am|le|el|il|em|no dia|op|den|dn)"
    r"|から送信|gönderildi",
    re.IGNORECASE,
)


def is_notable(line: str) -> bool:
    """Whether *line* can be anything but prose: a cheap test before the dear ones."""
    return bool(_NOTABLE.search(line))


def may_begin_attribution(line: str) -> bool:
    """Whether it is worth looking for the end of an attribution that begins with *line*."""
    return bool(line) and bool(_STARTS.match(line) or _DATE_OR_ADDRESS.search(line))


def is_attribution(sentence: str, *, marked: bool) -> bool:
    """Whether *sentence* says who wrote what follows; `marked`: that bears `>`.

    It has a verb of writing and a date or address; or, as mail.ru and Gmail in some languages write
    it, both a date and an address. Where no marks confirm it, prose such as "On 3 May 2026 I wrote:"
    must not pass, so a verb needs a time or address, and without a verb the date comes first.
    """
    if sentence[-1:] not in {":", "："}:
        return False
    address, time = _ends_in_address(sentence), bool(_TIME.search(sentence))
    if _WROTE.search(sentence):
        dated = bool(_DATE_OR_ADDRESS.search(sentence))
        return dated if marked else "@" in sentence or time
    return (
        address and bool(_DATE.search(sentence)) and (marked or bool(_STARTS_DATED.match(sentence)))
    )


def _ends_in_address(sentence: str) -> bool:
    last = sentence.rstrip(':： >)]"').rpartition(" ")[2]
    return 0 < last.find("@") < len(last) - 3
