import json
import re
import sys
from pathlib import Path

import pytest
from study_records import describe_run, draw_records, draw_results

from mmreid.apis.study.definition import read_study
from mmreid.apis.study.findings import find_differences
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.writing.page import write_page

STUDY = """
title = 'Toy'
text = 'What it is.'
seeds = [0, 1, 2]
methods = {
    **
}
contrasts = [
    dict(method='A', against='B'),
    dict(method='B', against='A', remark='B is small.'),
    dict(method='C', against='A'),
    dict(method='D', against='A'),
]
published = 'printed.json'
"""
RUNS = dict(A=(3, 0.3), B=(3, 0.0), C=(1, 0.29), E=(3, 0.1), F=(3, 0.2), G=(3, 0.15))


def print_scores(file: Path) -> None:
    """What papers print: of every method on two sets, and three differences."""
    methods = {
        name: dict(
            trunk='ResNet-50',
            results=[
                dict(dataset=dataset, protocol='single query', mAP=mAP + 5 * place)
                | dict(R1=90, study=True, trunk='ResNet-50', source='Table 1')
                for dataset, mAP in (('Market-1501', 60), ('MSMT17', 30))
            ],
        )
        for place, name in enumerate('BEGFCA')
    }
    claims = [
        dict(method=method, against=against, dataset='Market-1501', exact=exact)
        | dict(mAP_method=70.5, mAP_against=60, note='Of a larger one.')
        | dict(source='Table 2', protocol='single query')
        for method, against, exact in (('A', 'B', True), ('B', 'A', False))
    ]
    file.write_text(json.dumps(dict(methods=methods, claims=claims)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    methods = ''.join(f"'{name}': dict(config='toy.py')," for name in 'ABCDEFG')
    print_scores(tmp_path / 'printed.json')
    (tmp_path / 'toy.py').write_text(STUDY.replace('**', methods))
    return tmp_path / 'toy.py'


def write(file: Path, records: StudyRecords, page: Path) -> tuple[str, list[Path]]:
    study = read_study(file)
    findings = find_differences(study, records, resamples=300)
    written = write_page(page, study, records, findings, file)
    return page.read_text('utf-8'), written


def section(text: str, heading: str) -> str:
    return text.partition(f'\n## {heading}\n')[2].partition('\n## ')[0].strip()


def test_a_page(file, tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', RUNS)
    text, written = write(file, records, tmp_path / 'site' / 'toys.md')
    images = [f'site/images/toys_{name}.svg' for name in ('differences', 'order')]
    assert written == [tmp_path / name for name in ('site/toys.md', *images)]
    headings = re.findall('^## (.*)$', text, re.MULTILINE)
    assert headings == [
        'What was run',
        'What disagrees with the papers',
        'All comparisons',
        'All methods',
        'The order of the methods',
        'How the numbers are computed',
    ]
    assert '\n# Evidence: Toy\n\nWhat it is.\n' in text
    # Every link leads somewhere.
    targets = re.findall(r'\]\(([^)]*)\)', text)
    assert len(targets) == 5
    assert all((tmp_path / 'site' / target).exists() for target in targets)
    run = section(text, 'What was run')
    assert '7 methods with 3 seeds (0, 1, 2) are 21 runs, of which 16 are' in run
    assert '| 3 | A, B, E, F, G |\n| 1 | C |\n| 0 | D |' in run
    assert '24 queries of 8 persons among 1,000 pictures' in run
    assert 'took 0.4 hours' in run
    assert '| 16 | 0.4 | beef | c0ffee | a processor | AVX2 | float32 |' in run


def test_what_disagrees_is_told_with_its_reason(file, tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', RUNS)
    text, _ = write(file, records, tmp_path / 'toys.md')
    told = section(text, 'What disagrees with the papers').splitlines()
    assert len(told) == 1
    assert told[0].startswith('- **B against A**: -')
    assert told[0].endswith('decided. In print: Market-1501 about +10.5. B is small.')
    everything = section(text, 'All comparisons')
    assert '- B against A: Of a larger one.' in everything
    assert everything.count('persons alone') == 1
    assert '| C | A | 1 / 3 |' in everything


def test_without_a_reason_the_page_says_so(file, tmp_path):
    file.write_text(file.read_text().replace(", remark='B is small.'", ''))
    records = draw_records(tmp_path / 'toy.jsonl', RUNS)
    text, _ = write(file, records, tmp_path / 'toys.md')
    told = section(text, 'What disagrees with the papers')
    assert told.endswith('The reason is not known.')


def test_the_order_of_the_methods(file, tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', RUNS)
    text, _ = write(file, records, tmp_path / 'toys.md')
    told = section(text, 'The order of the methods')
    means = {name: records.spread(name, 'mAP').mean for name in 'BEGFCA'}
    rows = [
        (one < other)
        for place, one in enumerate(means.values())
        for other in [*means.values()][place + 1 :]
    ]
    tau = (2 * sum(rows) - len(rows)) / len(rows)
    assert f'| all methods | here, Market-1501 | 6 | {tau:.2f} |' in told
    assert '| all methods | Market-1501, MSMT17 | 6 | 1.00 |' in told
    assert f'the bar, 1.00; the difference is {tau - 1:+.2f}' in told


def test_the_same_files_give_the_same_page(file, tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', RUNS)
    first = [
        path.read_bytes() for path in write(file, records, tmp_path / 'toys.md')[1]
    ]
    again = StudyRecords(tmp_path / 'toy.jsonl')
    second = [path.read_bytes() for path in write(file, again, tmp_path / 'toys.md')[1]]
    assert first == second


def test_few_runs_have_no_comparison_and_no_order(file, tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', dict(A=(1, 0.0)))
    text, written = write(file, records, tmp_path / 'toys.md')
    assert written == [tmp_path / 'toys.md']
    assert 'No comparison has runs of both methods.' in text
    assert 'No comparison came out on the other side than in print.' in text
    assert 'Too few methods with runs are in print' in text
    assert '![' not in text


def test_places_and_interrupted_runs(file, tmp_path):
    records = StudyRecords(tmp_path / 'toy.jsonl')
    made = describe_run('A', 0)['made']
    for seed, changes in enumerate(({}, {}, dict(date='2026-01-04'))):
        record = describe_run('A', seed, made=made | changes, seconds=3600.0)
        records.add(record, draw_results(seed))
    made = dict(commit='other', source='else', torch='3', date='2026-01-03')
    record = describe_run('B', 0, made=made, seconds=None)
    records.add(record, draw_results(9))
    text, _ = write(file, records, tmp_path / 'toys.md')
    run = section(text, 'What was run')
    first, second = run.splitlines()[-2:]
    assert first.startswith('| 3 | 3.0 | beef | c0ffee |')
    assert first.endswith('| 2026-01-02 to 2026-01-04 |')
    # Jobs of Slurm tell less of where they ran.
    assert second.startswith('| 1 | 0.0 | else | other |  |')
    assert 'Runs that were interrupted are not among these: 1.' in run


def test_without_matplotlib_there_are_no_plots(file, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith('matplotlib')]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    records = draw_records(tmp_path / 'toy.jsonl', RUNS)
    text, written = write(file, records, tmp_path / 'toys.md')
    assert written == [tmp_path / 'toys.md']
    assert 'Plots are left out: matplotlib is not installed.' in text
    assert '![' not in text
