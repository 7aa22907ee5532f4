"""The pictures that rankings are compared on: whose they are, and how many."""

import numpy as np
import pytest

from mmreid.apis.export.compared_pictures import load_pictures, turn
from mmreid.apis.export.finding_data import find_dataset


def test_a_folder_is_read_as_the_config_prepares_it(config, market):
    pictures = load_pictures(config, market)
    assert pictures.inputs.shape == (56, 64, 32, 3)
    assert pictures.total == 56
    assert pictures.labels.is_query.sum() == 28
    assert pictures.name == 'Market-1501'
    parts = np.concatenate([*pictures.batches(9)])
    assert np.array_equal(parts, pictures.inputs)
    assert np.array_equal(pictures.compute(lambda batch: batch), pictures.inputs)


def test_of_many_pictures_whole_persons_are_drawn(config, market):
    every, some = load_pictures(config, market), load_pictures(config, market, 44)
    assert 40 <= len(some.inputs) <= 44
    assert some.total == 56
    assert 'of its 56 pictures' in some.name
    drawn = np.isin(every.labels.img_path, some.labels.img_path)
    persons = every.labels.person_id
    assert not {*persons[drawn]} & {*persons[~drawn]}
    assert np.array_equal(every.inputs[drawn], some.inputs)
    again = load_pictures(config, market, 44)
    assert np.array_equal(again.inputs, some.inputs)


def test_a_table_names_pictures(config, market, tmp_path):
    rows = ['path,person,camera,split']
    for folder, split in (('query', 'query'), ('bounding_box_test', 'gallery')):
        for path in sorted((market / folder).iterdir()):
            person, camera = path.name[:4], path.name[6]
            rows.append(f'{path},{person},{camera},{split}')
    table = tmp_path / 'table.csv'
    table.write_text('\n'.join(rows))
    found, wanted = load_pictures(config, table), load_pictures(config, market)
    assert np.array_equal(found.inputs, wanted.inputs)
    assert np.array_equal(found.labels.is_query, wanted.labels.is_query)


def test_nothing_is_no_data(config, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"'synthreid-mini', got '.*none'"):
        find_dataset(config, tmp_path / 'none')


def test_a_folder_of_bare_pictures_is_told_what_is_wanted(config, tmp_path):
    (tmp_path / 'a.jpg').touch()
    with pytest.raises(FileNotFoundError, match=r'layout of .*, or a table \(path'):
        find_dataset(config, tmp_path)


def test_channels_are_turned_for_files_that_take_the_others():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 3), np.uint8)
    assert turn(pictures, 'bgr') is pictures
    turned = turn(pictures, 'rgb')
    assert np.array_equal(turned[..., 0], pictures[..., 2])
    assert turned.flags.c_contiguous
