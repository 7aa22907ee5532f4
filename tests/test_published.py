"""What papers print, in docs/evidence/published.json: names, types, and agreement."""

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
RECORD = json.loads((ROOT / 'docs/evidence/published.json').read_text('utf-8'))
METHODS, CLAIMS = RECORD['methods'], RECORD['claims']
RESULTS = [(name, row) for name, entry in METHODS.items() for row in entry['results']]
# Of the collections in configs/; these have a small config that starts at random.
FOLDERS = {
    'AANet': 'aanet',
    'AGW': 'agw',
    'AIR-Net': 'airnet',
    'BoT': 'bot',
    'IANet': 'ianet',
    'LightMBN': 'lightmbn',
    'MGN': 'mgn',
    'OSNet': 'osnet',
    'PCB': 'pcb',
    'PCL-CLIP': 'pcl_clip',
    'RRID': 'rrid',
    'SBS': 'sbs',
    'SOLIDER': 'solider',
    'SONA-Net': 'sonanet',
    'TransReID': 'transreid',
}
SETS = {
    ('Market-1501', 'single query'),
    ('DukeMTMC-reID', 'single query'),
    ('MSMT17', 'single query'),
    ('CUHK03', 'new, labeled'),
    ('CUHK03', 'new, detected'),
}
CLASSIC = {('CUHK03', 'classic, labeled'), ('CUHK03', 'classic, detected')}
RESULT = ('dataset', 'protocol', 'mAP', 'R1', 'study')
TOLD = ('trunk', 'input', 'pretraining', 'source')
AGAINST = {
    'IANet': ('without SIA', 'without CIA', 'baseline'),
    'AIR-Net': ('with one expert', 'with GC instead of ABP', 'baseline'),
    'RRID': (
        *('without relations', 'with max instead of GCP', 'baseline'),
        'with average instead of GCP',
    ),
    'AANet': ('without OFA', 'without AAM', 'with original TriHard', 'baseline'),
    'SONA-Net': ('without SONA', 'without DropBlock', 'baseline'),
}
SIDES = [
    f'{metric}_{side}' for metric in ('mAP', 'R1') for side in ('method', 'against')
]


def set_of(row: dict) -> tuple[str, str]:
    return row['dataset'], row['protocol']


def is_percent(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < 100


def test_every_method_of_the_small_configs_is_there():
    assert RECORD.keys() == {'methods', 'claims'}
    assert METHODS.keys() == FOLDERS.keys()
    for name, folder in FOLDERS.items():
        metafile = (ROOT / 'configs' / folder / 'metafile.yml').read_text('utf-8')
        assert yaml.safe_load(metafile)['Collections'][0]['Name'] == name
        assert list((ROOT / 'configs' / folder).glob('*_synthmini.py'))
        assert METHODS[name].keys() == {'trunk', 'input', 'results'}


@pytest.mark.parametrize(('name', 'row'), RESULTS)
def test_result(name, row):
    assert set_of(row) in SETS | CLASSIC
    numbers = [row['mAP'], row['R1']]
    assert all(value is None or is_percent(value) for value in numbers)
    # What is not there says why, and no more is said of it.
    assert (None in numbers) == ('reason' in row)
    if numbers == [None, None]:
        assert row.keys() == {*RESULT, 'reason'}
        return
    assert {*RESULT, *TOLD} <= row.keys() <= {*RESULT, *TOLD, 'note', 'reason'}
    assert re.fullmatch(r'\d+ x \d+', row['input'])
    assert row['source']
    if row['mAP'] is not None:
        # Rank-1 asks for one right answer, mAP for all of them in front.
        assert row['mAP'] < row['R1']


@pytest.mark.parametrize('name', METHODS)
def test_each_set_has_one_result_for_the_study_or_a_reason(name):
    rows = METHODS[name]['results']
    assert {set_of(row) for row in rows} >= SETS
    for which in SETS:
        found = [row for row in rows if set_of(row) == which]
        assert sum(row['study'] for row in found) <= 1
        empty = [row for row in found if row['mAP'] is None]
        assert not empty or len(found) == len(empty) == 1
    chosen = [row for row in rows if row['study']]
    assert all(row['mAP'] is not None for row in chosen)
    entry = METHODS[name]
    assert {row['trunk'] for row in chosen} - {None} == {entry['trunk']}
    assert {row['input'] for row in chosen} == {entry['input']}


@pytest.mark.parametrize(('name', 'row'), RESULTS)
def test_what_is_quoted_here_stands_there(name, row):
    quoted = re.search(r'configs/\w+/README\.md', row.get('source', ''))
    if quoted is None:
        return
    text = (ROOT / quoted[0]).read_text('utf-8')
    pairs = [
        {float(number) for number in re.findall(r'\d+\.\d+', line)}
        for line in text.splitlines()
        if line.startswith('|')
    ]
    assert any({row['mAP'], row['R1']} <= numbers for numbers in pairs)


@pytest.mark.parametrize('claim', CLAIMS)
def test_claim(claim):
    paper, method = claim['paper'], claim['method']
    assert method == paper
    assert claim['against'] in {f'{method} {rest}' for rest in AGAINST[paper]}
    assert set_of(claim) in SETS
    assert claim['source'].startswith(f'{paper} (')
    assert re.search(r'Table \d', claim['source'])
    assert all(is_percent(claim[side]) for side in SIDES)
    stds = [f'{side}_std' for side in SIDES]
    assert all(name in claim for name in stds) or not any(n in claim for n in stds)
    assert all(0 < claim[name] < 1 for name in stds if name in claim)
    keys = {'paper', 'method', 'against', 'dataset', 'protocol', 'exact', 'source'}
    assert keys | {*SIDES} <= claim.keys() <= keys | {*SIDES, *stds, 'note'}
    # A comparison of other networks than those of the names says which.
    assert claim['exact'] or claim['note']


def test_claims_are_said_once_and_of_every_ablation():
    places = [(c['against'], *set_of(c)) for c in CLAIMS]
    assert len(places) == len({*places})
    names = {f'{paper} {rest}' for paper, rests in AGAINST.items() for rest in rests}
    assert {claim['against'] for claim in CLAIMS} == names


@pytest.mark.parametrize('claim', [claim for claim in CLAIMS if claim['exact']])
def test_the_whole_method_has_the_same_number_in_claims_and_results(claim):
    results = METHODS[claim['method']]['results']
    rows = [row for row in results if set_of(row) == set_of(claim)]
    printed = {(row['mAP'], row['R1']) for row in rows}
    remarks = [row.get('note', '') for row in rows]
    value = claim['mAP_method']
    assert (value, claim['R1_method']) in printed or any(
        str(value) in r for r in remarks
    )


def test_the_readme_prints_what_is_here():
    page = (ROOT / 'README.md').read_text('utf-8')
    table = re.findall(
        r'^\| \[([^]]+)\]\(configs/(\w+)/README.md\).*?\| .* \| (.*) \| (.*) \|$',
        page,
        re.M,
    )
    printed = {name: (folder, *cells) for name, folder, *cells in table if cells[1]}
    assert printed.keys() == METHODS.keys()
    for name, (folder, trunk, numbers) in printed.items():
        assert folder == FOLDERS[name]
        known = [
            (row['trunk'], f'{row["mAP"]} / {row["R1"]}')
            for row in METHODS[name]['results']
            if set_of(row) == ('Market-1501', 'single query')
        ]
        assert (trunk, numbers) in known, name
