"""Numbers in the form of another system are distinct and reversible, or refused (mp11)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_invoice.tools.external_number import (
    NumberError,
    from_external,
    read_alphabet,
    read_replacements,
    to_external,
)

CHARACTERS = 'AB/-1'
NUMBERS = st.text(CHARACTERS, min_size=1, max_size=8)
PIECES = st.text(CHARACTERS, min_size=1, max_size=3)


@st.composite
def replacements(draw):
    keys = draw(st.lists(PIECES, unique=True, max_size=4))
    values = draw(st.lists(PIECES, unique=True, min_size=len(keys), max_size=len(keys)))
    return dict(zip(keys, values, strict=True))


@given(replacements(), st.lists(NUMBERS, unique=True, max_size=30))
def test_mp11_two_numbers_never_become_one(table, numbers):
    made = {}
    for number in numbers:
        try:
            external = to_external(number, table)
        except NumberError:
            continue
        assert from_external(external, table) == number
        assert made.setdefault(external, number) == number


@given(replacements(), NUMBERS, st.integers(1, 6), st.sampled_from(['A-B1', '1/', '-A']))
def test_mp11_what_comes_out_fits(table, number, length, alphabet):
    try:
        external = to_external(number, table, length, alphabet)
    except NumberError as error:
        assert error.reason in {'length', 'alphabet', 'ambiguous'}
    else:
        assert len(external) <= length
        assert set(external) <= read_alphabet(alphabet)


def test_mp11_numbers_are_shortened_by_replacements():
    table = read_replacements('INV/20 = I\n/ = -')
    assert to_external('INV/2026/00001', table, 9, 'A-Z0-9-') == 'I26-00001'
    assert from_external('I26-00001', table) == 'INV/2026/00001'


def test_mp11_a_number_that_could_be_another_is_refused():
    table = read_replacements('/ = -')
    with pytest.raises(NumberError, match='ambiguous'):
        to_external('A-1', table)


@pytest.mark.parametrize('text', ['INV', '= x', 'a =', 'a = x\nb = x', 'a = x\na = y'])
def test_mp11_replacements_that_are_none_are_refused(text):
    with pytest.raises(NumberError):
        read_replacements(text)


def test_mp11_an_alphabet_has_ranges():
    assert read_alphabet('A-C-') == {'A', 'B', 'C', '-'}
    assert read_alphabet('-9') == {'-', '9'}
    with pytest.raises(NumberError):
        read_alphabet('Z-A')
