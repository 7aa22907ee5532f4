"""Pictures are read once, shared by all workers, and the same as from the files."""

import copy
import pickle
import shutil
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.dataset import default_collate
from mmengine.logging import MMLogger
from torch.utils.data import DataLoader

from mmreid.datasets import LoadImage, Market1501
from mmreid.datasets.loading import free_memory, picture_cache
from mmreid.datasets.loading.picture_cache import PictureCache

PIPELINE = [
    dict(type='LoadImage'),
    dict(type='RandomErasing', erase_prob=1.0),  # writes into the picture
    dict(type='PackInputs', meta_keys=('img_path', 'sample_idx')),
]
KINDS = ('ram', 'ram-decoded')


def make(root: Path, cache: str | None, **arguments: object) -> Market1501:
    settings = dict(split='test', check=False, pipeline=PIPELINE, cache=cache)
    return Market1501(root, **{**settings, **arguments})


def items(dataset: Market1501) -> torch.Tensor:
    np.random.seed(3)
    return torch.stack([dataset[i]['inputs'] for i in range(len(dataset))])


@pytest.mark.parametrize('cache', KINDS)
def test_pictures_are_those_of_the_files(market_root: Path, cache: str) -> None:
    plain = make(market_root, None)
    expected = items(plain)
    dataset = make(market_root, cache)
    shutil.rmtree(market_root)
    for _ in range(2):  # what one pass writes into its pictures, the next does not see
        assert torch.equal(items(dataset), expected)
    with pytest.raises(FileNotFoundError):
        items(plain)


def test_a_picture_without_augmentation(market_root: Path) -> None:
    path = str(market_root / 'query' / '0001_c1s1_001051_00.jpg')
    original = cv2.imread(path)
    for decoded in (False, True):
        record = dict(img_path=path)
        PictureCache([path, path], LoadImage(), decoded=decoded).put_into(record)
        results = LoadImage(to_float32=True)(record)
        assert results['img'].dtype == np.float32
        np.testing.assert_array_equal(results['img'], original)
        assert results['img_shape'] == results['ori_shape'] == (128, 64)
        assert 'img_bytes' not in results


@pytest.mark.parametrize(
    ('method', 'cache'),
    [
        ('fork', 'ram'),
        ('fork', 'ram-decoded'),
        pytest.param('spawn', 'ram', marks=pytest.mark.slow),  # starts python twice
    ],
)
def test_workers_share_it_and_need_no_files(
    market_root: Path, method: str, cache: str
) -> None:
    plain = [dict(type='LoadImage'), PIPELINE[-1]]
    expected = items(make(market_root, None, pipeline=plain))
    dataset = make(market_root, cache, pipeline=plain)
    shutil.rmtree(market_root)
    loader = DataLoader(
        dataset,
        batch_size=2,
        num_workers=2,
        persistent_workers=True,
        collate_fn=default_collate,
        multiprocessing_context=method,
    )
    for _ in range(2):
        pictures = torch.cat([batch['inputs'] for batch in loader])
        assert torch.equal(pictures, expected)


@pytest.mark.parametrize('decoded', [False, True])
def test_memory_is_shared_not_sent(tmp_path: Path, decoded: bool) -> None:
    paths = [str(tmp_path / f'{number}.png') for number in range(6)]
    rng = np.random.default_rng(0)
    for path in paths:
        cv2.imwrite(path, rng.integers(256, size=(200, 100, 3), dtype=np.uint8))
    cache = PictureCache(paths, LoadImage(), decoded=decoded)
    size = sum(Path(path).stat().st_size for path in paths)
    assert cache.nbytes == (6 * 200 * 100 * 3 if decoded else size)
    assert all(block.is_shared() for block in cache.blocks)
    assert len(ForkingPickler.dumps(cache)) < cache.nbytes / 50
    sent = pickle.loads(ForkingPickler.dumps(cache))  # what a spawned worker gets
    cache.blocks[0][:9] ^= 1
    assert torch.equal(sent.blocks[0], cache.blocks[0])
    assert copy.deepcopy(cache) is cache
    alone = pickle.loads(pickle.dumps(cache))  # for a process that cannot share
    records = [dict(img_path=paths[4]), dict(img_path=paths[4])]
    for record, one in zip(records, (cache, alone), strict=True):
        one.put_into(record)
    key = 'img' if decoded else 'img_bytes'
    np.testing.assert_array_equal(records[0][key], records[1][key])


@pytest.mark.parametrize('decoded', [False, True])
def test_many_blocks(
    tmp_path: Path, decoded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_cache, 'BLOCK', 5000)
    rng = np.random.default_rng(0)
    pictures = {}
    for number in range(40):
        size = (*rng.integers(1, 60, 2), 3)
        pictures[str(tmp_path / f'{number}.png')] = rng.integers(256, size=size)
    for path, picture in pictures.items():
        cv2.imwrite(path, picture.astype(np.uint8))
    cache = PictureCache([*pictures], LoadImage(), decoded=decoded)
    assert len(cache) == 40
    assert len(cache.blocks) > 5
    for path, picture in pictures.items():
        record = dict(img_path=path)
        cache.put_into(record)
        np.testing.assert_array_equal(LoadImage()(record)['img'], picture)


def test_a_subset_keeps_its_pictures(market_root: Path) -> None:
    dataset = make(market_root, 'ram', pipeline=PIPELINE[::2])
    whole = items(dataset)
    first = make(market_root, 'ram', pipeline=PIPELINE[::2], indices=2)
    assert len(first.pictures) == 2
    shutil.rmtree(market_root)
    subset = dataset.get_subset([3, 1])
    assert subset.pictures is dataset.pictures
    assert torch.equal(items(subset), whole[[3, 1]])
    assert torch.equal(items(first), whole[:2])


def test_gray_pictures(market_root: Path) -> None:
    load = dict(type='LoadImage', color_type='grayscale')
    plain, cached = (
        make(market_root, cache, pipeline=[load, PIPELINE[-1]])
        for cache in (None, 'ram-decoded')
    )
    assert torch.equal(items(cached), items(plain))


@pytest.mark.parametrize('cache', KINDS)
def test_damaged_picture_is_named(market_root: Path, cache: str) -> None:
    path = market_root / 'bounding_box_test' / '0010_c4s2_000777_11.jpg'
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(OSError, match=r'Cannot read image .*0010_c4s2_000777_11'):
        items(make(market_root, cache))


@pytest.mark.parametrize('cache', KINDS)
def test_missing_picture_is_named(tmp_path: Path, cache: str) -> None:
    with pytest.raises(FileNotFoundError, match='nowhere'):
        PictureCache([str(tmp_path / 'nowhere.jpg')], LoadImage(), cache == KINDS[1])


def test_too_little_memory(tmp_path: Path) -> None:
    paths = [str(tmp_path / f'{number}.png') for number in range(10)]
    for path in paths:
        cv2.imwrite(path, np.zeros((512, 512, 3), np.uint8))
    with pytest.raises(MemoryError, match=r"10 decoded .* 8 MiB.* 4 MiB .*cache='ram'"):
        PictureCache(paths, LoadImage(), decoded=True, room=lambda: 4 * 2**20)
    PictureCache(paths, LoadImage(), decoded=True, room=lambda: 10 * 512**2 * 3)
    with pytest.raises(MemoryError, match=r'10 files .* use cache=None'):
        PictureCache(paths, LoadImage(), room=lambda: 1000)


def test_too_little_memory_is_noticed_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_cache, 'BLOCK', 10**5)
    path = tmp_path / '0.png'
    cv2.imwrite(str(path), np.zeros((200, 200, 3), np.uint8))
    paths = [str(path)] + [str(tmp_path / f'{n}.png') for n in range(1, 20)]
    for other in paths[1:]:
        shutil.copy(path, other)
    asked: list[int] = []

    def room() -> int:
        asked.append(0)
        return 10**6

    with pytest.raises(MemoryError, match='20 decoded'):
        PictureCache(paths, LoadImage(), decoded=True, room=room)
    assert len(asked) == 1


def test_memory_in_use_is_told(
    market_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    with caplog.at_level('INFO', logger=logger.name):
        make(market_root, 'ram-decoded')
    logger.removeHandler(caplog.handler)
    assert "cache='ram-decoded': 7 pictures take 0.2 MiB" in caplog.text


def test_a_pipeline_that_reads_files_is_refused(market_root: Path) -> None:
    with pytest.raises(ValueError, match='LoadImageFromFile'):
        make(market_root, 'ram', pipeline=[dict(type='LoadImageFromFile')])


def test_deep_pictures_are_not_cut_to_eight_bits(tmp_path: Path) -> None:
    path = str(tmp_path / 'deep.png')
    cv2.imwrite(path, np.full((4, 4, 3), 1000, np.uint16))
    with pytest.raises(ValueError, match='8 bits'):
        PictureCache([path], LoadImage(color_type='unchanged'), decoded=True)


def test_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    before = free_memory.free_memory()
    assert 2**20 < before < 2**63
    monkeypatch.setenv('LOCAL_WORLD_SIZE', '8')
    assert free_memory.free_memory() < before / 4


@pytest.mark.parametrize('version', [1, 2])
def test_limit_of_a_control_group(tmp_path: Path, version: int) -> None:
    names = free_memory.VERSIONS[version]
    assert free_memory._of_group(tmp_path, *names) is None
    (tmp_path / names[0]).write_text('5000\n')
    (tmp_path / names[1]).write_text('1000\n')
    (tmp_path / 'memory.stat').write_text(f'anon 800\n{names[2]} 200\n')
    assert free_memory._of_group(tmp_path, *names) == 4200
    (tmp_path / names[0]).write_text('max\n')
    assert free_memory._of_group(tmp_path, *names) is None
