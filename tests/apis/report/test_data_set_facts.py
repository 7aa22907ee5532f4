"""What a page of a data set is told, of pictures that a test has drawn."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmreid.apis.report import data_set as gathering
from mmreid.apis.report.data_set.duplicates import (
    FoundPairs,
    list_duplicates,
    pair_by_hash,
)
from mmreid.apis.report.data_set.listed_pictures import ShownPictures
from mmreid.datasets import ReIDDataset
from mmreid.datasets.checking import check_datasets, find_splits
from mmreid.datasets.picture_measures import measure_picture
from mmreid.evaluation.functional import save_features
from mmreid.evaluation.test_set import Features

PATTERN = r'(?P<person>-?\d+)_(?P<camera>\d)_\d+'
PERSONS = dict(train=range(1, 7), query=range(11, 15), gallery=range(11, 15))


def draw(person: int, camera: int, number: int) -> np.ndarray:
    """A person has colours, a camera a light, a picture its noise."""
    rng = np.random.default_rng([person + 1, camera, number])
    coarse = np.random.default_rng(person + 1).integers(40, 216, (8, 4, 3))
    wide = cv2.resize(
        coarse.astype(np.float32), (32, 64), interpolation=cv2.INTER_CUBIC
    )
    return np.clip(wide + 10 * camera + rng.normal(0, 14, wide.shape), 0, 255).astype(
        np.uint8
    )


def write(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / 'data'
    for part, persons in PERSONS.items():
        numbers = dict(train=range(4), query=range(1), gallery=range(1, 4))[part]
        for person in persons:
            for camera in (1, 2):
                for number in numbers:
                    path = root / part / f'{person}_{camera}_{number}.png'
                    write(path, draw(person, camera, number))
    # A picture of person 3 with the label 5, and one of 12 with that of 14.
    write(root / 'train' / '5_1_9.png', draw(3, 1, 9))
    write(root / 'gallery' / '14_2_9.png', draw(12, 2, 9))
    # A query's picture that is trained on, too; somebody in one picture; junk.
    write(
        root / 'train' / '7_1_0.png',
        cv2.imread(str(root / 'query/11_1_0.png')) // 2 * 2,
    )
    write(root / 'train' / '8_1_0.png', draw(8, 1, 0))
    write(root / 'train' / '8_1_1.png', draw(8, 1, 1))
    write(root / 'gallery' / '-1_1_0.png', draw(40, 1, 0))
    write(root / 'gallery' / '0_1_0.png', draw(41, 1, 0))
    write(root / 'train' / '1_1_8.png', cv2.GaussianBlur(draw(1, 1, 8), (0, 0), 6))
    return root


def embed(pictures: list[str]) -> np.ndarray:
    """Coarse colours: what a network would be taught to tell."""
    small = [
        cv2.resize(cv2.imread(p), (4, 8), interpolation=cv2.INTER_AREA)
        for p in pictures
    ]
    return np.array(small, np.float32).reshape(len(small), -1)


def check(root, **settings):
    settings = dict(
        type='ReIDDataset', data_root=str(root), pattern=PATTERN, **settings
    )
    return check_datasets([find_splits(settings)], measure=True)


@pytest.fixture
def features(root, tmp_path):
    """As another program on another machine writes them."""
    paths = sorted(map(str, root.glob('*/*.png')))
    there = [p.replace(str(root), '/elsewhere/of/data') for p in paths]
    none = np.zeros(len(paths), np.int64)
    file = tmp_path / 'vectors.npz'
    save_features(
        file,
        Features(
            embed(paths), none, none, none > 0, np.array(there), dict(model='tiny')
        ),
    )
    return file


@pytest.fixture
def facts(root, features):
    report = check(root)
    listed = gathering.list_pictures(report.data_sets[0])
    return gathering.gather_data_set(
        report, listed, gathering.read_vectors(listed, features), suspects_file='a.csv'
    )


def name(facts, index):
    return facts.pictures[index].name


def test_parts_are_counted(facts):
    parts = {part.part: part for part in facts.parts}
    train, gallery = parts['train'], parts['gallery']
    assert (train.pictures, train.persons) == (6 * 8 + 5, 8)
    assert (gallery.pictures, gallery.distractors, gallery.junk) == (4 * 6 + 3, 1, 1)
    assert sum(train.pictures_by_camera.values()) == train.pictures
    assert train.pictures_of_persons.tolist() == [9, 9, 8, 8, 8, 8, 2, 1]
    assert train.cameras_of_persons.tolist() == [2] * 6 + [1, 1]


def test_seldom_seen_persons_are_listed(facts):
    lists = {(one.kind, one.part): one for one in facts.seldom}
    one = lists['one picture', 'train']
    assert (one.found, [name(facts, i) for i in one.pictures]) == (
        1,
        ['train/7_1_0.png'],
    )
    one = lists['one camera', 'train']
    assert (one.found, one.numbers) == (1, (2,))
    assert lists['one picture', 'query, gallery'].found == 0


def test_the_same_picture_for_training_and_testing_is_found(facts):
    lists = {one.kind: one for one in facts.duplicates}
    pairs = {
        frozenset({name(facts, pair.first), name(facts, pair.second)}): pair
        for pair in lists['two persons'].pairs
    }
    pair = pairs[frozenset({'train/7_1_0.png', 'query/11_1_0.png'})]
    assert pair.bits <= 6
    assert pair.cosine > 0.99
    mixed = pairs[frozenset({'gallery/12_2_3.png', 'gallery/14_2_9.png'})]
    assert mixed.cosine > 0.99
    for one in lists.values():
        assert one.found >= len(one.pairs)
        bits = [65 if pair.bits is None else pair.bits for pair in one.pairs]
        assert bits == sorted(bits)


def test_pictures_of_one_hash_are_a_pair_only_in_like_colours(root):
    listed = gathering.list_pictures(check(root).data_sets[0])
    picture = draw(1, 1, 0)
    # The same luminance without its colours.
    grey = np.repeat(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    first, second, third = map(measure_picture, (picture, picture // 2 * 2, grey))
    assert (first.bits ^ third.bits).bit_count() <= 6
    measures = dict(zip(listed.path[[2, 5, 9]], (first, second, third), strict=True))
    assert pair_by_hash(listed, measures).pairs.tolist() == [[2, 5]]
    assert pair_by_hash(listed, {}).pairs.shape == (0, 2)


def test_wrong_labels_come_first_with_pictures_of_both_persons(facts):
    halves = {half.parts: half for half in facts.wrong_labels}
    for parts, wrong, suggestion in (
        (('train',), 'train/5_1_9.png', '3'),
        (('query', 'gallery'), 'gallery/14_2_9.png', '12'),
    ):
        first = halves[parts].suspects[0]
        assert (name(facts, first.picture), first.suggestion) == (wrong, suggestion)
        assert first.suggested
        own = {facts.pictures[i].person for i in first.own}
        others = {facts.pictures[i].person for i in first.others}
        assert own == {facts.pictures[first.picture].person}
        assert others == {suggestion}
        assert first.picture not in first.own
        assert min(first.other_cosines) > max(first.own_cosines)
        half = halves[parts]
        assert half.low <= half.estimate <= half.high
        assert half.sequences_low <= half.sequences_estimate <= half.sequences_high
    assert halves['train',].compared == 6 * 8 + 1 + 1 + 2
    assert 'Nothing tells whether the model was trained' in halves['train',].warnings[0]
    assert 'by tiny' in facts.embeddings
    assert len(facts.method) == 3


def test_quality_lists_are_ranked(facts):
    lists = {one.kind: one for one in facts.quality}
    assert [*lists] == ['blurred', 'tiny', 'dark', 'bright', 'odd shape', 'grey']
    blurred = lists['blurred']
    assert name(facts, blurred.pictures[0]) == 'train/1_1_8.png'
    assert blurred.found >= 1
    assert [*blurred.values] == sorted(blurred.values)
    assert lists['tiny'].found == 0


def test_without_vectors_it_is_said_what_is_missing(root):
    report = check(root)
    listed = gathering.list_pictures(report.data_sets[0])
    facts = gathering.gather_data_set(report, listed, largest=3)
    assert facts.wrong_labels == ()
    assert any('Without vectors' in text for text in facts.missing)
    assert max(len(one.pairs) for one in facts.duplicates) == 3
    assert max(len(one.pictures) for one in facts.quality) == 3


def test_a_table_of_suspects_is_corrected_and_taken_by_the_data_set(
    facts, root, tmp_path
):
    table = tmp_path / 'suspects.csv'
    count = gathering.write_suspects(facts, table)
    with table.open(newline='', encoding='utf-8') as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == count
    first = next(row for row in rows if row['part'] == 'train')
    assert first['path'] == 'train/5_1_9.png'
    assert (first['person'], first['suggestion'], first['correction']) == ('5', '3', '')
    first['correction'] = first['suggestion']
    with table.open('w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    dataset = ReIDDataset(data_root=root, pattern=PATTERN, corrections=table)
    records = map(dataset.get_data_info, range(len(dataset)))
    assert {r['person_id'] for r in records if r['img_path'].endswith('5_1_9.png')} == {
        3
    }
    report = check(root, corrections=str(table))
    listed = gathering.list_pictures(report.data_sets[0])
    again = gathering.gather_data_set(report, listed)
    assert 'train: 1 label corrected by suspects.csv' in again.corrections


def test_what_does_not_fit_is_refused(facts, root, features, tmp_path):
    with pytest.raises(ValueError, match=r'must be a \.csv file'):
        gathering.write_suspects(facts, tmp_path / 'a.txt')
    report = check(root)
    listed = gathering.list_pictures(report.data_sets[0])
    with pytest.raises(ValueError, match='largest must be at least 1'):
        gathering.gather_data_set(report, listed, largest=0)
    none = np.zeros(1, np.int64)
    save_features(
        features,
        Features(
            np.ones((1, 2), np.float32), none, none, none > 0, np.array(['a/b.png'])
        ),
    )
    with pytest.raises(ValueError, match='tells of none'):
        gathering.read_vectors(listed, features)


def test_pictures_without_vector_and_broken_ones_are_told(root, features):
    (root / 'train' / '2_1_0.png').write_bytes(b'no picture')
    (root / 'train' / '2_1_50.png').write_bytes((root / 'train/2_1_1.png').read_bytes())
    report = check(root)
    listed = gathering.list_pictures(report.data_sets[0])
    facts = gathering.gather_data_set(
        report, listed, gathering.read_vectors(listed, features)
    )
    assert any(
        '1 of 89 pictures have no vector (train)' in text for text in facts.missing
    )
    assert any('1 pictures cannot be read' in text for text in facts.missing)
    assert any('cannot be decoded' in text for text in facts.faults)


@pytest.mark.parametrize(
    ('shared_ids', 'expected'),
    [
        (
            True,
            ['two persons', 'two persons', 'one person', 'two persons', 'one person'],
        ),
        (
            False,
            [
                'two persons',
                'train and test',
                'one person',
                'two persons',
                'one person',
            ],
        ),
    ],
)
def test_a_pair_has_the_weightiest_kind_that_fits(shared_ids, expected):
    persons = np.array([1, 2, 3, 0, -1, 3])
    text = np.array([*'abcdef'], object)
    listed = gathering.ListedPictures(
        path=text,
        name=text,
        part=text,
        label=persons.astype(str).astype(object),
        person_id=persons,
        cam_id=persons,
        trained=np.array([True, True, False, False, False, False]),
        cameras=True,
        shared_ids=shared_ids,
    )
    pairs = np.array([(0, 1), (1, 2), (2, 5), (2, 3), (2, 4)])
    found = FoundPairs(pairs, np.zeros(5, int), '')
    shown = ShownPictures(listed)
    lists = list_duplicates(listed, [found, found], None, shown, 10)
    kinds = {
        ''.join(shown.pictures[i].name for i in (pair.first, pair.second)): pair.kind
        for one in lists
        for pair in one.pairs
    }
    assert [kinds[key] for key in ('ab', 'bc', 'cf', 'cd', 'ce')] == expected
    assert sum(one.found for one in lists) == 5
