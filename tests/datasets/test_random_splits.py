"""Random divisions of the persons: the same everywhere, complete, disjoint."""

from pathlib import Path

import layouts
import numpy as np
import pytest

from mmreid.datasets import RandomSplitDataset, VIPeR
from mmreid.datasets.divisions.division import draw_persons
from mmreid.registry import DATASETS


def records(dataset: RandomSplitDataset) -> list[dict]:
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def persons(dataset: RandomSplitDataset) -> set[int]:
    return {r['person_id'] for r in records(dataset)}


OWN = r'(?P<person>\w+)-(?P<camera>\w+)-(?P<frame>\d+)'


@pytest.fixture
def own_root(tmp_path: Path) -> Path:
    """Five persons before two cameras, a distractor, junk."""
    root = tmp_path / 'Märkt'
    root.mkdir()
    for person in ('1', '2', '3', '5', '8', '0', 'junk'):
        for camera in ('door', 'yard'):
            (root / f'{person}-{camera}-17.jpg').write_bytes(b'')
    return root


def own(root: Path, **arguments: object) -> RandomSplitDataset:
    return RandomSplitDataset(root, pattern=OWN, **arguments)


# The choice


def test_the_choice_never_changes() -> None:
    """Published means depend on it: a new version must not draw anew."""
    people = [f'{n:03d}' for n in range(10)]
    assert sorted(draw_persons(people, 0.5, 0)) == ['000', '001', '002', '004', '007']
    assert sorted(draw_persons(people, 0.5, 1)) == ['001', '002', '005', '006', '007']


def test_the_choice_does_not_depend_on_the_order() -> None:
    people = [str(n) for n in np.random.permutation(1000)[:101]]
    for seed in range(3):
        one = draw_persons(people, 0.3, seed)
        assert (
            one
            == draw_persons(sorted(people), 0.3, seed)
            == draw_persons({*people}, 0.3, seed)
        )
        assert len(one) == 30


def test_every_person_is_as_likely() -> None:
    draws = (draw_persons(range(40), 0.25, seed) for seed in range(2000))
    drawn = np.array([[person in chosen for person in range(40)] for chosen in draws])
    assert np.all(drawn.sum(axis=1) == 10)
    # Five standard deviations of a binomial share.
    assert np.abs(drawn.mean(axis=0) - 0.25).max() < 5 * (0.25 * 0.75 / 2000) ** 0.5
    together = (drawn[:, 0] & drawn[:, 1]).mean()  # hypergeometric: 10 / 40 * 9 / 39
    assert abs(together - 10 / 40 * 9 / 39) < 5 * (0.0577 * 0.9423 / 2000) ** 0.5


@pytest.mark.parametrize(('fraction', 'number'), [(0.01, 1), (0.99, 4), (0.5, 2)])
def test_no_part_is_empty(fraction: float, number: int) -> None:
    assert len(draw_persons(range(5), fraction, 0)) == number


def test_one_person_cannot_be_divided() -> None:
    with pytest.raises(ValueError, match='At least two persons'):
        draw_persons(['alice'], 0.5, 0)


# The data set


def test_viper_searches_camera_a_in_b(tmp_path: Path) -> None:
    class Tiny(VIPeR):
        COUNTS = layouts.COUNTS['VIPeR']

    layouts.write(tmp_path, 'VIPeR')
    for index in range(Tiny.NUM_SPLITS):
        train = Tiny(tmp_path, split_index=index)
        test = Tiny(tmp_path, split='test', split_index=index)
        assert persons(train) | persons(test) == {1, 2, 6, 873}
        assert not persons(train) & persons(test)
        for record in records(test):
            assert record['cam_id'] == (1 if record['is_query'] else 2)
            assert ('cam_a' in record['img_path']) == record['is_query']
        for dataset in (train, test):
            assert dataset.metainfo['split_index'] == index
            assert dataset.metainfo['version'] == 'v1.0'


def test_own_pictures(own_root: Path) -> None:
    names = dict(query_cameras=['door'], split_index=3)
    train = own(own_root, split='train', **names)
    test = own(own_root, split='test', **names)
    everybody = {1, 2, 3, 5, 8}
    assert persons(train) < everybody
    assert persons(test) == everybody - persons(train) | {0, -1}
    assert records(test) == records(
        own(own_root, split='test', query_cameras='door', split_index=3)
    )
    for record in records(test):
        assert record['is_query'] == (
            'door' in record['img_path'] and record['person_id'] > 0
        )
    assert test.metainfo['num_query'] == 3
    assert test.metainfo['num_gallery'] == 5


def test_without_query_cameras_all_are_queries(own_root: Path) -> None:
    test = own(own_root, split='test')
    queries = [r for r in records(test) if r['is_query']]
    gallery = [r for r in records(test) if not r['is_query']]
    assert len(queries) == 6
    assert len(gallery) == 10
    assert {r['img_path'] for r in queries} < {r['img_path'] for r in gallery}
    assert {r['person_id'] for r in gallery} - {r['person_id'] for r in queries} == {
        *(0, -1)
    }


def test_splits_differ(own_root: Path) -> None:
    drawn = {frozenset(persons(own(own_root, split_index=i))) for i in range(10)}
    assert len(drawn) > 3


def test_fraction(own_root: Path) -> None:
    train = own(own_root, train_fraction=0.8)
    assert train.metainfo['num_ids'] == 4
    assert train.metainfo['train_fraction'] == 0.8


def test_a_picture_of_two_persons_is_refused(own_root: Path) -> None:
    table = own_root / 'all.csv'
    rows = ['path,person,split', '1-door-17.jpg,1,train', '1-door-17.jpg,001,query']
    table.write_text('\n'.join([*rows, '2-door-17.jpg,2,train']))
    assert len(RandomSplitDataset(table=table)) == 1
    table.write_text('\n'.join([*rows, '1-door-17.jpg,2,gallery']))
    with pytest.raises(ValueError, match=r"17\.jpg' is there twice with different"):
        RandomSplitDataset(table=table)


def test_a_table_is_divided_anew(own_root: Path) -> None:
    table = own_root / 'all.csv'
    rows = [
        f'{path.name},{path.stem.replace("-", ",")},{part}'
        for path in sorted(own_root.glob('*.jpg'))
        for part in ('query', 'gallery')
    ]
    table.write_text('\n'.join(['path,person,camera,frame,split', *rows]))
    for split in ('train', 'test'):
        from_names = own(own_root, split=split, query_cameras=['door'])
        from_table = RandomSplitDataset(
            table=table, split=split, query_cameras=['door']
        )
        assert records(from_names) == records(from_table)


def test_built_from_a_config(own_root: Path) -> None:
    config = dict(
        type='RandomSplitDataset',
        data_root=str(own_root),
        pattern=OWN,
        split_index=7,
        query_cameras=['yard'],
        metainfo=dict(dataset='my yard'),
    )
    dataset = DATASETS.build(config)
    assert dataset.metainfo['dataset'] == 'my yard'
    assert dataset.metainfo['split_index'] == 7


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(split_index=10), 'split_index must be from 0 to 9, got 10'),
        (dict(split_index=-1), 'got -1'),
        (dict(split_index='all'), "got 'all'"),
        (dict(train_fraction=0.0), 'between 0 and 1, got 0.0'),
        (dict(train_fraction=1), 'between 0 and 1, got 1'),
        (
            dict(split='test', query_cameras=['roof']),
            r"no picture is of \['roof'\], only of \['door', 'yard'\]",
        ),
        (
            dict(split='test', query_cameras=['door', 'roof']),
            r"no picture is of \['roof'\], only of",
        ),
        (
            dict(split='test', query_cameras=['door', 'yard']),
            'No picture for the gallery',
        ),
    ],
)
def test_wrong_arguments(own_root: Path, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        own(own_root, **arguments)
