"""Each fault and each peculiarity of a data set is found, and nothing else."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import cv2
import layouts
import numpy as np
import pytest
from mmengine.config import Config

from mmreid.datasets import ReIDDataset
from mmreid.datasets.checking import (
    FAULTS,
    NOTES,
    RANKING_PROTOCOLS,
    Report,
    check_datasets,
    find_datasets,
    find_protocol,
    find_splits,
)
from mmreid.datasets.checking.checked_dataset import CheckedDataset
from mmreid.datasets.checking.repeated_pictures import check_repeated_pictures
from mmreid.datasets.reading.rows import Row

ROOT = Path(__file__).parents[3]
LOADERS = ('train', 'val', 'test')
PATTERN = r'(?P<person>\w+|-1)_c(?P<camera>\d)(d(?P<clothes>\d))?_\d+'
SOUND = """
    train/1_c1_0 train/1_c2_1 train/2_c1_2 train/2_c2_3
    query/3_c1_4 query/4_c1_5
    gallery/3_c2_6 gallery/4_c2_7 gallery/4_c1_8 gallery/5_c1_9
"""


def write(root: Path, names: str = SOUND) -> Path:
    for seed, name in enumerate(names.split()):
        layouts.write_picture(root / f'{name}.png', seed, size=(16, 8))
    return root


def check(root: Path, **arguments: object) -> Report:
    options = {
        key: arguments.pop(key)
        for key in ('protocol', 'decode', 'partial', 'progress')
        if key in arguments
    }
    settings = dict(type='ReIDDataset', data_root=str(root), pattern=PATTERN)
    return check_datasets([find_splits({**settings, **arguments})], **options)


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


def test_a_sound_data_set(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    root = write(tmp_path)
    report = check(root, progress=lambda *numbers: seen.append(numbers))
    assert kinds(report) == report.faults == []
    assert seen == [(number, 10) for number in range(1, 11)]
    (data_set,) = report.to_dict()['data_sets']
    assert data_set['parts']['gallery'] == dict(
        images=4, ids=3, cams=2, least=1, median=1, most=2, distractors=0, junk=0
    )
    table = str(report).splitlines()
    assert table[0].startswith('own pictures (ReIDDataset)')
    assert table[2].split() == ['train', '4', '2', '2', '2', '2', '2', '0', '0']
    assert table[-1] == '0 faults, 0 notes'


def copy(source: str, target: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        shutil.copy(root / f'{source}.png', root / f'{target}.png')

    return act


def remove(*names: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        for name in names:
            (root / f'{name}.png').unlink()

    return act


def add(name: str) -> Callable[[Path], None]:
    return lambda root: layouts.write_picture(root / f'{name}.png', 99, size=(16, 8))


def cut(root: Path) -> None:
    path = root / 'gallery/3_c2_6.png'
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize(
    ('damage', 'found', 'text'),
    [
        (cut, ['corrupt'], "be decoded: 1: '.*3_c2_6.png'"),
        (add('train/x'), ['unreadable part'], 'do not fit the pattern'),
        (
            copy('gallery/5_c1_9', 'train/2_c2_9'),
            ['in training and testing', 'different persons'],
            '1: .*2_c2_9.* = .*5_c1_9',
        ),
        (copy('train/1_c1_0', 'train/2_c2_9'), ['different persons'], '1_c1_0.* = .*2'),
        (copy('query/3_c1_4', 'gallery/4_c2_9'), ['different persons'], '3_c.* = .*4_'),
        (copy('query/3_c1_4', 'gallery/3_c2_9'), ['answer copied'], '1: .*3_c1_4'),
        (copy('query/3_c1_4', 'gallery/3_c1_9'), ['query in gallery'], 'same camera'),
        (copy('train/1_c1_0', 'train/1_c1_9'), ['copies'], 'once: 1: .*1_c1_9'),
        (add('gallery/1_c2_9'), ['shared identities'], 'train/1_.* and .*gallery/1_'),
        (
            remove('gallery/3_c2_6'),
            ['queries without answer'],
            '1 of 2, 1 because the person is not in the gallery: .*3_c1',
        ),
        (
            remove('gallery/4_c2_7'),
            ['queries without answer'],
            "1 because the gallery has the person in the query's camera only",
        ),
        (
            remove('gallery/4_c2_7', 'gallery/3_c2_6'),
            ['no right answers'],
            '2 of 2, 1 because .*, 1 because',
        ),
        (remove('train/2_c2_3'), ['one picture'], '1 of 2: .*2_c1_2'),
        (add('train/6_c1_9'), ['one picture'], '1 of 3: .*6_c1'),
        (
            lambda root: (remove('train/2_c2_3')(root), add('train/2_c1_9')(root)),
            ['one camera'],
            '1 of 2: .*2_c1_2',
        ),
        (add('gallery/0_c1_9'), ['distractors and junk'], 'gallery: 1 and 0 pictures'),
        (add('gallery/-1_c1_9'), ['distractors and junk'], 'gallery: 0 and 1 pictures'),
    ],
)
def test_damage(tmp_path: Path, damage: Callable, found: list[str], text: str) -> None:
    root = write(tmp_path)
    damage(root)
    report = check(root)
    assert sorted(kinds(report)) == sorted(found)
    assert len(report.faults) == sum(kind in FAULTS for kind in found)
    (first,) = (finding for finding in report.findings if finding.kind == found[0])
    assert re.search(text, str(first)), first


def test_names_of_persons_are_compared_as_names(tmp_path: Path) -> None:
    """They are numbered by split, so that the numbers would not tell."""
    names = """train/ann_c1_0 train/ann_c2_1 train/eve_c1_2 train/eve_c2_3
        query/bob_c1_4 query/eve_c2_5 gallery/bob_c2_6 gallery/eve_c1_7"""
    (finding,) = check(write(tmp_path, names)).findings
    assert finding.kind == 'shared identities'
    assert 'eve' in finding.examples[0]


def test_without_decoding(tmp_path: Path) -> None:
    root = write(tmp_path)
    copy('query/3_c1_4', 'gallery/3_c2_9')(root)
    cut(root)
    report = check(root, decode=False)
    assert kinds(report) == ['answer copied']
    assert str(report).endswith('pictures were not decoded')


def test_the_same_pixels_in_other_files_are_copies(tmp_path: Path) -> None:
    root = write(tmp_path)
    picture = cv2.imread(str(root / 'query/3_c1_4.png'))
    cv2.imwrite(str(root / 'gallery/3_c2_9.bmp'), picture)
    assert kinds(check(root)) == ['answer copied']
    assert kinds(check(root, decode=False)) == []


def test_files_of_16_bits_with_fewer_in_use(tmp_path: Path) -> None:
    root = write(tmp_path)
    for name, bits in (
        ('train/1_c1_0', 12),
        ('train/1_c2_1', 11),
        ('query/3_c1_4', 16),
    ):
        values = np.random.default_rng(bits).integers(2**bits, size=(16, 8))
        values[0, 0] = 2**bits - 1
        cv2.imwrite(str(root / f'{name}.png'), values.astype(np.uint16))
    (finding,) = check(root).findings
    assert finding.kind == 'few bits'
    assert not finding.is_fault
    assert '2 of 3 such files, at most 12 bits' in str(finding)


@pytest.mark.parametrize('decode', [True, False])
def test_pipes_and_devices(tmp_path: Path, decode: bool) -> None:
    root = write(tmp_path)
    (root / 'gallery/5_c1_9.png').unlink()
    os.mkfifo(root / 'gallery/5_c1_9.png')
    (finding,) = check(root, decode=decode, split='test').findings
    assert finding.kind == 'unreadable part'
    assert 'is a pipe' in finding.text
    lines = ['path,person,camera,split', 'gallery/5_c1_9.png,5,1,train']
    (root / 't.csv').write_text('\n'.join([*lines, 'train/1_c1_0.png,5,2,train']))
    settings = dict(type='ReIDDataset', table=str(root / 't.csv'), split='train')
    report = check_datasets([find_splits(settings)], decode=decode)
    assert kinds(report) == ['no file']
    assert '5_c1_9' in str(report)


def test_a_broken_table_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / 't.csv').write_text('path,person,split\na.png,1,"train\n')
    (tmp_path / 'a.png').touch()
    settings = dict(type='ReIDDataset', table=str(tmp_path / 't.csv'))
    (finding,) = check_datasets([find_splits(settings)]).findings
    assert finding.kind == 'unreadable part'
    assert 'train, query, gallery: ' in finding.text
    assert 'line 2: a " is opened that nothing closes' in finding.text


def test_names_that_are_not_utf8(tmp_path: Path, capsys) -> None:
    root = write(tmp_path)
    (root / 'gallery/3_c2_6.png').rename(
        os.fsdecode(bytes(root) + b'/gallery/3_c2_\xe4.png')
    )
    report = check(root, split='test')
    assert kinds(report)[0] == 'unreadable part'
    assert '3_c2_\\udce4.png' in str(report)
    print(report)
    json.dumps(report.to_dict(), ensure_ascii=False).encode()


def test_many_copies_of_one_picture(tmp_path: Path) -> None:
    root = write(tmp_path)
    for number in range(300):
        copy('train/1_c1_0', f'train/1_c1_1{number:03}')(root)
    (finding,) = check(root).findings
    assert finding.kind == 'copies'
    assert len(finding.examples) == 300


def make_subject(name: str, shared_ids: bool, records: list[dict]) -> CheckedDataset:
    parts: dict[str, list[dict]] = dict(train=[], query=[], gallery=[])
    for record in records:
        parts[record['part']].append(record)
    return CheckedDataset(
        name=name,
        root='.',
        splits=dict(train=['train'], test=['query', 'gallery']),
        records=parts,
        published={},
        archives={},
        shared_ids=shared_ids,
        cameras=True,
        own=True,
        partial=False,
    )


def judge(
    one: tuple[CheckedDataset, dict], other: tuple[CheckedDataset, dict]
) -> set[str]:
    """Compare two places of one picture, as the documentation of kinds says."""
    (a_set, a), (b_set, b) = one, other
    parts = {a['part'], b['part']}
    kinds = set()
    if 'train' in parts and len(parts) == 2:
        kinds.add('in training and testing')
    if a_set is b_set and a['person_id'] != b['person_id']:
        if a_set.shared_ids or 'train' not in parts or len(parts) == 1:
            kinds.add('different persons')
    elif a_set is b_set and parts == {'query', 'gallery'}:
        same = a['cam_id'] == b['cam_id']
        kinds.add('query in gallery' if same else 'answer copied')
    elif a_set is b_set and len(parts) == 1:
        kinds.add('copies')
    return kinds


@pytest.mark.parametrize('seed', range(30))
def test_copies_against_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    persons, cameras = rng.integers(1, 4, 2)
    data_sets = []
    for name in 'ab':
        records = [
            dict(
                img_path=f'{name}{i}',
                part=('train', 'query', 'gallery')[rng.integers(3)],
                person_id=int(rng.integers(persons)),
                cam_id=int(rng.integers(cameras)),
            )
            for i in range(rng.integers(1, 7))
        ]
        data_sets.append(make_subject(name, bool(rng.integers(2)), records))
    places = [
        (data_set, record)
        for data_set in data_sets
        for records in data_set.records.values()
        for record in records
    ]
    expected = {
        (kind, other[1]['img_path'])
        for one, other in combinations(places, 2)
        for kind in judge(one, other)
    }
    allowed = {
        (kind, f'{one[1]["img_path"]} = {other[1]["img_path"]}')
        for one, other in combinations(places, 2)
        for kind in judge(one, other)
    }
    digests = {record['img_path']: b'same' for _, record in places}
    found = [
        (finding.kind, example)
        for finding in check_repeated_pictures(data_sets, digests)
        for example in finding.examples
    ]
    assert {(kind, example.split(' = ')[1]) for kind, example in found} == expected
    assert {*found} <= allowed
    assert len(found) == len(expected)  # each place once for each kind


def test_equal_pictures_of_many_persons_are_not_compared_in_pairs() -> None:
    records = [
        dict(img_path=f'{i}', part='train', person_id=i, cam_id=i) for i in range(5000)
    ]
    data_set = make_subject('a', True, records)
    digests = dict.fromkeys((record['img_path'] for record in records), b'same')
    (finding,) = check_repeated_pictures([data_set], digests)
    assert finding.kind == 'different persons'
    assert len(finding.examples) == 4999


@pytest.mark.parametrize('protocol', RANKING_PROTOCOLS)
def test_right_answers_against_a_loop(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    rows = {
        part: [
            Row(f'{part}{i}', *(int(n) for n in rng.integers((-1, 1, 1), (9, 4, 3))))
            for i in range(30)
        ]
        for part in ('query', 'gallery')
    }
    write(tmp_path)
    monkeypatch.setattr(ReIDDataset, 'read_part', lambda self, part: rows[part])
    report = check(tmp_path, split='test', protocol=protocol)
    lost = []
    for q in rows['query']:
        # Ranking counts a query of person 0 as one of somebody.
        right = [g for g in rows['gallery'] if g.person == q.person >= 0]
        right = [g for g in right if g.camera != q.camera]
        if protocol == 'cloth-changing':
            right = [g for g in right if g.clothes != q.clothes]
        if protocol == 'same-clothes':
            right = [g for g in right if g.clothes == q.clothes]
        if not right:
            lost.append(q.path)
    assert 3 < len(lost) < 30
    (found,) = (f for f in report.findings if f.kind == 'queries without answer')
    assert [*found.examples] == lost


def test_clothes_are_needed(tmp_path: Path) -> None:
    report = check(write(tmp_path), protocol='cloth-changing')
    assert kinds(report) == ['no clothes']


def test_listed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = ReIDDataset.read_part
    monkeypatch.setattr(
        ReIDDataset, 'read_part', lambda self, part: read(self, part) * 2
    )
    report = check(write(tmp_path), split='train')
    assert kinds(report) == ['listed twice', 'copies']


def test_a_table(tmp_path: Path) -> None:
    write(tmp_path)
    lines = ['path,person,split']
    for name in SOUND.split():
        part, rest = name.split('/')
        lines.append(f'{name}.png,{rest[0]},{part}')
    lines += ['gone.png,1,train', 'extra.png,1,spare']
    table = tmp_path / 'list.csv'
    table.write_text('\n'.join(lines))
    report = check_datasets([find_splits(dict(type='ReIDDataset', table=str(table)))])
    assert sorted(kinds(report)) == ['missing', 'no cameras', 'not used']
    assert 'unknown' in str(report)
    assert "1 whose split is 'spare'" in str(report)


def test_a_table_for_training_alone_is_worth_a_note(tmp_path: Path) -> None:
    write(tmp_path)
    names = [name for name in SOUND.split() if name.startswith('train')]
    lines = [f'{name}.png,{name[6]},{name[9]},train' for name in names]
    table = tmp_path / 'list.csv'
    settings = dict(type='ReIDDataset', table=str(table))

    def found(*more: str, **options: bool) -> list[str]:
        table.write_text('\n'.join(['path,person,camera,split', *lines, *more]))
        return kinds(check_datasets([find_splits(settings)], **options))

    assert found(only_training=True) == ['only training']
    # A config that tests on it, and a name that may be meant for testing.
    assert found() == 2 * ['unreadable part']
    row = 'query/3_c1_4.png,3,1,quary'
    assert 'unreadable part' in found(row, only_training=True)


def known(root: Path, name: str, partial: bool = True) -> Report:
    layouts.write(root, name)
    settings = dict(type=name, data_root=str(root))
    return check_datasets([find_splits(settings)], partial=partial)


@pytest.mark.parametrize(
    ('name', 'also'),
    [
        ('Market1501', []),
        ('DukeMTMCReID', []),
        ('VeRi776', ['query in gallery']),
        ('MSMT17', []),
        ('LTCC', []),
        ('PRCC', []),
    ],
)
def test_known_data_sets(tmp_path: Path, name: str, also: list[str]) -> None:
    report = known(tmp_path, name)
    assert not report.faults, report
    usual = {'partial copy', 'one picture', 'one camera', 'queries without answer'}
    assert [kind for kind in kinds(report) if kind not in usual] == also
    assert 'partial copy' in kinds(report)


def test_published_counts(tmp_path: Path) -> None:
    report = known(tmp_path, 'Market1501', partial=False)
    faults = [str(fault) for fault in report.faults]
    assert len(faults) == 4
    assert all('expected' in fault and 'found' in fault for fault in faults)
    assert 'distractors' in report.data_sets[0].records  # because it is there
    shutil.rmtree(tmp_path / 'images')
    settings = dict(type='Market1501', data_root=str(tmp_path))
    (data_set,) = check_datasets([find_splits(settings)]).data_sets
    assert [*data_set.records] == ['train', 'query', 'gallery']


def test_a_listed_picture_that_is_missing(tmp_path: Path) -> None:
    layouts.write(tmp_path, 'MSMT17')
    next((tmp_path / 'test').rglob('*.jpg')).unlink()
    settings = dict(type='MSMT17', data_root=str(tmp_path))
    report = check_datasets([find_splits(settings)])
    assert 'unreadable part' in kinds(report)
    assert 'gallery' in report.to_dict()['data_sets'][0]['parts']


def test_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'a broken download'
    archives = {
        'one.zip': f'md5:{hashlib.md5(content).hexdigest()}',
        'two.zip': f'sha256:{hashlib.sha256(b"whole").hexdigest()}',
        'three.zip': 'md5:00',
    }
    monkeypatch.setattr(ReIDDataset, 'ARCHIVES', archives)
    root = write(tmp_path / 'data')
    (root / 'one.zip').write_bytes(content)
    (tmp_path / 'two.zip').write_bytes(content)
    (finding,) = check(root).findings
    assert finding.kind == 'archive'
    assert 'two.zip' in finding.text


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='nowhere'):
        check(tmp_path / 'nowhere')


def config(first: Path, second: Path) -> Config:
    """Train on the union of two data sets, test on both."""
    one, two = (
        dict(type='ReIDDataset', data_root=str(root), pattern=PATTERN, pipeline=[])
        for root in (first, second)
    )
    union = dict(type='ReIDUnion', datasets=[one, two])
    tests = [dict(dataset=dict(each, split='test')) for each in (one, two)]
    return Config(
        dict(
            train_dataloader=dict(dataset=dict(type='RepeatDataset', dataset=union)),
            val_dataloader=tests[0],
            test_dataloader=tests,
            test_evaluator=dict(type='ReIDMetric', protocol='same-clothes'),
        )
    )


def test_a_config(tmp_path: Path) -> None:
    first = write(tmp_path / 'first')
    # The same pictures, number by number, in other roles.
    names = ' '.join(reversed(SOUND.split()))
    second = write(tmp_path / 'second', names)
    settings = config(first, second)
    groups = find_datasets(settings)
    assert [[d.split for d in group] for group in groups] == [['train', 'test']] * 2
    assert find_protocol(settings) == 'same-clothes'
    assert find_protocol({}) == 'market'
    report = check_datasets(groups)
    assert set(kinds(report)) == {'in training and testing'}
    with pytest.raises(ValueError, match='no data set'):
        find_datasets(Config({}))
    with pytest.raises(ValueError, match='ReIDDataset'):
        find_splits(dict(type='mmpretrain.CustomDataset'))


def run(main: Callable, monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr('sys.argv', ['check_dataset.py', *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    return left.value.code


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable]:
    path = ROOT / 'tools/dataset_converters/check_dataset.py'
    spec = importlib.util.spec_from_file_location('check_dataset', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr('sys.path', [*sys.path])
    return module.main


def test_the_tool(
    tmp_path: Path, main: Callable, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    root = write(tmp_path / 'own')
    own = ('--data-root', root, '--pattern', PATTERN)
    assert run(main, monkeypatch, *own) == 0
    assert capsys.readouterr().out.endswith('0 faults, 0 notes\n')
    add('gallery/0_c1_9')(root)
    assert run(main, monkeypatch, *own) == 0
    cut(root)
    assert run(main, monkeypatch, *own, '--fast') == 0
    out = tmp_path / 'report.json'
    assert run(main, monkeypatch, *own, '--json', out) == 1
    report = json.loads(out.read_text('utf-8'))
    assert not report['clean']
    assert [f['kind'] for f in report['findings'] if f['fault']] == ['corrupt']
    capsys.readouterr()
    options = ('--cfg-options', 'folders.query=gallery', 'split=test')
    assert run(main, monkeypatch, *own, *options) == 1
    assert 'query' in capsys.readouterr().out


def test_the_tool_cannot_run(
    tmp_path: Path, main: Callable, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    for words in (
        [],
        ['--data-root', tmp_path / 'nowhere', '--pattern', PATTERN],
        ['--data-root', tmp_path],
        ['--data-root', tmp_path, '--pattern', '('],
        ['--type', 'NoSuchDataset', '--data-root', tmp_path],
        ['--type', 'Market1501', '--data-root', tmp_path, '--cfg-options', 'nope=1'],
        [tmp_path / 'no_config.py'],
    ):
        assert run(main, monkeypatch, *words) == 2, words
        assert capsys.readouterr().err


def test_the_tool_on_a_config(
    tmp_path: Path, main: Callable, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    root = layouts.write(tmp_path / 'market', 'Market1501')
    path = ROOT / 'configs/_base_/datasets/market.py'
    loaders = [f'{name}_dataloader.dataset.data_root={root}' for name in LOADERS]
    words = (path, '--cfg-options', *loaders)
    assert run(main, monkeypatch, *words) == 1
    assert 'expected 12,936 images' in capsys.readouterr().out
    assert run(main, monkeypatch, *words, '--partial') == 0


def test_the_tool_explains(
    main: Callable, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr('sys.argv', ['check_dataset.py', '--explain'])
    main()
    told = capsys.readouterr().out
    assert all(kind in told for kind in (*FAULTS, *NOTES))
