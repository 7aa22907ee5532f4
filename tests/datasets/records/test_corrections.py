import csv
import shutil
from dataclasses import replace

import layouts
import numpy as np
import pytest

from mmreid import datasets
from mmreid.apis.evaluate.comparing.disagreements import find_disagreements
from mmreid.datasets import LTCC, Market1501, ReIDDataset
from mmreid.datasets.checking import check_datasets, find_splits
from mmreid.datasets.records.corrections import picture_name, read_corrections
from mmreid.evaluation.result import Result
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.stamp_words import describe_data
from mmreid.evaluation.test_set import TestSet

COLUMNS = ('path', 'part', 'person', 'suggestion', 'score', 'correction')
FIRST = 'bounding_box_train/0002_c1s1_000451_03.jpg'
ANSWER = 'bounding_box_test/0001_c2s1_000301_00.jpg'


def write(path, *rows):
    """Write a table as suspects are written: path, person, correction of each row."""
    with path.open('w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, person, correction in rows:
            writer.writerow([name, 'any', person, '9', '0.9', correction])
    return path


@pytest.fixture
def root(tmp_path):
    layouts.write(tmp_path / 'market', 'Market1501')
    return tmp_path / 'market'


def load(root, table, split='train', **options):
    return Market1501(
        data_root=root, split=split, check=False, corrections=table, **options
    )


def persons(dataset):
    records = map(dataset.get_data_info, range(len(dataset)))
    return {r['img_path'].rpartition('/')[2][:9]: r['person_id'] for r in records}


def test_a_label_is_corrected_and_the_version_tells(root, tmp_path):
    table = write(tmp_path / 'mine.csv', (FIRST, '2', '0007'), (ANSWER, '1', ''))
    plain, corrected = load(root, None), load(root, table)
    changed = {k: v for k, v in persons(corrected).items() if persons(plain)[k] != v}
    assert changed == {'0002_c1s1': 7}
    digest = read_corrections(table).digest
    told = f'(1 label corrected by mine.csv, {digest})'
    assert told in corrected.metainfo['version']
    assert 'corrected' not in plain.metainfo['version']
    assert corrected.metainfo['num_ids'] == plain.metainfo['num_ids']


def test_junk_is_not_trained_on_and_no_answer(root, tmp_path):
    table = write(tmp_path / 'a.csv', (FIRST, '2', 'junk'), (ANSWER, '1', 'Junk'))
    assert len(load(root, table)) == len(load(root, None)) - 1
    assert persons(load(root, table, 'test'))['0001_c2s1'] == -1


def test_both_splits_take_what_is_theirs_and_tell_one_digest(root, tmp_path):
    table = write(tmp_path / 'a.csv', (FIRST, '2', '7'), (ANSWER, '1', '10'))
    train, test = (load(root, table, split) for split in ('train', 'test'))
    digest = read_corrections(table).digest
    for dataset in (train, test):
        assert f'1 label corrected by a.csv, {digest}' in dataset.metainfo['version']
    assert persons(test)['0001_c2s1'] == 10


def test_a_second_table_corrects_what_the_first_has_left(root, tmp_path):
    first = write(tmp_path / 'a.csv', (FIRST, '2', '7'))
    second = write(tmp_path / 'b.csv', (FIRST, '7', '1500'))
    both = load(root, [first, second])
    assert persons(both)['0002_c1s1'] == 1500
    assert 'corrected by a.csv' in both.metainfo['version']
    assert 'corrected by b.csv' in both.metainfo['version']
    assert load(root, []).metainfo['version'] == load(root, None).metainfo['version']
    with pytest.raises(ValueError, match='labelled 7 to be corrected, but is 2'):
        load(root, second)


def test_the_digest_is_of_the_corrections_alone(tmp_path):
    rows = [('a.jpg', '1', '2'), ('b.jpg', '3', 'junk')]
    one = read_corrections(write(tmp_path / 'a.csv', *rows))
    again = read_corrections(
        write(tmp_path / 'b.csv', rows[1], ('./a.jpg', '01', '2.0'), ('c.jpg', '5', ''))
    )
    other = read_corrections(write(tmp_path / 'c.csv', rows[0]))
    assert one.digest == again.digest != other.digest
    assert again.file == 'b.csv'


def test_the_data_may_lie_elsewhere_and_what_is_corrected_stays(root, tmp_path):
    table = write(tmp_path / 'a.csv', (FIRST, '2', '7'))
    moved = tmp_path / 'far' / 'away'
    shutil.copytree(root, moved)
    assert persons(load(moved, table)) == persons(load(root, table))
    assert (
        load(moved, table).metainfo['version'] == load(root, table).metainfo['version']
    )


def test_the_stamp_names_the_corrections_and_a_comparison_warns(root, tmp_path):
    table = write(tmp_path / 'a.csv', (ANSWER, '1', '10'))
    vectors = np.eye(4, dtype=np.float32)
    test_set = TestSet.from_arrays(
        *(vectors[:2], vectors[2:]), *([1, 2], [1, 2]), *([1, 1], [2, 2])
    )
    results = {}
    for name, used in (('plain', None), ('corrected', table)):
        dataset = load(root, used, 'test')
        result = Result.of(test_set, RankingRules(), dataset.metainfo)
        results[name] = [replace(result, name=name)]
    stamp = results['corrected'][0].protocol
    assert '1 label corrected by a.csv' in describe_data(stamp)
    differing = find_disagreements(results)
    assert [*differing] == ['version']
    assert differing['version']['corrected'] == stamp['version']


@pytest.mark.parametrize(
    ('rows', 'message'),
    [
        ([('../a.csv', '1', '2')], 'made for other data'),
        ([('nowhere.jpg', '1', '2')], r'nowhere\.jpg.*made for other data'),
        ([(FIRST, '3', '7')], r'line 2.*labelled 3 to be corrected, but is 2'),
        ([(FIRST, '2', '8')], r'line 2.*person of the same split, or junk, got 8'),
        ([(FIRST, '2', '1')], 'person of the same split'),
        ([(FIRST, '2', '7'), (f'./{FIRST}', '2', '')], 'line 2 and in line 3'),
        ([(FIRST, '', '7')], 'no value for person'),
        ([('', '2', '7')], 'no value for path'),
    ],
)
def test_a_table_that_does_not_fit_is_refused(root, tmp_path, rows, message):
    table = write(tmp_path / 'a.csv', *rows)
    with pytest.raises(ValueError, match=message):
        load(root, table).full_init()


def test_a_table_without_the_column_or_that_is_not_there_is_refused(root, tmp_path):
    table = tmp_path / 'a.csv'
    with pytest.raises(FileNotFoundError):
        load(root, table)
    table.write_text(f'path,person\n{FIRST},2\n')
    with pytest.raises(ValueError, match=r"lacks \['correction'\].*--suspects"):
        load(root, table)


def test_persons_by_name_and_offsets_keep_their_labels(tmp_path):
    names = ('train/ann_1.png', 'train/ann_2.png', 'train/bob_1.png', 'train/0_1.png')
    for seed, name in enumerate(names):
        layouts.write_picture(tmp_path / name, seed)
    table = write(
        tmp_path / 'a.csv',
        ('train/ann_2.png', 'ann', 'bob'),
        ('train/0_1.png', 0, 'ann'),
    )
    dataset = ReIDDataset(
        data_root=tmp_path,
        pattern=r'(?P<person>\w+)_(?P<camera>\d)',
        person_offset=1,
        corrections=table,
    )
    by_name = persons(dataset)
    assert by_name['ann_2.png'] == by_name['bob_1.png']
    assert by_name['0_1.png'] == by_name['ann_1.png']


def test_where_clothes_are_labelled_only_junk_is_taken(tmp_path):
    layouts.write(tmp_path, 'LTCC')
    first = sorted((tmp_path / 'train').glob('0*.png'))[0]
    person = int(first.name[:3])
    other = next(
        int(p.name[:3])
        for p in (tmp_path / 'train').glob('*.png')
        if int(p.name[:3]) != person
    )
    name = f'train/{first.name}'
    with pytest.raises(ValueError, match='where clothes are labelled'):
        LTCC(
            data_root=tmp_path,
            check=False,
            corrections=write(tmp_path / 'a.csv', (name, person, other)),
        )
    junk = write(tmp_path / 'b.csv', (name, person, 'junk'))
    full = LTCC(data_root=tmp_path, check=False)
    assert len(LTCC(data_root=tmp_path, check=False, corrections=junk)) == len(full) - 1


@pytest.mark.parametrize('name', layouts.COUNTS)
def test_every_data_set_takes_corrections(name, tmp_path):
    layouts.write(tmp_path / 'data', name)
    kind = getattr(datasets, name)
    options = dict(data_root=tmp_path / 'data', check=False)
    plain = kind(**options)
    first = plain.get_data_info(0)
    place = picture_name(first['img_path'], plain.data_root)
    person = first['person_id'] - plain.person_offset
    table = write(tmp_path / 'a.csv', (place, person, 'junk'))
    corrected = kind(**options, corrections=table)
    assert len(corrected) == len(plain) - 1
    assert '1 label corrected by a.csv' in corrected.metainfo['version']


def test_a_check_of_corrected_labels_says_so(root, tmp_path):
    table = write(tmp_path / 'a.csv', (FIRST, '2', '7'))
    settings = dict(type='Market1501', data_root=str(root), corrections=str(table))
    report = check_datasets([find_splits(settings)])
    texts = [f.text for f in report.findings if f.kind == 'corrections']
    assert len(texts) == 1
    assert 'train: 1 label corrected by a.csv' in texts[0]
    broken = write(tmp_path / 'b.csv', (FIRST, '3', '7'))
    report = check_datasets([find_splits(dict(settings, corrections=str(broken)))])
    assert [f.kind for f in report.faults] == ['unreadable part']
    assert 'to be corrected' in report.faults[0].text
