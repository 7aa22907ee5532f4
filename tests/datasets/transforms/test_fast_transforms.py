"""The faster transforms give the library's pictures from the library's seeds."""

import mmcv.transforms
import mmpretrain.datasets.transforms
import numpy as np
import pytest
import torch
from mmcv.transforms import TransformBroadcaster

from mmreid.registry import TRANSFORMS

SIZE = (64, 32)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.config.getoption('--seed'))


def both(name: str, arguments: dict) -> list:
    library = mmcv.transforms if name == 'RandomFlip' else mmpretrain.datasets
    pair = [TRANSFORMS.build(dict(type=name, **arguments))]
    pair.append(getattr(library, name, None) or getattr(library.transforms, name))
    pair[1] = pair[1](**arguments)
    assert type(pair[0]) is not type(pair[1])
    return pair


def assert_same(name: str, arguments: dict, records: list[dict]) -> None:
    made = []
    for transform in both(name, arguments):
        np.random.seed(1)
        made.append([transform({**r, 'img': r['img'].copy()}) for r in records])
    for ours, theirs in zip(*made, strict=True):
        assert ours.keys() == theirs.keys()
        np.testing.assert_array_equal(ours['img'], theirs['img'])
        assert ours['img'].dtype == theirs['img'].dtype
        for key in ours.keys() - {'img'}:
            np.testing.assert_array_equal(ours[key], theirs[key])


COLOR = ('color', 'float', 'view')
CASES = [
    ('RandomFlip', dict(prob=0.5), (*COLOR, 'gray')),
    ('RandomFlip', dict(prob=0.0), COLOR),
    ('RandomFlip', dict(prob=1.0, direction='vertical'), COLOR),
    ('RandomFlip', dict(prob=[0.3, 0.4], direction=['horizontal', 'diagonal']), COLOR),
    ('RandomCrop', dict(crop_size=SIZE, padding=10), (*COLOR, 'gray')),
    ('RandomCrop', dict(crop_size=SIZE, padding=3, pad_val=7), COLOR),
    ('RandomCrop', dict(crop_size=SIZE, padding=(4, 9)), COLOR),
    ('RandomCrop', dict(crop_size=(80, 20), padding=2), (*COLOR, 'gray')),
    ('RandomCrop', dict(crop_size=(90, 40), pad_if_needed=True), COLOR),
    ('RandomCrop', dict(crop_size=20), (*COLOR, 'gray')),
    ('RandomErasing', dict(fill_color=(103.53, 116.28, 123.675)), COLOR),
    ('RandomErasing', dict(erase_prob=1.0, max_area_ratio=1.0), COLOR),
    ('RandomErasing', dict(min_area_ratio=0.0, max_area_ratio=1e-3), COLOR),
    ('RandomErasing', dict(mode='rand'), COLOR),
]


@pytest.mark.parametrize(
    ('name', 'arguments', 'kind'),
    [(name, arguments, kind) for name, arguments, kinds in CASES for kind in kinds],
)
def test_same_pictures_from_the_same_seed(
    name: str, arguments: dict, kind: str, rng: np.random.Generator
) -> None:
    shape = SIZE if kind == 'gray' else (*SIZE, 3)
    images = rng.integers(256, size=(50, *shape), dtype=np.uint8)
    if kind == 'float':
        images = images.astype(np.float32)
    if kind == 'view':
        images = images[:, ::-1, ::2]
    assert_same(name, arguments, [dict(img=image) for image in images])


def test_flip_still_moves_boxes(rng: np.random.Generator) -> None:
    boxes = np.array([[1.0, 2.0, 11.0, 22.0]])
    images = rng.integers(256, size=(20, *SIZE, 3), dtype=np.uint8)
    records = [dict(img=image, gt_bboxes=boxes) for image in images]
    assert_same('RandomFlip', dict(prob=0.5), records)


def test_random_parameters_can_still_be_shared(rng: np.random.Generator) -> None:
    """mmcv can treat several pictures alike, the two of a pair for instance."""
    image = rng.integers(256, size=(*SIZE, 3), dtype=np.uint8)
    steps = [
        dict(type='RandomFlip', prob=0.5),
        dict(type='RandomCrop', crop_size=SIZE, padding=10),
        dict(type='RandomErasing'),
    ]
    alike = TransformBroadcaster(
        [TRANSFORMS.build(step) for step in steps],
        mapping=dict(img=['a', 'b']),
        auto_remap=True,
        share_random_params=True,
    )
    for _ in range(10):
        results = alike(dict(a=image.copy(), b=image.copy()))
        np.testing.assert_array_equal(results['a'], results['b'])


@pytest.mark.parametrize('shape', [(*SIZE, 3), SIZE, (*SIZE, 4)])
@pytest.mark.parametrize('dtype', [np.uint8, np.float32])
def test_same_packing(
    shape: tuple, dtype: type, rng: np.random.Generator, tmp_path
) -> None:
    image = rng.integers(256, size=shape).astype(dtype)
    keys = ('sample_idx', 'img_path', 'missing')
    ours, theirs = both('PackInputs', dict(meta_keys=keys))
    for picture in (image, image[:, ::-1], image[3:50, 5:20]):
        record = dict(img=picture, gt_label=3, sample_idx=7, img_path='a.jpg')
        packed, expected = ours(dict(record)), theirs(dict(record))
        assert packed.keys() == expected.keys()
        assert torch.equal(packed['inputs'], expected['inputs'])
        assert packed['inputs'].dtype == expected['inputs'].dtype
        assert packed['inputs'].is_contiguous()
        assert type(packed['data_samples']) is type(expected['data_samples'])
        assert str(packed['data_samples'].metainfo) == str(
            expected['data_samples'].metainfo
        )
        assert torch.equal(
            packed['data_samples'].gt_label, expected['data_samples'].gt_label
        )


def test_a_packed_picture_is_a_copy(rng: np.random.Generator) -> None:
    image = rng.integers(256, size=(*SIZE, 3), dtype=np.uint8)
    packed = TRANSFORMS.build(dict(type='PackInputs'))(dict(img=image))
    before = packed['inputs'].clone()
    image[:] = 0
    assert torch.equal(packed['inputs'], before)
