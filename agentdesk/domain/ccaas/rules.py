"""What settings say of a centre, as far as the services go by it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CentreRules:
    """`fallback_code`: the key of our code that is sent for one that is not mapped; empty: it waits.
    `id_header`, lower case: where a mail that it passed on names its conversation; empty: nowhere.
    `read_again_s`: seconds after which everything open is read again.
    """

    key: str
    name: str
    kind: str = "genesys"
    fallback_code: str = ""
    id_header: str = ""
    read_again_s: float = 60.0
