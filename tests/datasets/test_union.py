"""ReIDUnion: several training sets, nobody taken for somebody else."""

import pickle
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.dataset import BaseDataset, ClassBalancedDataset, ConcatDataset

from mmreid.datasets import IdentitySampler, Market1501, ReIDDataset, ReIDUnion
from mmreid.engine import TrainingCheckHook
from mmreid.engine.hooks.checks.consistency import check_persons
from mmreid.registry import DATASETS

# Persons 3, 7, 10, cameras 0 and 2: some of Market's numbers, and a camera 0.
OTHER = ('3_0', '3_0_b', '3_2', '10_2', '7_0')
NUMBERS = ('sample_idx', 'gt_label', 'person_id', 'cam_id')
PATTERN = r'(?P<person>\d+)_(?P<camera>\d)(_\w+)?'


@pytest.fixture
def other_root(tmp_path, market_root):
    pictures = sorted((market_root / 'bounding_box_train').glob('[0-9]*.jpg'))
    root = tmp_path / 'other'
    for folder in ('train', 'query', 'gallery'):
        (root / folder).mkdir(parents=True)
        for name, picture in zip(OTHER, pictures, strict=False):
            shutil.copy(picture, root / folder / f'{name}.jpg')
    return root


@pytest.fixture
def parts(market_root, other_root):
    market = Market1501(market_root, check=False)
    other = ReIDDataset(other_root, pattern=PATTERN, metainfo=dict(dataset='other'))
    return [market, other, ReIDDataset(other_root, pattern=PATTERN)]


def records(dataset):
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def test_records_are_those_of_the_parts_with_numbers_of_their_own(parts):
    union = ReIDUnion(parts[:2])
    found, apart = records(union), [records(part) for part in parts[:2]]
    assert len(union) == len(found) == sum(map(len, apart))
    assert found[: len(apart[0])] == apart[0]
    assert [r['img_path'] for r in found] == [r['img_path'] for p in apart for r in p]
    assert [r['sample_idx'] for r in found] == [*range(len(found))]
    # Equal and unequal as before within each part, never equal between the parts.
    first, second = found[: len(apart[0])], found[len(apart[0]) :]
    for key in ('gt_label', 'person_id', 'cam_id'):
        steps = {new[key] - old[key] for new, old in zip(second, apart[1], strict=True)}
        assert len(steps) == 1
        assert not {r[key] for r in first} & {r[key] for r in second}
    assert sorted({r['gt_label'] for r in found}) == [*range(7)]
    assert not any(r['is_query'] for r in found)


def test_clothes_are_kept_apart_where_they_are_known():
    class Dressed(BaseDataset):
        def load_data_list(self):
            return [
                dict(img_path=self.data_root + str(i), gt_label=i, clothes_id=i + 5)
                for i in range(3)
            ]

    dressed = [Dressed(data_root=root) for root in 'ab']
    plain = BaseDataset(lazy_init=True)
    plain.load_data_list = lambda: [dict(img_path='c', gt_label=0)]
    union = ReIDUnion([dressed[0], plain, dressed[1]])
    found = [r.get('clothes_id') for r in records(union)]
    assert found == [5, 6, 7, None, 8, 9, 10]
    assert [r['gt_label'] for r in records(union)] == [*range(7)]


def test_what_is_trained_on_has_the_same_numbers(parts):
    steps = [dict(type='LoadImage')]
    union = ReIDUnion(parts[:2], pipeline=steps)
    for index, record in enumerate(records(union)):
        item = union[index]
        assert item['img'].shape == (128, 64, 3)
        assert {key: item[key] for key in record} == record
    copied = pickle.loads(pickle.dumps(union))
    assert records(copied) == records(union)
    assert copied[8]['gt_label'] == union[8]['gt_label']


def test_a_part_with_a_pipeline_keeps_it_and_is_not_changed(market_root, parts):
    def mark(record):
        return dict(record, marked=True)

    own = Market1501(market_root, check=False, pipeline=[mark])
    union = ReIDUnion([parts[1], own], pipeline=[lambda record: record])
    assert 'marked' not in union[0]
    assert union[len(parts[1])]['marked']
    assert own[0]['person_id'] != union[len(parts[1])]['person_id']
    assert not parts[1].pipeline.transforms
    # Parts may be of several unions.
    again = ReIDUnion([parts[1], own])
    assert records(again) == records(union)


def test_metainfo_names_the_parts_and_sums_their_numbers(parts):
    meta = ReIDUnion(parts[:2]).metainfo
    single = [part.metainfo for part in parts[:2]]
    assert meta['dataset'] == 'Market-1501 + other'
    assert meta['version'] == f'{single[0]["version"]} + -'
    assert meta['split'] == 'train'
    for key in ('num_images', 'num_ids', 'num_cams'):
        assert meta[key] == single[0][key] + single[1][key]
    assert meta['parts'] == single
    assert 'cameras' not in meta


def test_a_part_without_cameras_is_told(parts):
    parts[1]._metainfo['cameras'] = False
    assert ReIDUnion(parts[:2]).metainfo['cameras'] is False


def test_sampler_and_training_check_work_unchanged(parts):
    union = ReIDUnion(parts[:2])
    sampler = IdentitySampler(union, num_ids=7, num_instances=2, seed=0)
    labels = [union.get_data_info(i)['gt_label'] for i in sampler]
    for batch in np.reshape(labels, (-1, 7, 2)):
        assert (batch[:, 0] == batch[:, 1]).all()
        assert set(batch[:, 0]) == set(range(7))

    loader = SimpleNamespace(dataset=union, sampler=sampler, batch_size=14)
    model = SimpleNamespace(head=SimpleNamespace(num_classes=6))
    runner = SimpleNamespace(train_dataloader=loader, model=model)
    with pytest.raises(ValueError, match=r'set model\.head\.num_classes=7'):
        TrainingCheckHook().before_train(runner)


def test_config_builds_lazily(market_root, other_root):
    cfg = dict(
        type='ReIDUnion',
        datasets=[
            dict(type='Market1501', data_root=str(market_root)),
            dict(type='ReIDDataset', data_root=str(other_root), pattern=PATTERN),
        ],
        check=False,
        pipeline=[dict(type='LoadImage')],
        lazy_init=True,
    )
    union = DATASETS.build(cfg)
    union.full_init()
    assert union[-1]['img'].ndim == 3
    assert union[-1]['sample_idx'] == len(union) - 1


def test_cached_pictures_get_the_numbers_too(market_root, other_root):
    cfgs = [
        dict(type='Market1501', data_root=str(market_root), check=False),
        dict(type='ReIDDataset', data_root=str(other_root), pattern=PATTERN),
    ]
    steps = [dict(type='LoadImage')]
    plain = ReIDUnion(cfgs, pipeline=steps)
    expected = [plain[i] for i in range(len(plain))]
    cached = ReIDUnion(cfgs, pipeline=steps, cache='ram')
    shutil.rmtree(market_root)
    shutil.rmtree(other_root)
    for index, wanted in enumerate(expected):
        item = cached[index]
        assert (item['img'] == wanted['img']).all()
        assert {k: item[k] for k in NUMBERS} == {k: wanted[k] for k in NUMBERS}


def test_test_splits_are_refused_with_the_remedy(parts, market_root):
    test = Market1501(market_root, split='test', check=False)
    with pytest.raises(ValueError, match=r'data set 1 \(Market-1501\).*MultiTestLoop'):
        ReIDUnion([parts[1], test])


def test_a_picture_in_two_parts_is_refused(parts, market_root):
    with pytest.raises(ValueError, match=r'data set 1 .* in data set 2 .*two'):
        ReIDUnion(parts)
    with pytest.raises(ValueError, match='count as two'):
        ReIDUnion([parts[0], Market1501(f'{market_root}/./', check=False)])


def test_missing_data_and_no_data_are_refused(parts, other_root):
    with pytest.raises(ValueError, match='at least one data set'):
        ReIDUnion([])
    shutil.rmtree(other_root / 'train')
    cfg = dict(type='ReIDDataset', data_root=str(other_root), pattern=PATTERN)
    with pytest.raises(FileNotFoundError, match='train'):
        ReIDUnion([parts[0], cfg])


def test_other_ways_to_put_sets_together(parts, market_root):
    check_persons(ReIDUnion(parts[:2]))
    union = ReIDUnion(parts[:2])
    assert union.metainfo['clock'] == parts[0].metainfo['clock'] == 'camera'
    keys = ('dataset', 'version', 'split', 'num_images', 'num_ids', 'num_cams')
    joined = ConcatDataset(parts[:2], ignore_keys=[*keys, 'clock'])
    with pytest.raises(
        ValueError, match=r'gt_label \d .*Market-1501.* other .*ReIDUnion'
    ):
        check_persons(joined)
    balanced = ClassBalancedDataset(parts[0], oversample_thr=0.9)
    assert len(balanced) > len(parts[0])
    check_persons(balanced)
