"""How columns are written: ids, texts, times, alike on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment as microseconds since 1970, UTC: exact, ordered and alike on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """To microseconds. A naive time is a mistake and raises."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """To an aware UTC time."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Number = BigInteger().with_variant(Integer, "sqlite")


def key() -> Column[int]:
    """A key that `Transaction.new_ids` hands out before the row is written."""
    return Column("id", Number, primary_key=True, autoincrement=False)


def to(table: str, name: str, *, null: bool = False, primary: bool = False) -> Column[int]:
    """A reference to another table's key."""
    return Column(name, Number, ForeignKey(f"{table}.id"), nullable=null, primary_key=primary)


def thread(*, primary: bool = False) -> Column[int]:
    """An interaction or a case, which share one series of ids."""
    return Column("thread_id", Number, nullable=False, primary_key=primary, autoincrement=False)


def text(name: str, start: str = "", **more: Any) -> Column[str]:
    """Text; empty rather than null."""
    return Column(name, Text, nullable=False, server_default=start, **more)


def count(name: str, start: int = 0) -> Column[int]:
    """A whole number that begins at *start*."""
    return Column(name, Integer, nullable=False, server_default=str(start))


def flag(name: str) -> Column[bool]:
    """Yes or no; no unless said."""
    return Column(name, Boolean, nullable=False, server_default=sa.false())


def time(name: str, *, null: bool = False) -> Column[datetime]:
    """A moment, UTC."""
    return Column(name, UtcTime, nullable=null)


def json(name: str, start: str | None = None) -> Column[Any]:
    """A JSON value; always given, unless it begins as the JSON text *start*."""
    return Column(name, sa.JSON, nullable=False, server_default=start)
