"""Cameras at one place count as one in ranking."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmreid.datasets import ReIDDataset


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A query of one person at the door; answers at the door, the yard, the roof."""
    for name in range(5):
        cv2.imwrite(str(tmp_path / f'{name}.png'), np.zeros((4, 4, 3), np.uint8))
    rows = [('query', 'door'), ('gallery', 'door'), ('gallery', 'yard')]
    rows += [('gallery', 'roof'), ('train', 'yard')]
    with open(tmp_path / 'list.csv', 'w', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['path', 'person', 'camera', 'split'])
        writer.writerows(
            [f'{n}.png', 1, camera, split] for n, (split, camera) in enumerate(rows)
        )
    return tmp_path / 'list.csv'


def cameras(table: Path, **settings) -> list[int]:
    dataset = ReIDDataset(table=table, split='test', **settings)
    return [record['cam_id'] for record in dataset]


def test_they_have_one_number(table):
    door, door_too, yard, roof = cameras(table)
    assert door == door_too
    assert len({door, yard, roof}) == 3
    # The other numbers stay.
    assert cameras(table, same_place=[('door', 'yard')]) == [door, door, door, roof]
    assert cameras(table, same_place=[['yard', 'door']]) == [yard, yard, yard, roof]
    assert cameras(table, same_place=[('door', 'yard', 'roof')]) == [door] * 4


def test_results_tell_it(table):
    dataset = ReIDDataset(table=table, split='test', same_place=[('door', 'yard')])
    assert dataset.metainfo['version'] == '(cameras door = yard)'
    assert dataset.metainfo['num_cams'] == 2
    plain = ReIDDataset(table=table, split='test')
    assert plain.metainfo['version'] == ''


@pytest.mark.parametrize(
    ('places', 'text'),
    [
        (
            [('door', 'gate')],
            "names 'gate', but the cameras are 'door', 'roof', 'yard'",
        ),
        ([('door', 'yard'), ('yard', 'roof')], "names 'yard' more than once"),
        ([('door', 'door')], "names 'door' more than once"),
        (['door', 'yard'], 'a list of cameras for each place, such as'),
        ([2, 3], r'for each place, such as .*, got \[2, 3\]'),
    ],
)
def test_places_that_cannot_be(table, places, text):
    with pytest.raises(ValueError, match=text):
        ReIDDataset(table=table, split='test', same_place=places)


def test_numbers_are_the_same_in_any_spelling(tmp_path):
    folders = dict(query='1_c3.png', gallery='1_c02.png', train='2_c2.png')
    for folder, name in folders.items():
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / name), np.zeros((4, 4, 3), np.uint8))
    settings = dict(pattern=r'(?P<person>\d)_c(?P<camera>\d+)', split='test')
    dataset = ReIDDataset(tmp_path, same_place=[('2', 3)], **settings)
    assert [record['cam_id'] for record in dataset] == [2, 2]
