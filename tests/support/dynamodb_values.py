"""Hypothesis strategies for what a DynamoDB item can hold, as boto3 hands it over."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(max_size=40)
NUMBERS = st.one_of(
    st.integers(-(10**37), 10**37).map(Decimal),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20),
    st.sampled_from([Decimal("9.9E+125"), Decimal("-1E-130"), Decimal("-0"), Decimal(1_772_366_400)]),
)
BINARIES = st.binary(max_size=20)
SETS = st.one_of(
    st.sets(TEXT.filter(bool), min_size=1, max_size=4),
    st.sets(NUMBERS, min_size=1, max_size=4),
    st.sets(BINARIES.filter(bool), min_size=1, max_size=4),
)
TELLING_TEXT = st.sampled_from(
    ["open", "resolved", "NaN", "-inf", "1e999", "null", "true", "0001-01-01T00:00:00+14:00", "2026-13-40"]
)
SCALARS = st.one_of(TEXT, TELLING_TEXT, NUMBERS, BINARIES, st.booleans(), st.none())

VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | SETS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
"""Any value of any type, nested."""

ITEMS = st.dictionaries(TEXT.filter(bool), VALUES, max_size=8)
"""Attributes by name."""
