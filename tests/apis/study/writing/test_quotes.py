import pytest
from study_records import draw_records

from mmreid.apis.study.definition import Contrast, StudiedMethod, Study
from mmreid.apis.study.findings import find_differences
from mmreid.apis.study.writing.quotes import write_quotes

MARKED = '# One\n\n<!-- evidence -->\nold\n<!-- /evidence -->\n\nRest.\n'


@pytest.fixture
def study():
    methods = dict(A='one/a.py', B='two/b.py', C='one/c.py', D='four/d.py')
    return Study(
        title='Toy',
        methods={name: StudiedMethod(name, path) for name, path in methods.items()},
        seeds=(0, 1),
        contrasts=(Contrast('A', 'B'), Contrast('B', 'A')),
    )


@pytest.fixture
def quote(tmp_path, study):
    drawn = dict(A=(2, 0.1), B=(2, 0.0), C=(1, 0.0), D=(1, 0.0))
    records = draw_records(tmp_path / 'toy.jsonl', drawn)
    findings = find_differences(study, records, resamples=200)

    def write(**readmes):
        for folder, text in readmes.items():
            (tmp_path / 'configs' / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / 'configs' / folder / 'README.md').write_text(text)
        page = tmp_path / 'docs' / 'evidence.md'
        return write_quotes(tmp_path / 'configs', study, records, findings, page)

    return write


def test_comparisons_stand_beside_the_config_of_their_method(quote, tmp_path):
    plain = '# Two\n'
    assert quote(one=MARKED, two=plain) == [tmp_path / 'configs' / 'one' / 'README.md']
    text = (tmp_path / 'configs' / 'one' / 'README.md').read_text()
    assert text.startswith('# One\n\n<!-- evidence -->\n\nFrom the [study on Toy]')
    assert '(../../docs/evidence.md)' in text
    # What is compared, not all that is in the folder.
    assert '\n| A | 2 | ' in text
    assert '\n| B | 2 | ' in text
    assert '\n| C | 1 | ' not in text
    assert '\n| A | B | 2 / 2 | +' in text
    assert '| B | A |' not in text
    assert 'old' not in text
    assert text.endswith(' |\n\n<!-- /evidence -->\n\nRest.\n')
    assert (tmp_path / 'configs' / 'two' / 'README.md').read_text() == plain


def test_what_is_written_twice_is_the_same(quote, tmp_path):
    quote(one=MARKED)
    readme = tmp_path / 'configs' / 'one' / 'README.md'
    first = readme.read_text()
    assert quote() == [readme]
    assert readme.read_text() == first


def test_a_method_that_is_compared_with_none_has_its_scores(quote, tmp_path):
    quote(four=MARKED)
    text = (tmp_path / 'configs' / 'four' / 'README.md').read_text()
    assert '\n| D | 1 | ' in text
    assert 'against' not in text


def test_a_method_without_runs(quote, tmp_path):
    quote(three=MARKED)
    text = (tmp_path / 'configs' / 'three' / 'README.md').read_text()
    assert 'has no finished run of this method yet' in text


@pytest.mark.parametrize(
    ('text', 'match'),
    [
        ('<!-- evidence -->\n', 'once each'),
        ('<!-- /evidence -->\n', 'once each'),
        (2 * MARKED, 'once each'),
        ('<!-- /evidence -->\n<!-- evidence -->\n', 'exchange them'),
    ],
)
def test_lines_that_do_not_fit_each_other(quote, tmp_path, text, match):
    with pytest.raises(ValueError, match=match):
        quote(one=text)
    assert (tmp_path / 'configs' / 'one' / 'README.md').read_text() == text
