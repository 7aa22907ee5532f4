"""The page of what is borrowed names all of it, and each part has its test."""

import re
from pathlib import Path

import pytest
from borrowed import LIBRARIES, PAGE, contract, list_borrowed, write_tables

HERE = Path(__file__).parent


def test_the_tables_are_those_of_the_sources():
    text = PAGE.read_text('utf-8')
    told = 'run python tests/helpers/borrowed.py, which writes the tables'
    assert write_tables(text) == text, told


def test_every_part_has_a_contract():
    parts = {room for library in LIBRARIES for room in list_borrowed(library)}
    sources = [path.read_text('utf-8') for path in HERE.glob('test_mm*.py')]
    tested = {
        name for text in sources for name in re.findall(r"contract\('(.*?)'\)", text)
    }
    assert tested == parts


def test_a_failure_names_the_part_and_the_versions():
    with pytest.raises(AssertionError) as caught, contract('mmengine.optim'):
        raise TypeError('gone')
    for word in ('mmengine.optim', 'mmengine 0.', 'torch 2.', "TypeError('gone')"):
        assert word in str(caught.value)
