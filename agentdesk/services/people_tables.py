"""CSV as spreadsheets write it: encoding and delimiter found out, columns known by their names."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agentdesk.domain.errors import BadInput
from agentdesk.domain.finding import fold

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "full name", "display name", "contact"),
    "email": ("email", "emails", "e-mail", "e-mail address", "email address", "addresses", "mail"),
    "kind": ("kind", "type"),
    "account": ("account", "company", "organisation", "organization", "firma"),
    "language": ("language", "lang", "locale"),
    "time_zone": ("time_zone", "time zone", "timezone", "tz"),
    "vip": ("vip",),
    "tags": ("tags", "labels", "categories"),
    "notes": ("notes", "note", "comment", "comments"),
}
"""Each column, and the names by which it is known, whatever their case."""

_BY_NAME: Final = {known: column for column, names in COLUMNS.items() for known in names}
LONGEST_FIELD: Final = 100_000
DELIMITERS: Final = ";,\t|"
RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet. Source: OWASP, *CSV Injection*."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: where it begins in the file, its values by column, or why it is refused."""

    number: int
    values: Mapping[str, str]
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands in a file: the columns that are known, those that are not, and how it is written."""

    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    encoding: str
    delimiter: str
    text: str

    def lines(self) -> Iterator[Line]:
        """Every line below the head; empty ones are passed over."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        next(reader, None)
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield Line(number, {}, f"It cannot be read: {error}.")
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield self._line(number, cells)

    def _line(self, number: int, cells: Sequence[str]) -> Line:
        extra = [c for c in cells[len(self.columns) :] if c.strip()]
        if extra:
            return Line(number, {}, f"It has more than {len(self.columns)} columns.")
        pairs = zip(self.columns, cells, strict=False)
        return Line(number, {name: _without_guard(cell) for name, cell in pairs if name})


def decoded(raw: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: a byte order mark's, UTF-8, else cp1252."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace"), encoding
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "cp1252"


def sheet(raw: bytes) -> Sheet:
    """How a table is written and what its columns are. Raises `BadInput` without a known column."""
    csv.field_size_limit(LONGEST_FIELD)
    text, encoding = decoded(raw)
    text = text.replace("\x00", "")
    head = text.lstrip("\r\n").partition("\n")[0][:10_000]
    if head.lower().startswith("sep=") and len(head.strip()) == 5:  # Excel says it so
        delimiter = head.strip()[4]
        text = text.lstrip("\r\n").partition("\n")[2]
        head = text.partition("\n")[0][:10_000]
    else:
        text = text.lstrip("\r\n")
        delimiter = max(DELIMITERS, key=head.count) if any(d in head for d in DELIMITERS) else ","
    try:
        names = next(csv.reader([head.rstrip("\r")], delimiter=delimiter), [])
    except csv.Error as error:
        raise BadInput(f"The first line cannot be read: {error}.") from error
    columns = tuple(_BY_NAME.get(fold(name).strip(), "") for name in names)
    unknown = tuple(
        n.strip()[:80] for n, c in zip(names, columns, strict=True) if not c and n.strip()
    )
    if "email" not in columns and "name" not in columns:
        raise BadInput(
            "The first line names no column that is known. It should say name, email, account, "
            "language, time_zone, vip, tags or notes."
        )
    return Sheet(columns, unknown, encoding, delimiter, text)


def _without_guard(cell: str) -> str:
    """The apostrophe that `guarded` put before a formula is no part of the value."""
    said = cell.strip()
    return said[1:] if said[:1] == "'" and said.lstrip("'").startswith(RISKY) else said


def guarded(value: str) -> str:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if value.lstrip("'").startswith(RISKY) else value


def written(rows: Iterable[Sequence[str]]) -> str:
    """Lines of a table, each value guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(value) for value in row])
    return out.getvalue()
