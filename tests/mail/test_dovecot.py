"""The contract on Dovecot, which keeps our own server honest."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mail.dovecot_world import Dovecot, DovecotWorld, unusable
from tests.mail.test_imap_contract import ImapContract

pytestmark = [
    pytest.mark.skipif(bool(unusable()), reason=f"no Dovecot: {unusable()}"),
    pytest.mark.skipif(sys.platform != "linux", reason="no Dovecot: the tests look into /proc"),
]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    base = Path(tempfile.mkdtemp(prefix="agentdesk-dovecot-"))  # pytest's own is root's alone
    dovecot = Dovecot(base)
    try:
        dovecot.wait_until_it_listens()
        yield dovecot
    finally:
        dovecot.stop()
        shutil.rmtree(base)


class TestDovecot(ImapContract):
    """The same promises, kept by a server that others wrote."""

    @pytest.fixture
    def world(self, dovecot: Dovecot) -> DovecotWorld:
        return dovecot.world()
