"""Every key of a TOML file is found in its line."""

import tomllib
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.settings.positions import line_of, lines


def test_lines_of_nested_tables_lists_and_strings() -> None:
    text = dedent(
        '''\
        a.b = 1
        "quoted key" = "x # no comment"
        [[t]]
        k = """
        [not a header]
        """
        [t.sub]
        v = [
          1,
          { x = 2, y = [3] },
        ]
        [[t]]
        k = 'it'''
        + "'"  # a quote that ends a literal string
        "\n"
    )
    positions = lines(text)
    assert positions[("a", "b")] == 1
    assert positions[("quoted key",)] == 2
    assert positions[("t", 0, "k")] == 4
    assert positions[("t", 0, "sub", "v", 1, "x")] == 10
    assert positions[("t", 1, "k")] == 13
    assert line_of(positions, ("t", 0, "sub", "missing")) == 7
    assert line_of(positions, ("nowhere",)) == 0


KEYS = st.text("abcXYZ-_09", min_size=1, max_size=6)
SCALARS = st.sampled_from(
    ["1", "true", "3.5", '"a = [b]"', "'#'", '"""\nx\n"""', "1979-05-27T07:32:00Z", '"\\""', "''"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda xs: "[\n" + ",\n".join(xs) + "\n]"),
        st.dictionaries(KEYS, inner.filter(lambda v: "\n" not in v), max_size=3).map(
            lambda d: "{" + ", ".join(f"{k} = {v}" for k, v in d.items()) + "}"
        ),
    ),
    max_leaves=6,
)


def places(value: object, loc: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        found = [p for key, inner in value.items() for p in places(inner, (*loc, key))]
        return [loc, *found] if loc else found
    if isinstance(value, list):
        return [loc, *(p for i, inner in enumerate(value) for p in places(inner, (*loc, i)))]
    return [loc]


@given(
    st.dictionaries(KEYS, VALUES, max_size=4), st.lists(st.dictionaries(KEYS, VALUES), max_size=3)
)
def test_every_place_in_a_file_has_a_line(
    top: dict[str, str], tables: list[dict[str, str]]
) -> None:
    parts = [f"{key} = {value} # why" for key, value in top.items()]
    for table in tables:
        parts += ["", "[[list.of]]", *(f"{key} = {value}" for key, value in table.items())]
    text = "\n".join(parts)
    if "list" in top:
        return
    found = lines(text)
    for loc in places(tomllib.loads(text)):
        if loc[0] != "list" or len(loc) > 2:
            assert 1 <= found[loc] <= text.count("\n") + 1
