"""Everybody in the demo's mail world: the desk's mailboxes, its customers, and strangers."""

import random
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.message import Address


class Mailer(StrEnum):
    """The mail program that somebody writes with: it decides how answers quote."""

    GMAIL = "gmail"
    OUTLOOK = "outlook"
    APPLE = "apple"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class DeskMailbox:
    """A mailbox of the desk; `key` names the mail account and the queue alike."""

    key: str
    name: str
    address: str

    @property
    def sender(self) -> Address:
        """As it stands in mails."""
        return Address(self.address, self.name)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes to the desk.

    `kind` is contact, consumer or guest, `company` a key of COMPANIES. `called` is what agents call
    them, where it is not the first word of the name. `about`: all that they ever write about. `also`
    are further addresses on their record.
    """

    name: str
    email: str
    mailer: Mailer = Mailer.GMAIL
    language: str = "en"
    kind: str = "guest"
    company: str = ""
    vip: bool = False
    notes: str = ""
    time_zone: str = ""
    called: str = ""
    about: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def address(self) -> Address:
        """As it stands in mails."""
        return Address(self.email, self.name)

    @property
    def first_name(self) -> str:
        """How agents begin a mail to them."""
        return self.called or self.name.split()[0]


DESK = (
    DeskMailbox("support", "Northwind Outdoor Support", "support@northwind.example"),
    DeskMailbox("returns", "Northwind Outdoor Returns", "returns@northwind.example"),
    DeskMailbox("sales", "Northwind Outdoor Sales", "sales@northwind.example"),
)
CLAIMS = DeskMailbox("claims", "Northwind Outdoor Claims", "claims@northwind.example")
"""Whose mail the demo's contact centre routes, where there is one."""
AGENTS = tuple(f"{login}@northwind.example" for login in ("ana", "ben", "chi", "sue"))
COMPANIES = {
    "fjordline": (
        "Fjordline Expeditions",
        "Guided hiking and ski tours, 14 guides. Pays in 30 days.",
    ),
    "bergwerk": (
        "Bergwerk Kurse GmbH",
        "Climbing school in Garmisch. 10 % on orders above 1,000 €.",
    ),
}

MARA = Person(
    "Mara Olsen",
    "mara.olsen@fjordline.example",
    Mailer.OUTLOOK,
    kind="contact",
    company="fjordline",
    vip=True,
    notes="Buys for all guides. Wants delivery dates in writing.",
    time_zone="Europe/Oslo",
    also=("orders@fjordline.example",),
    tags=("guides", "wholesale"),
)
HENRIK = Person(
    "Henrik Dahl",
    "henrik.dahl@fjordline.example",
    Mailer.APPLE,
    kind="contact",
    company="fjordline",
    notes="Guide. Orders only with Mara's approval.",
    time_zone="Europe/Oslo",
    about=("delivery_date", "spare_pole", "warranty_zip", "washing", "praise"),
)
JANA = Person(
    "Jana Hoffmann",
    "jana.hoffmann@bergwerk.example",
    Mailer.OUTLOOK,
    language="de",
    kind="contact",
    company="bergwerk",
    notes="Writes German, reads English well.",
    time_zone="Europe/Berlin",
    also=("kurse@bergwerk.example", "jana.h@postbox.example"),
    tags=("climbing school",),
)
TOMASZ = Person(
    "Tomasz Zieliński",
    "tomasz.zielinski@bergwerk.example",
    Mailer.OUTLOOK,
    kind="contact",
    company="bergwerk",
    notes="Accounting. Invoices go to him, orders to Jana Hoffmann.",
    time_zone="Europe/Warsaw",
    about=("invoice_vat", "double_charge"),
)
CAMILLE = Person(
    "Camille Laurent",
    "camille.laurent@courriel.example",
    Mailer.APPLE,
    language="fr",
    kind="consumer",
    notes="Prefers French. Two returns in 2025, both for size.",
    time_zone="Europe/Paris",
    tags=("narrow feet",),
)
YUKI = Person(
    "田中 由紀",
    "yuki.tanaka@yamamichi.example",
    language="ja",
    kind="consumer",
    notes="Yuki Tanaka. Answers in English are fine.",
    time_zone="Asia/Tokyo",
    called="Yuki",
)
LAYLA = Person(
    "ليلى حداد",
    "layla.haddad@bareed.example",
    language="ar",
    kind="consumer",
    notes="Layla Haddad. Writes Arabic or English.",
    time_zone="Asia/Amman",
    called="Layla",
)
SEUN = Person(
    "Oluwaseun Adeyemi",
    "seun.adeyemi@postbox.example",
    kind="consumer",
    vip=True,
    notes="Runs the Lagos trail club. Goes by Seun.",
    time_zone="Africa/Lagos",
    called="Seun",
    also=("trailclub@postbox.example",),
    tags=("club", "wholesale"),
)
KNOWN = (MARA, HENRIK, JANA, TOMASZ, CAMILLE, YUKI, LAYLA, SEUN)

DOUBLES = (
    Person("Henrik Dahl", "h.dahl@fjordline.example", kind="contact", company="fjordline"),
    Person("Mara Ólsen", "mara.olsen@postbox.example"),
    Person("Camille Laurant", "camille.laurent@inbox.example"),
)
"""Further records of people who are known already: the desk points them out."""

PRIYA = Person("Priya Raman", "priya.raman@postbox.example")
DIEGO = Person("Diego Fuentes", "diego.fuentes@correo.example", Mailer.APPLE)
AOIFE = Person("Aoife Byrne", "aoife.byrne@postbox.example", Mailer.APPLE)
NOAM = Person("נועם פרץ", "noam.peretz@doar.example", language="he", called="Noam")
WEI = Person("Chen Wei", "wei.chen@mailhaven.example", Mailer.OUTLOOK)
GRETA = Person("Greta Lindqvist", "greta.lindqvist@mailhaven.example", Mailer.PLAIN)
SAMIR = Person("Samir El-Khoury", "samir.elkhoury@mailhaven.example")
NEWSLETTER = Person("Gear Deals Weekly", "news@gear-deals.example", Mailer.PLAIN)
PRANKSTER = Person("d[bold]rop /tables", "root@pranks.example", Mailer.PLAIN)
GUESTS = (PRIYA, DIEGO, AOIFE, NOAM, WEI, GRETA, SAMIR)
WRITERS = (*KNOWN, *GUESTS, NEWSLETTER, PRANKSTER)
"""Those who write while the demo runs."""

STRANGERS = 70
_FIRST = (
    "Adam Agnieszka Ahmed Aino Alejandra Amara Anders Aroha Bianca Bruno Callum Chiara Dilan Ebba Elif"
    " Emeka Fatima Finn Grace Hana Ibrahim Ines Ivan Jack Joana Kaito Kofi Leila Lucas Maeve Mateo"
    " Mei Milan Nadia Niamh Olga Oscar Paula Rafael Rania Rosa Sanjay Sigrid Tariq Teresa Uma Viktor"
    " Wanjiru Xavier Yara Zoe"
)
_LAST = (
    "Abebe Almeida Andersson Bakker Bauer Bianchi Brown Castillo Costa Dubois Eriksen Fischer Garcia"
    " Gupta Hansen Haugen Ito Jensen Kaya Kim Kowalski Kumar Lehtonen Lopez Mensah Moreau Murphy Novak"
    " O'Brien Okoye Park Patel Petrov Ramos Rossi Santos Schmidt Silva Singh Suzuki Taylor Ueda Varga"
    " Visser Walker Wilson Yilmaz Zhang"
)
_PROVIDERS = ("postbox.example", "mailhaven.example", "correo.example", "inbox.example")


def strangers(seed: int) -> tuple[Person, ...]:
    """People who wrote once or twice; the same *seed* gives the same ones."""
    rng = random.Random(f"strangers {seed}")
    first, last = _FIRST.split(), _LAST.split()
    met: dict[str, Person] = {}
    while len(met) < STRANGERS:
        name = f"{rng.choice(first)} {rng.choice(last)}"
        email = f"{_plain(name)}@{rng.choice(_PROVIDERS)}"
        met.setdefault(email, Person(name, email, rng.choice(tuple(Mailer))))
    return tuple(met.values())


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return folded.replace("'", "").replace(" ", ".")
