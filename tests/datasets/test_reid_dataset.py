"""Records, labels, counts and errors of folders in Market-1501's layout."""

import os
import pickle
from pathlib import Path

import pytest

from mmreid.datasets import Market1501, ReIDDataset
from mmreid.registry import DATASETS

PACK = dict(
    type='mmpretrain.PackInputs',
    meta_keys=('sample_idx', 'img_path', 'person_id', 'cam_id', 'is_query'),
)


def records(dataset: ReIDDataset) -> list[dict]:
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def summary(dataset: ReIDDataset) -> list[tuple]:
    keys = ('person_id', 'cam_id', 'gt_label', 'is_query')
    return [
        (os.path.basename(r['img_path']), *(r[key] for key in keys))
        for r in records(dataset)
    ]


def test_train_records(market_root: Path) -> None:
    dataset = Market1501(market_root, check=False)
    assert summary(dataset) == [
        ('0002_c1s1_000451_03.jpg', 2, 1, 0, False),
        ('0002_c3s1_000551_01.jpg', 2, 3, 0, False),
        ('0007_c5s1_000076_01.jpg', 7, 5, 1, False),
        ('0311_c1s2_000301_02.jpg', 311, 1, 2, False),
        ('0311_c2s1_000401_02.jpg', 311, 2, 2, False),
        ('1500_c6s4_005176_00.jpg', 1500, 6, 3, False),
    ]
    first = dataset.get_data_info(0)
    assert set(first) == {
        *('img_path', 'gt_label', 'person_id', 'cam_id', 'is_query', 'sample_idx'),
        'time',
    }
    assert Path(first['img_path']).parent == market_root / 'bounding_box_train'
    assert not dataset.test_mode


def test_test_records_are_query_then_gallery(market_root: Path) -> None:
    dataset = Market1501(market_root, split='test', check=False)
    assert summary(dataset) == [
        ('0001_c1s1_001051_00.jpg', 1, 1, -1, True),
        ('0010_c2s1_000176_00.jpg', 10, 2, -1, True),
        ('-1_c3s3_000901_07.jpg', -1, 3, -1, False),
        ('0000_c1s1_000151_01.jpg', 0, 1, -1, False),
        ('0001_c2s1_000301_00.jpg', 1, 2, -1, False),
        ('0010_c1s1_000301_00.jpg', 10, 1, -1, False),
        ('0010_c4s2_000777_11.jpg', 10, 4, -1, False),
    ]
    assert dataset.test_mode


def test_metainfo_is_plain(market_root: Path) -> None:
    train = Market1501(market_root, check=False).metainfo
    assert train == dict(
        dataset='Market-1501',
        version='15.09.15 (counts not checked)',
        split='train',
        num_images=6,
        num_ids=4,
        num_cams=5,
        clock='camera',
    )
    test = Market1501(market_root, split='test', check=False).metainfo
    assert test['split'] == 'test'
    numbers = {key: test[key] for key in test if key.startswith('num_')}
    assert numbers == dict(
        num_images=7, num_ids=2, num_cams=4, num_query=2, num_gallery=5
    )


def test_metainfo_argument_is_no_file_name(
    market_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path('mine').write_text('a line')
    info = dict(dataset='mine', camera_model='x')
    dataset = Market1501(market_root, check=False, metainfo=info)
    assert dataset.metainfo['dataset'] == 'mine'
    assert dataset.metainfo['camera_model'] == 'x'
    assert Market1501.METAINFO['dataset'] == 'Market-1501'


def test_same_records_from_relative_root_and_home(
    market_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absolute = summary(Market1501(market_root, check=False))
    monkeypatch.chdir(market_root.parent)
    relative = Market1501(market_root.name, check=False)
    assert summary(relative) == absolute
    assert all(os.path.isfile(r['img_path']) for r in records(relative))
    monkeypatch.setenv('HOME', str(market_root.parent))
    assert summary(Market1501(f'~/{market_root.name}', check=False)) == absolute


def test_order_does_not_depend_on_the_file_system(
    market_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = summary(Market1501(market_root, split='test', check=False))
    scandir = os.scandir

    class Backwards:
        def __init__(self, folder: str) -> None:
            with scandir(folder) as entries:
                self.entries = sorted(entries, key=lambda e: e.name, reverse=True)

        def __enter__(self) -> list:
            return self.entries

        def __exit__(self, *args: object) -> None: ...

    monkeypatch.setattr('mmreid.datasets.reid_dataset.os.scandir', Backwards)
    assert summary(Market1501(market_root, split='test', check=False)) == expected


def test_items_pass_the_pipeline(market_root: Path) -> None:
    resize = dict(type='Resize', scale=(8, 16))
    pipeline = [dict(type='LoadImage'), resize, PACK]
    dataset = DATASETS.build(
        dict(
            type='Market1501',
            data_root=str(market_root),
            split='test',
            check=False,
            pipeline=pipeline,
        )
    )
    item = dataset[1]
    assert item['inputs'].shape == (3, 16, 8)
    sample = item['data_samples']
    assert (sample.person_id, sample.cam_id, sample.is_query) == (10, 2, True)
    assert sample.sample_idx == 1
    assert sample.img_path == str(market_root / 'query' / '0010_c2s1_000176_00.jpg')
    assert sample.gt_label.tolist() == [-1]


def test_pickled_and_lazy(market_root: Path) -> None:
    dataset = Market1501(market_root, check=False)
    assert records(pickle.loads(pickle.dumps(dataset))) == records(dataset)
    lazy = Market1501(market_root / 'missing', lazy_init=True)
    assert lazy.metainfo['split'] == 'train'
    with pytest.raises(FileNotFoundError):
        lazy.full_init()


# Counts


def test_manifest_overrides_name_and_counts(counted_root: Path) -> None:
    for split in ('train', 'test'):
        metainfo = Market1501(counted_root, split=split).metainfo
        assert metainfo['dataset'] == 'SynthReID-tiny'
        assert (metainfo['version'], metainfo['seed']) == ('1.0', 3)
    mine = Market1501(counted_root, metainfo=dict(dataset='mine')).metainfo
    assert (mine['dataset'], mine['version']) == ('mine', '1.0')


def test_frames_of_synthreid_are_no_times(counted_root: Path) -> None:
    dataset = Market1501(counted_root, split='test')
    assert not any('time' in record for record in records(dataset))
    assert 'clock' not in dataset.metainfo


class Tiny(Market1501):
    METAINFO: dict = dict(dataset='Tiny', version='7')
    COUNTS = dict(
        train=dict(images=8, ids=4, cams=6),
        query=dict(images=2, ids=2, cams=2),
        gallery=dict(images=5, ids=2, cams=4),
    )


def test_published_counts_that_fit_pass(market_root: Path) -> None:
    for split in ('train', 'test'):
        assert Tiny(market_root, split=split).metainfo['dataset'] == 'Tiny'


def test_published_counts_are_checked(market_root: Path) -> None:
    with pytest.raises(ValueError, match='expected 12,936 images') as caught:
        Market1501(market_root)
    message = str(caught.value)
    for fact in (
        '12,936 images, 751 identities, 6 cameras',
        'found 8 images, 4 identities, 6 cameras',
        repr(str(market_root / 'bounding_box_train')),
        'https://zheng-lab-anu.github.io/Project/project_reid.html',
        'check=False',
        '--cfg-options train_dataloader.dataset.check=False',
    ):
        assert fact in message


def test_every_wrong_folder_of_a_split_is_named(market_root: Path) -> None:
    with pytest.raises(ValueError, match='expected 3,368 images') as caught:
        Market1501(market_root, split='test')
    message = str(caught.value)
    assert 'expected 19,732 images, 750 identities' in message
    assert 'found 5 images, 2 identities' in message


@pytest.mark.parametrize('part', ['train', 'query', 'gallery'])
@pytest.mark.parametrize('key', ['images', 'ids', 'cams'])
def test_each_count_matters(
    market_root: Path, part: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {**Tiny.COUNTS[part], key: 77}
    monkeypatch.setattr(Tiny, 'COUNTS', {**Tiny.COUNTS, part: wrong})
    bad, good = ('train', 'test') if part == 'train' else ('test', 'train')
    with pytest.raises(ValueError, match=r'expected .*\b77 '):
        Tiny(market_root, split=bad)
    Tiny(market_root, split=good)
    Tiny(market_root, split=bad, check=False)


def test_surplus_picture_is_found(counted_root: Path) -> None:
    folder = counted_root / 'query'
    original = folder / '0001_c1s1_001051_00.jpg'
    (folder / '0001_c1s1_001051_01.jpg').write_bytes(original.read_bytes())
    Market1501(counted_root)
    with pytest.raises(ValueError, match='expected 2 images, found 3 images'):
        Market1501(counted_root, split='test')


# Errors


def test_missing_folder(market_root: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Market1501(market_root.parent, split='test', check=False)
    message = str(caught.value)
    assert repr(str(market_root.parent / 'query')) in message
    assert "holds 'Märkt 市场'" in message
    assert 'https://' in message


def test_missing_root_names_the_given_source(tmp_path: Path) -> None:
    command = 'run python -m mmreid synthreid'
    with pytest.raises(FileNotFoundError, match='does not exist') as caught:
        Market1501(tmp_path / 'synthreid', source=command)
    assert command in str(caught.value)
    assert 'zheng-lab' not in str(caught.value)


@pytest.mark.parametrize('check', [True, False])
def test_unparsable_names_are_listed(counted_root: Path, check: bool) -> None:
    folder = counted_root / 'bounding_box_test'
    for number in range(7):
        (folder / f'holiday {number}.JPG').write_bytes(b'')
    with pytest.raises(ValueError, match=r'names of 7 of 12 pictures') as caught:
        Market1501(counted_root, split='test', check=check)
    message = str(caught.value)
    assert repr(str(folder)) in message
    assert "'holiday 0.JPG'" in message
    assert "'holiday 4.JPG', ..." in message
    assert "'holiday 5.JPG'" not in message


@pytest.mark.parametrize(
    'name', ['0002_c1s1_000451_03 (1).jpg', '0002_c1s1_000451.jpg', '2_c1.jpg']
)
def test_the_whole_name_must_fit(market_root: Path, name: str) -> None:
    (market_root / 'query' / name).write_bytes(b'')
    with pytest.raises(ValueError, match='do not fit the pattern'):
        Market1501(market_root, split='test', check=False)


def test_folder_named_like_a_picture_is_ignored(counted_root: Path) -> None:
    (counted_root / 'query' / 'old.jpg').mkdir()
    Market1501(counted_root, split='test')


def test_empty_folder(market_root: Path) -> None:
    for path in (market_root / 'query').glob('*.jpg'):
        if not path.name.startswith('.'):
            path.unlink()
    with pytest.raises(ValueError, match=r"No picture in '.*query'"):
        Market1501(market_root, split='test', check=False)


def test_nobody_to_train_on(market_root: Path) -> None:
    for path in (market_root / 'bounding_box_train').glob('[01][0-9]*.jpg'):
        if not path.name.startswith('0000'):
            path.unlink()
    with pytest.raises(ValueError, match='nobody to train on in 2 pictures'):
        Market1501(market_root, check=False)


@pytest.mark.parametrize('text', ['{"name": "app", "version": 2}', '[1]'])
def test_manifest_of_something_else(market_root: Path, text: str) -> None:
    (market_root / 'manifest.json').write_text(text)
    assert Tiny(market_root).metainfo['version'] == '7'
    with pytest.raises(ValueError, match='expected 12,936'):
        Market1501(market_root)


def test_broken_manifest_is_named(counted_root: Path) -> None:
    (counted_root / 'manifest.json').write_text('{"counts": ')
    with pytest.raises(ValueError, match=r'manifest\.json'):
        Market1501(counted_root)


# One's own pictures


def test_own_folders_and_pattern(market_root: Path) -> None:
    folder = market_root / 'lobby'
    folder.mkdir()
    picture = (market_root / 'query' / '0001_c1s1_001051_00.jpg').read_bytes()
    for name in ('cam07-person12-3.png', 'cam2-person5-11.jpeg', 'cam2-person12-1.jpg'):
        (folder / name).write_bytes(picture)
    dataset = ReIDDataset(
        market_root,
        pattern=r'cam(?P<camera>\d+)-person(?P<person>\d+)-(?P<frame>\d+)',
        folders=dict(train='lobby'),
    )
    assert summary(dataset) == [
        ('cam07-person12-3.png', 12, 7, 1, False),
        ('cam2-person12-1.jpg', 12, 2, 1, False),
        ('cam2-person5-11.jpeg', 5, 2, 0, False),
    ]
    assert dataset.metainfo['num_ids'] == 2


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(split='val'), "split must be one of .* got 'val'"),
        (dict(pattern=r'(?P<camera>\d+)'), 'pattern must have the group'),
        (dict(cache='disk'), "cache must be one of .* got 'disk'"),
        (dict(pattern=r'(?P<person>'), 'pattern must be a regular expression'),
        (dict(folders=dict(probe='x')), r"folders may name .* got \['probe'\]"),
    ],
)
def test_wrong_arguments(market_root: Path, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Market1501(market_root, **arguments)


@pytest.mark.slow
def test_the_published_counts_load(tmp_path: Path) -> None:
    """36,036 empty files with the counts of the real data set."""

    def fill(folder: str, persons: list[int], images: int) -> None:
        (tmp_path / folder).mkdir()
        for i in range(images):
            name = f'{persons[i % len(persons)]:04d}_c{i % 6 + 1}s1_{i:06d}_00.jpg'
            (tmp_path / folder / name).touch()

    fill('bounding_box_train', list(range(2, 1503, 2))[:751], 12936)
    fill('query', list(range(1, 1500, 2)), 3368)
    fill('bounding_box_test', [0, *range(1, 1500, 2)], 19732)
    train, test = (Market1501(tmp_path, split=split) for split in ('train', 'test'))
    assert (len(train), len(test)) == (12936, 23100)
    assert train.metainfo['num_ids'] == 751
