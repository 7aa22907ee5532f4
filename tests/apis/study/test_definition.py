from pathlib import Path

import pytest

from mmreid.apis.study.definition import Contrast, StudiedMethod, read_study
from mmreid.engine import ConfigFileError

METHODS = "methods = {'A': dict(config='a.py'), 'A x': dict(config='b.py')}\n"
LEAST = f"title = 'Toy'\nseeds = [0, 1]\n{METHODS}"


def read(tmp_path: Path, text: str):
    file = tmp_path / 'toy.py'
    file.write_text(text)
    return read_study(file)


def test_the_least_that_a_study_is(tmp_path):
    study = read(tmp_path, LEAST)
    assert (study.title, study.seeds) == ('Toy', (0, 1))
    assert study.methods['A x'] == StudiedMethod('A x', 'b.py')
    assert study.methods['A x'].folder == 'a-x'
    assert (study.options, study.contrasts) == ((), ())
    assert (study.published, study.text) == ('', '')


def test_all_that_a_study_may_be(tmp_path):
    text = """
title = 'Toy'
seeds = [3]
options = ['a.b=1']
methods = dict(A=dict(config='a.py', options=['c=2']), B=dict(config='a.py'))
contrasts = [
    dict(method='A', against='B', remark='Known.'),
    dict(method='B', against='A'),
]
published = 'papers/printed.json'
text = '''
Words.
'''
"""
    study = read(tmp_path, text)
    assert study.options == ('a.b=1',)
    assert study.methods['A'].options == ('c=2',)
    assert study.contrasts == (Contrast('A', 'B', 'Known.'), Contrast('B', 'A'))
    assert Path(study.published) == tmp_path / 'papers' / 'printed.json'
    assert study.text == '\nWords.\n'


def test_a_method_takes_over_what_its_base_has(tmp_path):
    text = """
title = 'Toy'
seeds = [3]
methods = {
    'A': dict(config='a.py', options=['b=1']),
    'A plus': dict(base='A', options=['c=2', 'b=3']),
    'A plus more': dict(base='A plus', options=['d=4']),
    'A again': dict(base='A'),
}
"""
    methods = read(tmp_path, text).methods
    assert {method.config for method in methods.values()} == {'a.py'}
    # In this order, of which the last counts.
    assert methods['A plus'].options == ('b=1', 'c=2', 'b=3')
    assert methods['A plus more'].options == ('b=1', 'c=2', 'b=3', 'd=4')
    assert methods['A again'].options == ('b=1',)


@pytest.mark.parametrize(
    ('text', 'match'),
    [
        (LEAST.replace("title = 'Toy'", ''), "a study needs 'title'"),
        (LEAST.replace('[0, 1]', '[]'), "a study needs 'seeds'"),
        ("title = 'Toy'\nseeds = [0]\nmethods = {}\n", "a study needs 'methods'"),
        (f'{LEAST}epochs = 3\n', "a study has no 'epochs'; it may have"),
        (LEAST.replace('[0, 1]', '[0, -1]'), 'seeds must be whole numbers from 0 on'),
        (LEAST.replace('[0, 1]', '[0, 1.5]'), 'seeds must be whole numbers from 0 on'),
        (LEAST.replace('[0, 1]', '[True]'), 'seeds must be whole numbers from 0 on'),
        (LEAST.replace('[0, 1]', '[1, 1]'), 'every seed may stand once'),
        (LEAST.replace('[0, 1]', '3'), 'toy.py: '),
        (f"{LEAST}options = ['lr']\n", 'options must be a list of KEY=VALUE'),
        (f"{LEAST}options = 'lr=1'\n", 'options must be a list of KEY=VALUE'),
        (
            LEAST.replace("config='b.py'", "config='b.py', options=['lr']"),
            "options of 'A x' must be a list of KEY=VALUE",
        ),
        (LEAST.replace("config='b.py'", 'options=[]'), "method 'A x' needs 'config'"),
        (
            LEAST.replace("config='b.py'", "config='b.py', lr=1"),
            "method 'A x' has no 'lr'",
        ),
        (
            LEAST.replace("config='b.py'", "config='b.py', base='A'"),
            "method 'A x' needs 'config' or 'base', one of the two",
        ),
        (
            LEAST.replace("config='b.py'", "base='A x'"),
            r"the base 'A x', which is no method before it; there are \['A'\]",
        ),
        (LEAST.replace("config='a.py'", "base='A x'"), r'before it; there are \[\]'),
        (LEAST.replace("dict(config='b.py')", "'b.py'"), "method 'A x' must be a dict"),
        (LEAST.replace("'A x'", "'a'"), "'A' and 'a' must differ in letters or digits"),
        (LEAST.replace("'A x'", "'--'"), "'--' must differ in letters or digits"),
        (
            f"{LEAST}contrasts = [dict(method='A', against='B')]\n",
            "a contrast names 'B', which is no method of the study",
        ),
        (f"{LEAST}contrasts = [dict(method='A')]\n", "a contrast needs 'against'"),
        (
            f"{LEAST}contrasts = [dict(method='A', against='A x', p=1)]\n",
            "a contrast has no 'p'",
        ),
        (f"{LEAST}contrasts = [('A', 'A x')]\n", 'a contrast must be a dict'),
    ],
)
def test_what_is_no_study(tmp_path, text, match):
    with pytest.raises(ValueError, match=match) as caught:
        read(tmp_path, text)
    assert 'toy.py' in str(caught.value)


def test_a_study_is_read_and_not_run(tmp_path):
    with pytest.raises(ConfigFileError, match=r'toy\.py'):
        read(tmp_path, f"{LEAST}import os\nos.remove('toy.py')\n")
    assert (tmp_path / 'toy.py').exists()


def test_a_study_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match=r'other\.py'):
        read_study(tmp_path / 'other.py')
