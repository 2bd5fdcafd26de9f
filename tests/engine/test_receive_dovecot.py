"""The receiving contract on Dovecot, which others wrote."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import database
from tests.engine.receiving import ReceivingContract, _impatient  # noqa: F401
from tests.mail.dovecot_world import Dovecot, DovecotWorld, unusable
from tests.mail.test_dovecot import dovecot  # noqa: F401

pytestmark = [
    pytest.mark.skipif(bool(unusable()), reason=f"no Dovecot: {unusable()}"),
    pytest.mark.skipif(sys.platform != "linux", reason="no Dovecot: the tests look into /proc"),
]


class TestDovecot(ReceivingContract):
    """The same promises; on one kind of database, because the servers are what differs."""

    @pytest.fixture
    async def url(self, tmp_path: Path) -> AsyncIterator[str]:
        async with database("sqlite", tmp_path) as address:
            yield address

    @pytest.fixture
    def world(self, dovecot: Dovecot) -> DovecotWorld:  # noqa: F811
        return dovecot.world()
