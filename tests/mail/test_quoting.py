"""What somebody wrote now is told from quotes, old mails and signatures, in linear time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.message import Address, Span
from agentdesk.domain.text import safe
from agentdesk.mail.compose import attribution, quote_original
from agentdesk.mail.quoting import is_forward, latest_spans

NEW = "Danke, das Paket ist da.\n\nMit freundlichen Grüßen\nMara"


def latest(text: str, quoted: tuple[Span, ...] = (), *, forwarded: bool = False) -> str:
    spans = latest_spans(text, quoted, forwarded=forwarded)
    return "\n".join(text[span.start : span.end] for span in spans)


ATTRIBUTIONS = [
    "On Mon, Mar 2, 2026 at 9:41 AM Ana Ruiz <ana@acme.example> wrote:",
    "On Mon, Mar 2, 2026 at 9:41 AM Ana Ruiz <\nana@acme.example> wrote:",
    "On Mon, Mar 2, 2026 at 9:41 AM Ana Ruiz <ana@acme.example>\nwrote:",
    "On 2026-03-02 09:41, Ana Ruiz wrote:",
    "Am 02.03.2026 um 09:41 schrieb Ana Ruiz <ana@acme.example>:",
    "Am Mo., 2. März 2026 um 09:41 Uhr schrieb Ana Ruiz <\nana@acme.example>:",
    "Ana Ruiz <ana@acme.example> schrieb am Mo., 2. März 2026, 09:41:",
    "Le lun. 2 mars 2026 à 09:41, Ana Ruiz <ana@acme.example> a écrit :",
    "El lun, 2 mar 2026 a las 9:41, Ana Ruiz (<ana@acme.example>) escribió:",
    "Il giorno lun 2 mar 2026 alle ore 09:41 Ana Ruiz <ana@acme.example> ha scritto:",
    "Em seg., 2 de mar. de 2026 às 09:41, Ana Ruiz <ana@acme.example> escreveu:",
    "Op ma 2 mrt 2026 om 09:41 schreef Ana Ruiz <ana@acme.example>:",
    "Den mån 2 mars 2026 kl 09:41 skrev Ana Ruiz <ana@acme.example>:",
    "Den man. 2. mar. 2026 kl. 09.41 skrev Ana Ruiz <ana@acme.example>:",
    "pon., 2 mar 2026 o 09:41 Ana Ruiz <ana@acme.example> napisał(a):",
    "W dniu 2.03.2026 o 09:41, Ana Ruiz pisze:",
    "ma 2. maalisk. 2026 klo 9.41 Ana Ruiz (ana@acme.example) kirjoitti:",
    "po 2. 3. 2026 v 9:41 odesílatel Ana Ruiz <ana@acme.example> napsal:",
    "2 марта 2026 г., 9:41, Ana Ruiz <ana@acme.example> написал:",
    "пн, 2 мар. 2026 г. в 09:41, Ana Ruiz <ana@acme.example>:",
    "Ana Ruiz <ana@acme.example>, 2 Mar 2026 Pzt, 09:41 tarihinde şunu yazdı:",
    "2026年3月2日(月) 9:41 Ana Ruiz <ana@acme.example>:",
    "Ana Ruiz <ana@acme.example> 于2026年3月2日周一 09:41写道：",
    "2026. 3. 2. 오전 9:41, Ana Ruiz <ana@acme.example> 작성:",
    "Στις Δευ 2 Μαρ 2026 στις 9:41, ο χρήστης Ana Ruiz <ana@acme.example> έγραψε:",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["\n> ", "\n"], ids=["marked", "unmarked"])
def test_attributions_are_known_in_many_languages(line: str, mark: str) -> None:
    old = f"{line}\n{mark}Guten Tag,{mark}wie geht es?"
    assert latest(f"{NEW}\n\n{old}\n") == NEW


HEADER_BLOCKS = [
    "From: Ana <ana@acme.example>\nSent: Monday, 9:41 AM\nTo: Mara\nSubject: Order",
    "*From:* Ana\n*Sent:* Monday\n*To:* Mara\n*Subject:* Order",
    "________________________________\nFrom: Ana\nSent: Monday\nTo: Mara\nSubject: Order",
    "Date: Mon, 2 Mar 2026\nSubject: Order\nFrom: ana@acme.example\nTo: mara@example.com",
    "Von: Ana\nGesendet: Montag, 2. März 2026 09:41\nAn: Mara\nBetreff: Order",
    "De : Ana\nEnvoyé : lundi 2 mars 2026\nÀ : Mara\nObjet : Order",
    "De: Ana\nEnviado el: lunes\nPara: Mara\nAsunto: Order",
    "Da: Ana\nInviato: lunedì\nA: Mara\nOggetto: Order",
    "De: Ana\nEnviada em: segunda\nPara: Mara\nAssunto: Order",
    "Van: Ana\nVerzonden: maandag\nAan: Mara\nOnderwerp: Order",
    "Från: Ana\nSkickat: den 2 mars\nTill: Mara\nÄmne: Order",
    "Fra: Ana\nSendt: 2. mars\nTil: Mara\nEmne: Order",
    "Od: Ana\nWysłano: 2 marca\nDo: Mara\nTemat: Order",
    "Lähettäjä: Ana\nLähetetty: 2\nVastaanottaja: Mara\nAihe: Order",
    "От: Ana\nОтправлено: 2 марта\nКому: Mara\nТема: Order",
    "差出人: Ana\n日時: 2026\n宛先: Mara\n件名: Order",
    "-----Original Message-----\nFrom: Ana",
    "-----Ursprüngliche Nachricht-----\nVon: Ana",
]


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_the_fields_of_an_older_mail_end_the_new_text(block: str) -> None:
    assert latest(f"{NEW}\n\n{block}\n\nGuten Tag,\nwie geht es?") == NEW


SIGNATURES = [
    "-- \nMara Olsen\nTel. 0123",
    "--\nMara Olsen",
    "Sent from my iPhone",
    "Sent from my Verizon Wireless BlackBerry",
    "Sent from Mail for Windows",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Von meinem iPhone gesendet",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Enviado do meu iPhone",
    "Verzonden vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Wysłane z iPhone'a",
    "Lähetetty iPhonesta",
    "Отправлено с iPhone",
    "发自我的iPhone",
    "_______________________________________________\nusers mailing list\nusers@lists.example",
]


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("after", ["", "\n\nOn 2 Mar 2026 at 9:41, Ana wrote:\n> old"])
def test_signatures_are_left_out(signature: str, after: str) -> None:
    assert latest(f"{NEW}\n\n{signature}{after}") == NEW


def test_answers_between_quotes_are_kept() -> None:
    text = "On 2 Mar 2026, Ana wrote:\n> Which size?\nLarge.\n\n> Which colour?\n\nBlue.\n"
    assert latest(text) == "Large.\nBlue."


def test_answers_below_a_quote_are_kept() -> None:
    text = "Ana wrote on 2026-03-02:\n> Which size?\n> Please tell.\n\nLarge.\n-- \nMara"
    assert latest(text) == "Large."


@pytest.mark.parametrize(
    "prose",
    [
        "The letter says\nFrom: nobody\nand that is all.",
        "On the table it wrote: nothing.",
        "On Monday I wrote:\nplease call",
        "On 12.01.2026 I wrote:\nplease answer\nthanks",
        "Since 2026 please use ana@example.com:\nit works",
        "Sent from my desk, is much easier then my mobile phone.",
        "Please send:\n\n- lamp\n- bulb",
        "3 > 2 and\n>From the start it was broken",
        "Subject: none\nof your business",
        "--- a/readme\n+++ b/readme",
    ],
)
def test_prose_that_looks_like_a_quote_is_kept(prose: str) -> None:
    assert latest(prose) == prose


@pytest.mark.parametrize(
    "mark",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Message transféré ---------",
    ],
)
def test_what_is_passed_on_is_kept(mark: str) -> None:
    text = f"See below.\n\n{mark}\nFrom: Bob\nDate: today\nSubject: x\nTo: Ana\n\n> hello"
    assert latest(text) == text


@pytest.mark.parametrize("subject", ["Fwd: Order", "FW: Order", "WG: Bestellung", "TR: x", "RV: y"])
def test_a_forwarding_subject_keeps_outlooks_old_mail(subject: str) -> None:
    text = f"See below.\n\n{HEADER_BLOCKS[0]}\n\nhello"
    assert latest(text, forwarded=is_forward(subject)) == text


@pytest.mark.parametrize("subject", ["Re: Fwd: Order", "Forward planning", "Order", ""])
def test_other_subjects_do_not_forward(subject: str) -> None:
    assert not is_forward(subject)


def test_a_contact_form_is_no_old_mail() -> None:
    form = "From: Mara\nDate: today\nSubject: Refund\nTo: shop\n\nMy parcel is broken."
    assert latest(form) == form


def test_containers_known_from_html_are_old() -> None:
    text = "New.\n\nAna escreveu algo\n\n> old\n\nMore."
    start = text.index("Ana")
    assert latest(text, (Span(start, text.index("\n\n>")),)) == "New.\nMore."
    assert latest(text, (Span(start, len(text)),)) == "New."


def test_our_own_quotes_are_recognised_in_the_answer() -> None:
    line = attribution(Address("ana@acme.example", "Ana Ruiz"), None)
    text = f"{NEW}\n\n{quote_original('Guten Tag', line)}"
    assert latest(text).startswith(NEW)


def test_everything_behind_the_limit_counts_as_new() -> None:
    text = "line\n" * 5_000 + "> not looked at"
    assert latest(text).endswith("> not looked at")


SPECIAL = (
    *("", "hello", "> q", "-- ", "Sent from my iPhone", "From: a", "To: b", "Subject: c", "2026:"),
    *("On 2026-03-02 9:41 Ana wrote:", "_____", "-----Original Message-----", "a@b.de 1:11", "☃"),
    *("Begin forwarded message:", "On Mon", "<ana@acme.example> wrote:", "x" * 600),
)
LINES = st.sampled_from(SPECIAL)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.one_of(LINES, st.text(max_size=12).map(safe)), max_size=25).map("\n".join),
    st.lists(st.integers(0, 300), max_size=6).map(sorted),
)
def test_spans_lie_in_the_text_in_order_without_white_space(text: str, edges: list[int]) -> None:
    pairs = zip(edges[::2], edges[1::2], strict=False)
    quoted = tuple(Span(min(a, len(text)), min(b, len(text))) for a, b in pairs)
    end = 0
    for span in latest_spans(text, quoted):
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        end = span.end


HOSTILE = {
    "On 50,000 times": "On " * 50_000,
    "On on 50,000 lines": "On \n" * 50_000,
    "a megabyte of >": ">" * 1_000_000,
    "100,000 quoted lines": "> x\n" * 100_000,
    "20,000 From:": "From: \n" * 20_000,
    "20,000 fields": "From: x\nTo: y\n" * 10_000,
    "blank lines": "\n" * 1_000_000,
    "signatures": "-- \n" * 20_000,
    "Sent from my": "Sent from my " * 20_000,
    "Sent from my on lines": "Sent from my a b c d\n" * 20_000,
    "unfinished attributions": "On 2026 9:41 <a@b> wrote\n" * 20_000,
    "dated addresses": ("2026 " + "a" * 400 + "@b.c 1:11:\n") * 600,
    "rulers": "_____\n" * 20_000,
    "one long ruler": "_" * 1_000_000,
    "von meinem": ("von meinem " + "a " * 200 + "\n") * 600,
    "devices": ("Sent from my " + "iPhone " * 20 + "\n\n") * 3_000,
    "dashed attributions": ("---- On 2026 9:41 " + "a " * 200 + "@ wrote ----x\n") * 600,
    "titled rulers": ("---- " + "a" * 40 + "---- \n") * 4_000,
    "lines to write above": ("### " * 5 + "please type your reply " + "a " * 40 + "\n") * 3_000,
    "dashes": ("- " * 240 + "\n") * 500,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_costs_less_than_a_second(name: str) -> None:
    start = time.process_time()
    latest_spans(HOSTILE[name])
    assert time.process_time() - start < 1.5


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_no_faster_than_the_text(name: str) -> None:
    whole, half = HOSTILE[name], HOSTILE[name][: len(HOSTILE[name]) // 4]
    assert duration(whole) < 12 * duration(half) + 0.02


def duration(text: str) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        latest_spans(text)
        times.append(time.process_time() - start)
    return min(times)
