"""The table of further tests, against the orders computed one by one."""

import json
from pathlib import Path

import numpy as np
import pytest
from study_records import describe_run, draw_records, draw_results

from mmreid.apis.study.definition import read_study
from mmreid.apis.study.further_tests import further_records
from mmreid.apis.study.ordering import order_agreement
from mmreid.apis.study.writing.further import tell_further

NAMES = 'ABCDEFG'


@pytest.fixture
def study(tmp_path: Path):
    methods = {
        name: dict(
            trunk='ResNet-50',
            results=[
                dict(dataset=dataset, protocol='single query', mAP=mAP + 3 * place)
                | dict(R1=90, study=True, trunk='ResNet-50', source='Table 1')
                for dataset, mAP in (('Market-1501', 60), ('MSMT17', 30))
            ],
        )
        for place, name in enumerate(NAMES)
    }
    (tmp_path / 'printed.json').write_text(json.dumps(dict(methods=methods, claims=[])))
    told = {name: dict(config='toy.py') for name in NAMES}
    text = f"title = 'Toy'\nseeds = [0, 1]\nmethods = {told!r}\n"
    tests = "tests = {'other pictures': ['a=b']}\ntests_text = 'Why.'\n"
    (tmp_path / 'toy.py').write_text(f"{text}published = 'printed.json'\n{tests}")
    return read_study(tmp_path / 'toy.py')


def test_rows_are_of_the_networks_that_had_all_tests(study, tmp_path):
    shifts = dict(zip(NAMES, (0.0, 0.1, 0.05, 0.2, 0.15, 0.3, 0.25), strict=True))
    records = draw_records(
        tmp_path / 'toy.jsonl', {name: (2, shift) for name, shift in shifts.items()}
    )
    assert tell_further(study, records, tmp_path / 'page.md') == ''
    further = further_records(records, study.tests['other pictures'])
    for name, shift in shifts.items():
        # B has one further test, all others two.
        for seed in (0, 1)[: 1 if name == 'B' else 2]:
            drawn = draw_results(50 + seed, 0.3 - shift, persons=5)
            further.add(describe_run(name, seed), drawn)
    text = tell_further(study, records, tmp_path / 'page.md')
    first, second, *table = text.split('\n\n')
    assert first == 'Why.'
    assert second == (
        '13 networks of 7 methods have had all tests; what each gave is in '
        '[toy.other-pictures.jsonl](toy.other-pictures.jsonl).'
    )
    printed = {
        which: {name: mAP + 3 * place for place, name in enumerate(NAMES)}
        for which, mAP in (('Market-1501', 60), ('MSMT17', 30))
    }
    rows = [line.strip('| ').split(' | ') for line in table[0].splitlines()[2:]]
    for row, kept in zip(rows, (records, further), strict=True):
        scores = {
            name: 100 * kept.values(name, 'mAP')[: 1 if name == 'B' else 2].mean(axis=1)
            for name in NAMES
        }
        expected = order_agreement(scores, printed)
        assert row[1] == f'{np.mean([v.mean() for v in scores.values()]):.1f}'
        assert row[3:5] == [f'{expected.mean:.2f}', '1.00']
        assert row[5].startswith(f'{expected.gap:+.2f} ({expected.low:+.2f} to ')
    assert [row[0] for row in rows] == ['as in the study', 'other pictures']
    # These shifts turn the order round.
    assert float(rows[1][3]) == pytest.approx(-float(rows[0][3]), abs=0.4)
    assert float(rows[0][3]) > 0 > float(rows[1][3])
