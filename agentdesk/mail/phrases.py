"""What mail programs write around quotes, in the languages that customers use.

Each pattern is applied to one line of at most 500 characters, and none can backtrack over it more
than once. Languages: English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish,
Danish, Norwegian, Polish, Finnish, Czech, Russian, Turkish, Chinese, Japanese.
"""

import re
from typing import Final

_VERBS: Final = (
    r"wrote|writes|said|schrieb|schreibt|hat geschrieben|geschrieben|a écrit|écrit|a ecrit|escribió"
    r"|escribio|escrigué|va escriure|ha scritto|escreveu|schreef|het volgende geschreven|skrev|skrifaði"
    r"|napisał(?:\(?a\)?)?|pisze|napisana przez|kirjoitti|kirjutas|napsal(?:\(?a\)?)?"
    r"|napísal(?:\(?a\)?)?|napisao(?:/la)?|napisala|написал(?:\(?а\)?)?|пишет|писал\w?|написав|написала"
    r"|пише|написа|yazdı|şunları yazdı|írta|a scris|έγραψε|rašė|rakstīja|đã viết|menulis|כתבה?|كتب|كتابة"
)
_WROTE = re.compile(
    rf"\b(?:{_VERBS})\b|写道|寫道|书写|書きました|のメール|작성|님이",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"(?:on|am|le|el|il|em|no dia|op|den|w dniu|dnia|dne|tarihinde|vào|la|în|pada|στις|på|at)\b",
    re.IGNORECASE,
)
_DATE_OR_ADDRESS = re.compile(r"\d{4}|\d{1,2}[./:]\d{1,2}|@|\d年|<")

_DATE = re.compile(r"\b\d{4}\b|\d{1,2}[./]\d{1,2}[./]\d{2}|\d{1,2}:\d{2}|\d年")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}\b")
_WRITER_CHARS = 60
_ENDS_IN_VERB = re.compile(rf"\b(?:{_VERBS})\s?[:：]$", re.IGNORECASE)
_NARRATED = re.compile(r"\b(?:I|we|you|said|ich|wir|ihr|nous|vous|yo|io)\b")
"""Words of somebody who tells what was written, which no program uses."""

_BRACKETED = re.compile(r"[<(\[][^<>()\s]{1,100}@[^<>()\s]{1,100}[>)\]]")
_DASHED = re.compile(r"-{2,8} (.{10,400}?) ?-{2,8}")
_RUN_ON = re.compile(
    rf"<[^<>\s]{{1,100}}@[^<>\s]{{1,100}}>,?\s{{0,3}}(?:{_VERBS})\s?:\s", re.IGNORECASE
)
_STARTS_DATED = re.compile(r"(?:\w{1,12}[.,]{1,2} )?\d{1,4}[ ./年-]")

HEADER_LABEL: Final = re.compile(r"[*_>\s]{0,4}([\w'’. ]{1,20}?)\s?[*_]{0,2}\s?[:：]")
"""One field of an older mail as programs print it: `From: …`, `*Von:* …`."""

_LABELS: Final = {
    "from": "from|von|de|da|van|från|fra|od|lähettäjä|от|от кого|kimden|gönderen|发件人|寄件者|寄件人|"
    "差出人|expéditeur|remitente|mittente|remetente|afzender|avsändare|feladó|de la|від|από|מאת|من|"
    "보낸 사람|보낸사람|dari|từ|saatja|no",
    "date": "date|sent|datum|gesendet|envoyé|envoyé le|fecha|enviado|enviado el|data|inviato|"
    "enviada em|enviado em|enviada|enviat|verzonden|skickat|dato|sendt|wysłano|wysłane|päiväys|"
    "päivämäärä|lähetetty|odesláno|odoslané|poslano|дата|отправлено|надіслано|изпратено|tarih|"
    "gönderildi|gönderme tarihi|gönderilme tarihi|发送时间|发送日期|日期|寄件日期|日時|送信日時|"
    "küldve|dátum|trimis|στάλθηκε|ημερομηνία|נשלח|תאריך|تم الإرسال|التاريخ|보낸 날짜|날짜|dikirim|"
    "tanggal|đã gửi|saadetud",
    "to": "to|an|à|a|para|aan|till|til|do|vastaanottaja|komu|кому|kime|alıcı|收件人|收件者|宛先|"
    "destinataire|destinatario|címzett|către|προς|אל|إلى|받는 사람|받는사람|kepada|tới|adressaat|za|до|per a",
    "subject": "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|aihe|"
    "předmět|predmet|zadeva|тема|относно|konu|主题|主旨|件名|tárgy|subiect|θέμα|נושא|الموضوع|제목|"
    "perihal|subjek|chủ đề|teema|assumpte",
}
HEADER_KINDS: Final = {
    word: kind for kind, words in _LABELS.items() for word in words.split("|") if word
}

ORIGINAL_MARK: Final = re.compile(
    r"[-‐‑–—_=*\s]{2,40}(?:original message|original email|original appointment|reply message"
    r"|ursprüngliche (?:nachricht|e-?mail)|originalnachricht|original-nachricht"
    r"|mail original|message d['’]origine|message original|mensaje original|messaggio originale"
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
RULER: Final = re.compile(r"[_─—–‐*=-]{5,}")
TITLED_RULER: Final = re.compile(r"[-‐‑–—_=*]{3,40}\s?[^\W\d_][^:<>@]{1,40}[-‐‑–—_=*]{3,40}")
"""A heading between dashes in any language: old where fields of a mail follow it."""

REPLY_ABOVE: Final = re.compile(
    r"[-#=*_>\s]{0,20}(?:please )?(?:(?:type|write|enter|add) (?:your )?(?:reply|response|answer)"
    r"|reply|respond|bitte (?:geben sie|schreiben sie) ihre antwort|(?:bitte )?antworten sie(?: bitte)?"
    r"|(?:veuillez )?(?:saisir votre réponse|répondre)|escriba su respuesta|(?:por favor,? )?responda"
    r"|responda|rispondi|scrivi la tua risposta|typ uw antwoord)\b.{0,30}\b"
    r"(?:above this line|über dieser (?:zeile|linie)|oberhalb dieser (?:zeile|linie)"
    r"|au-dessus de cette ligne|(?:por )?encima de esta línea|acima desta linha|sopra questa riga"
    r"|boven deze (?:lijn|regel))\b.{0,20}",
    re.IGNORECASE,
)
"""What help desks ask to write above; below it stands their own mail."""

PGP_SIGNED: Final = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----", re.MULTILINE)
PGP_SIGNATURE: Final = re.compile(r"^-----BEGIN PGP SIGNATURE-----", re.MULTILINE)
PGP_MESSAGE: Final = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
PGP_END: Final = re.compile(r"-----END PGP (?:SIGNATURE|MESSAGE)-----")

_NOTABLE = re.compile(r"[:：@<\d]|^[-‐‑_=*─—–#\s]|this line|dieser|cette ligne|esta l|questa riga")


def is_notable(line: str) -> bool:
    """Whether *line* can be anything but prose or a signature: a cheap test before the dear ones."""
    return bool(_NOTABLE.search(line))


def may_begin_attribution(line: str) -> bool:
    """Whether it is worth looking for the end of an attribution that begins with *line*."""
    return bool(line) and bool(_STARTS.match(line) or _DATE_OR_ADDRESS.search(line))


def is_attribution(sentence: str, *, marked: bool) -> bool:
    """Whether *sentence* says who wrote what follows; `marked`: that bears `>`.

    It has a verb of writing and a date or address; or, as some programs and languages write it, both a
    date and an address. Where no marks confirm it, prose such as "On 3 May 2026 I wrote:" must not
    pass, so a verb needs a time or address, and without a verb a time and a bracketed address are
    needed, or the date comes first and the address last.
    """
    if sentence[-1:] not in {":", "："}:
        return False
    time, dated = bool(_TIME.search(sentence)), bool(_DATE.search(sentence))
    if _WROTE.search(sentence):
        if marked:
            return bool(_DATE_OR_ADDRESS.search(sentence))
        return "@" in sentence or (time and not _NARRATED.search(sentence))
    if not dated or "@" not in sentence:
        return marked and dated and time
    if marked or (time and _BRACKETED.search(sentence) and not _NARRATED.search(sentence)):
        return True
    return _ends_in_address(sentence) and bool(_STARTS_DATED.match(sentence))


def names_writer(line: str) -> bool:
    """Whether *line*, which stands above marked lines, only says whose they are: `Ana Ruiz wrote:`."""
    return len(line) <= _WRITER_CHARS and bool(_ENDS_IN_VERB.search(line))


def is_dashed_attribution(line: str) -> bool:
    """Whether *line* is an attribution between dashes, as Zoho writes it: `---- On … wrote ----`."""
    found = _DASHED.fullmatch(line)
    return found is not None and is_attribution(f"{found[1].rstrip(':')}:", marked=False)


def has_attribution(line: str) -> bool:
    """Whether an attribution and, on the same line, the old text follow (Yahoo on Android)."""
    return bool(_STARTS.match(line) and _RUN_ON.search(line) and _DATE.search(line))


def _ends_in_address(sentence: str) -> bool:
    last = sentence.rstrip(':： >)]"').rpartition(" ")[2]
    return 0 < last.find("@") < len(last) - 3
