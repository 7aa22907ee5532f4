"""CUHK03's records, by protocol and kind of boxes, from tables and from folders."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import layouts
import pytest
from cuhk03_release import BOXES, Place, Release, name_of, unprivileged
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from mmreid.datasets import CUHK03
from mmreid.datasets import cuhk03 as module
from mmreid.datasets.conversion.cuhk03_files import published_counts

CONFIGS = Path(__file__).parents[3] / 'configs' / 'bot'
CLASSIC = sorted(CONFIGS.glob('bot_r50_cuhk03-classic-*.py'))
EXPECTED = dict(
    labeled=((7368, 767), (1400, 700), (5328, 700)),
    detected=((7365, 767), (1400, 700), (5332, 700)),
)


def records(dataset: CUHK03) -> list[dict]:
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def wanted(release: Release, root: Path, boxes: str, places: list[Place]) -> list:
    """Path, person and camera, by the published files."""
    folder = root / f'images_{boxes}'
    return [
        (str(folder / name_of(p)), release.number(p), 1 if p[2] <= 5 else 2)
        for p in places
    ]


def summary(found: list[dict]) -> list[tuple]:
    return [(r['img_path'], r['person_id'], r['cam_id']) for r in found]


def check_labels(found: list[dict]) -> None:
    """Labels number the sorted persons from 0."""
    persons = sorted({r['person_id'] for r in found})
    assert [r['gt_label'] for r in found] == [
        persons.index(r['person_id']) for r in found
    ]


@pytest.mark.parametrize('boxes', BOXES)
def test_new_protocol(release: Release, finished: Path, boxes: str) -> None:
    parts = release.parts(boxes)
    train = CUHK03(finished, boxes=boxes, check=False)
    assert summary(records(train)) == wanted(release, finished, boxes, parts['train'])
    check_labels(records(train))
    assert train.metainfo == dict(
        dataset='CUHK03',
        version='new protocol (counts not checked)',
        split='train',
        boxes=boxes,
        num_images=len(parts['train']),
        num_ids=6,
        num_cams=2,
    )
    test = CUHK03(finished, boxes=boxes, split='test', check=False)
    both = [*parts['query'], *parts['gallery']]
    assert summary(records(test)) == wanted(release, finished, boxes, both)
    queries = len(parts['query'])
    assert [r['is_query'] for r in records(test)] == [
        i < queries for i in range(len(both))
    ]
    assert test.metainfo['num_query'] == queries == 8
    assert test.metainfo['num_gallery'] == len(parts['gallery'])


@pytest.mark.parametrize('boxes', BOXES)
def test_classic_protocol(release: Release, finished: Path, boxes: str) -> None:
    options = dict(boxes=boxes, protocol='classic', check=False)
    numbers: dict[str, int] = {}
    for index, tested in enumerate(release.testsets):
        options['split_index'] = index
        train = CUHK03(finished, **options)
        test = CUHK03(finished, split='test', **options)
        places = sorted(release.pictures[boxes])
        rest = [p for p in places if p[:2] not in tested]
        shown = [p for p in places if p[:2] in tested]
        assert summary(records(train)) == wanted(release, finished, boxes, rest)
        check_labels(records(train))
        assert summary(records(test)) == 2 * wanted(release, finished, boxes, shown)
        assert test.metainfo == dict(
            dataset='CUHK03',
            version='classic protocol (counts not checked)',
            split='test',
            boxes=boxes,
            split_index=index,
            num_images=2 * len(shown),
            num_ids=3,
            num_cams=2,
            num_query=len(shown),
            num_gallery=len(shown),
        )
        for record in [*records(train), *records(test)]:  # the same in all splits
            person = record['person_id']
            assert numbers.setdefault(record['img_path'], person) == person


def test_two_processes_agree_on_labels(finished: Path) -> None:
    """This one and another whose sets have another order."""
    choices = [dict(), dict(protocol='classic', split_index=7)]
    program = (
        'import json, sys; from mmreid.datasets import CUHK03\n'
        'print(json.dumps([[s.get_data_info(i) for i in range(len(s))]\n'
        f'    for options in {choices}\n'
        '    for s in [CUHK03(sys.argv[1], check=False, **options)]]))'
    )
    run = subprocess.run(
        [sys.executable, '-c', program, str(finished)],
        env={**os.environ, 'PYTHONHASHSEED': '1', 'PYTHONUTF8': '1'},
        capture_output=True,
        check=True,
        encoding='utf-8',
    )
    other = json.loads(run.stdout.splitlines()[-1])
    assert other == [records(CUHK03(finished, check=False, **c)) for c in choices]
    assert len(other[0]) > 50


@pytest.mark.parametrize('boxes', BOXES)
def test_published_counts_are_asserted(finished: Path, boxes: str) -> None:
    train, query, gallery = EXPECTED[boxes]
    with pytest.raises(ValueError, match='found') as caught:
        CUHK03(finished, boxes=boxes)
    text = str(caught.value)
    assert f'expected {train[0]:,} images, {train[1]} identities, 2 cameras' in text
    assert f'new_{boxes}.csv' in text
    assert 'convert_cuhk03.py' in text
    with pytest.raises(ValueError, match='found') as caught:
        CUHK03(finished, boxes=boxes, split='test')
    for images, ids in (query, gallery):
        assert f'expected {images:,} images, {ids} identities' in str(caught.value)
    with pytest.raises(ValueError, match=r'has 9\d pictures .* expected 14,09[67]\.'):
        CUHK03(finished, boxes=boxes, protocol='classic')


def counts_of(release: Release, boxes: str, protocol: str) -> Mapping:
    """What a complete copy of the tiny release holds."""
    if protocol == 'classic':
        test = dict(ids=3, cams=2)
        return dict(train=dict(ids=7, cams=2), query=test, gallery=test)
    ids = dict(train=6, query=4, gallery=4)
    return {
        part: dict(images=len(places), ids=ids[part], cams=2)
        for part, places in release.parts(boxes).items()
    }


def test_a_complete_copy_passes_the_check(
    release: Release, converted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = {boxes: len(release.pictures[boxes]) for boxes in BOXES}
    monkeypatch.setattr(module, 'IMAGES', images)
    monkeypatch.setattr(module, 'published_counts', lambda *x: counts_of(release, *x))
    for boxes in BOXES:
        for split in ('train', 'test'):
            new = CUHK03(converted, boxes=boxes, split=split)
            assert new.metainfo['version'] == 'new protocol'
            old = CUHK03(converted, boxes=boxes, split=split, protocol='classic')
            assert old.metainfo['version'] == 'classic protocol'
    table = converted / 'classic_labeled_00.csv'
    lines = table.read_text('utf-8').splitlines(keepends=True)
    table.write_text(''.join(lines[:1] + lines[2:]), 'utf-8')
    with pytest.raises(ValueError, match='has 89 pictures for training and testing'):
        CUHK03(converted, protocol='classic')


def test_the_published_numbers_add_up() -> None:
    for boxes, total in (('labeled', 14096), ('detected', 14097)):
        counts = published_counts(boxes, 'new')
        found = [(c['images'], c['ids']) for c in counts.values()]
        assert tuple(found) == EXPECTED[boxes]
        assert sum(images for images, _ in found) == total
        classic = published_counts(boxes, 'classic')
        assert classic['train']['ids'] + classic['query']['ids'] == 1467
    assert CUHK03.NUM_SPLITS == 20


@pytest.mark.parametrize('boxes', BOXES)
def test_folders_of_the_new_protocol(tmp_path: Path, boxes: str) -> None:
    root = layouts.write(tmp_path / 'Ordner 文件夹', 'CUHK03')
    train = CUHK03(root, boxes=boxes, check=False)
    found = [(Path(p).name, i, c) for p, i, c in summary(records(train))]
    assert found == [
        ('0003_c1_1.png', 3, 1),
        ('0003_c2_6.png', 3, 2),
        ('1467_c1_2.png', 1467, 1),
        ('1467_c2_8.png', 1467, 2),
    ]
    folder = Path(records(train)[0]['img_path']).parent
    assert folder == root / boxes / 'bounding_box_train'
    test = CUHK03(root, boxes=boxes, split='test', check=False)
    assert (test.metainfo['num_query'], test.metainfo['num_gallery']) == (2, 2)
    with pytest.raises(ValueError, match=r'expected 7,36.* found 4 images') as caught:
        CUHK03(root, boxes=boxes)
    assert str(folder) in str(caught.value)
    with pytest.raises(ValueError, match=r'classic protocol, .* was not made'):
        CUHK03(root, boxes=boxes, protocol='classic')


@pytest.mark.parametrize(
    ('options', 'match'),
    [
        (dict(boxes='drawn'), r"boxes must be one of .*'drawn'"),
        (dict(protocol='old'), r"protocol must be one of .*'old'"),
        (dict(split_index=1), 'split_index must be below 1 in the new protocol'),
        (dict(protocol='classic', split_index=20), 'split_index must be below 20'),
        (dict(protocol='classic', split_index=-1), 'split_index must be below 20'),
        (dict(split='val'), 'split must be one of'),
    ],
)
def test_arguments_are_checked(tmp_path: Path, options: dict, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        CUHK03(tmp_path, **options)


def test_where_nothing_is_the_error_says_what_to_do(tmp_path: Path) -> None:
    for options in (dict(), dict(protocol='classic')):
        with pytest.raises((FileNotFoundError, ValueError)) as caught:
            CUHK03(tmp_path, **options)
        text = str(caught.value)
        assert 'convert_cuhk03.py' in text
        assert 'boxes=' in text
        assert repr(str(tmp_path)) in text


def test_an_unfinished_conversion_is_told(converted: Path) -> None:
    (converted / 'conversion.json').unlink()
    with pytest.raises(ValueError, match='labeled boxes, was not finished'):
        CUHK03(converted)
    # Folders that are complete are read all the same.
    layouts.write(converted, 'CUHK03')
    assert len(CUHK03(converted, check=False)) == 4


def test_missing_pictures_are_named(converted: Path) -> None:
    test = CUHK03(converted, split='test', check=False)
    gone = Path(test.get_data_info(0)['img_path'])
    gone.unlink()
    with pytest.raises(FileNotFoundError, match=f"1 of 8 pictures .*'{gone.name}'"):
        CUHK03(converted, split='test', check=False)
    shutil.rmtree(gone.parent)
    with pytest.raises(FileNotFoundError, match='8 of 8 pictures'):
        CUHK03(converted, split='test', check=False)


def test_ones_own_table_comes_first(finished: Path) -> None:
    table = finished / 'classic_detected_03.csv'
    own = CUHK03(table=table, check=False)
    assert 'images_detected' in own.get_data_info(0)['img_path']


def test_data_may_be_read_only(finished: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(shutil.copytree(finished, Path(name) / 'data'))
        for path in (root, *root.rglob('*'), Path(name)):
            path.chmod(0o555 if path.is_dir() else 0o444)
        with unprivileged():
            assert len(CUHK03(root, check=False)) > 50
        Path(name).chmod(0o755)
        for path in (root, *root.iterdir()):
            path.chmod(0o755)


@pytest.mark.parametrize('path', CLASSIC, ids=lambda path: path.stem)
def test_the_classic_configs_read_it(path: Path, finished: Path) -> None:
    config = Config.fromfile(path)
    boxes = path.stem.split('-')[-1]
    assert config.val_evaluator == config.test_evaluator
    assert config.test_evaluator['protocol'] == 'single-shot'
    config.train_dataloader.batch_size = 4
    config.train_dataloader.sampler.update(num_ids=2, num_instances=2)
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.dataset.update(data_root=str(finished), check=False)
        loader.update(num_workers=0, persistent_workers=False)
        with DefaultScope.overwrite_default_scope('mmreid'):
            batch = next(iter(Runner.build_dataloader(loader, seed=0)))
        assert batch['inputs'].shape[1:] == (3, 256, 128)
        assert f'images_{boxes}' in batch['data_samples'][0].img_path
    assert [sample.is_query for sample in batch['data_samples']].count(True) > 20
