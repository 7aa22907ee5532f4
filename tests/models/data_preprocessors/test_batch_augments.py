"""A batch is augmented as the pipeline augments single pictures, in distribution."""

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from scipy.stats import binomtest, ks_2samp

from mmreid.models.data_preprocessors import BatchRandomErasing, BatchRandomFlip
from mmreid.registry import TRANSFORMS

NUMBER = 4000
MEAN_BGR = (103.53, 116.28, 123.675)
ERASING = dict(
    erase_prob=0.5,
    min_area_ratio=0.02,
    max_area_ratio=0.4,
    aspect_range=(0.3, 3.33),
    fill_color=MEAN_BGR,
)
# True draws fail with this probability, should another seed be tried.
RARE = 1e-6


def one_by_one(pictures: torch.Tensor, **config: object) -> np.ndarray:
    """What the pipeline's transform makes of pictures ``(N, 3, H, W)``."""
    with DefaultScope.overwrite_default_scope('mmreid'):
        transform = TRANSFORMS.build(config)
    arrays = pictures.permute(0, 2, 3, 1).numpy()
    made = [transform(dict(img=array.copy()))['img'] for array in arrays]
    return np.stack(made).transpose(0, 3, 1, 2)


def rectangles(changed: np.ndarray) -> np.ndarray:
    """Top, left, height, width of what changed in each ``(H, W)``; NaN for nothing."""
    found = []
    for mask in changed:
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        if len(rows):
            top, left = rows[0], columns[0]
            found.append((top, left, rows[-1] + 1 - top, columns[-1] + 1 - left))
            whole = mask[top : rows[-1] + 1, left : columns[-1] + 1]
            assert whole.all(), 'not a rectangle'
        else:
            found.append((np.nan,) * 4)
    return np.array(found, float)


def assert_same_distribution(ours: np.ndarray, theirs: np.ndarray) -> None:
    assert ks_2samp(ours, theirs).pvalue > RARE


@pytest.mark.parametrize('size', [(32, 16), (7, 40)])
@pytest.mark.parametrize('dtype', [torch.uint8, torch.float32])
def test_erasing_has_the_pipelines_distribution(size, dtype):
    pictures = torch.randint(130, 256, (NUMBER, 3, *size), dtype=torch.uint8)
    batch = BatchRandomErasing(**ERASING)(pictures.to(dtype))
    assert batch.dtype == dtype
    single = one_by_one(pictures, type='RandomErasing', **ERASING)
    boxes = []
    for made in (batch.numpy(), single):
        changed = made != pictures.numpy()
        assert (changed[:, 0] == changed[:, 1]).all()
        colour = made.transpose(1, 0, 2, 3)[:, changed[:, 0]]
        assert (colour == np.array([103, 116, 123])[:, None]).all()
        boxes.append(rectangles(changed[:, 0]))
    erased = [~np.isnan(box[:, 0]) for box in boxes]
    for chosen in erased:
        assert binomtest(int(chosen.sum()), NUMBER, 0.5).pvalue > RARE
    ours, theirs = (box[chosen].T for box, chosen in zip(boxes, erased, strict=True))
    for mine, other in zip(ours, theirs, strict=True):
        assert_same_distribution(mine, other)
        spread = other.std() + 1e-9
        assert abs(mine.mean() - other.mean()) < 6 * spread * (4 / NUMBER) ** 0.5
    assert_same_distribution(ours[2] * ours[3], theirs[2] * theirs[3])
    assert_same_distribution(ours[2] / ours[3], theirs[2] / theirs[3])
    # Where there is room, a place is any but the last.
    free = [np.array(size)[:, None] - box[2:] for box in (ours, theirs)]
    shares = [
        box[:2] / np.maximum(f, 1) for box, f in zip((ours, theirs), free, strict=True)
    ]
    for mine, other in zip(*shares, strict=True):
        assert_same_distribution(mine, other)
        assert max(mine.max(), other.max()) < 1


def test_erased_pictures_and_their_rectangles_are_drawn_independently():
    erasing = BatchRandomErasing(**ERASING)
    pictures = torch.full((NUMBER, 3, 32, 16), 200, dtype=torch.uint8)
    first, second = (rectangles((erasing(pictures) != 200)[:, 0].numpy()) for _ in '12')
    both = ~np.isnan(first[:, 0]) & ~np.isnan(second[:, 0])
    assert binomtest(int(both.sum()), NUMBER, 0.25).pvalue > RARE
    for column in range(4):
        pair = first[both, column], second[both, column]
        assert abs(np.corrcoef(*pair)[0, 1]) < 6 / both.sum() ** 0.5
        neighbours = pair[0][:-1], pair[0][1:]
        assert abs(np.corrcoef(*neighbours)[0, 1]) < 6 / both.sum() ** 0.5


@pytest.mark.parametrize('std', [None, (40.0, 30.0, 20.0)])
def test_noise_has_the_pipelines_distribution(std):
    options = dict(ERASING, mode='rand', fill_std=std, erase_prob=1.0)
    pictures = torch.zeros(60, 3, 24, 24, dtype=torch.uint8)
    batch = BatchRandomErasing(**options)(pictures).numpy()
    single = one_by_one(pictures, type='RandomErasing', **options)
    for channel in range(3):
        mine, other = (
            made[:, channel][made[:, channel] > 0] for made in (batch, single)
        )
        assert_same_distribution(mine[:2000], other[:2000])
        assert mine.max() <= 255
    patches = batch[0][:, batch[0].any(0)]
    assert len(np.unique(patches)) > 10, 'every pixel has noise of its own'


def test_flipping_has_the_pipelines_distribution():
    pictures = torch.arange(NUMBER * 12, dtype=torch.float32).view(NUMBER, 3, 2, 2)
    made = BatchRandomFlip(0.3)(pictures)
    mirrored = (made == pictures.flip(3)).flatten(1).all(1)
    assert ((made == pictures).flatten(1).all(1) ^ mirrored).all()
    assert binomtest(int(mirrored.sum()), NUMBER, 0.3).pvalue > RARE
    assert torch.equal(BatchRandomFlip(0.0)(pictures), pictures)
    assert torch.equal(BatchRandomFlip(1.0)(pictures), pictures.flip(3))


@pytest.mark.parametrize(
    'augment',
    [BatchRandomFlip(), BatchRandomErasing(), BatchRandomErasing(mode='rand')],
)
def test_the_same_seed_gives_the_same_pictures(augment):
    pictures = torch.randint(256, (16, 3, 8, 8), dtype=torch.uint8)
    kept = pictures.clone()
    made = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        made.append(augment(pictures))
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])
    assert torch.equal(pictures, kept), 'the input is left as it is'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(erase_prob=1.5), 'erase_prob must lie in'),
        (dict(min_area_ratio=0.5, max_area_ratio=0.4), '0.5 and 0.4'),
        (dict(aspect_range=(3.0, 0.3)), 'the smaller one first'),
        (dict(mode='noise'), "'noise'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        BatchRandomErasing(**arguments)


def test_a_wrong_probability_to_flip_is_refused():
    with pytest.raises(ValueError, match='prob must lie in'):
        BatchRandomFlip(-0.1)


def test_one_aspect_means_its_inverse_too():
    assert BatchRandomErasing(aspect_range=3.0).aspect_range == (1 / 3.0, 3.0)
    assert BatchRandomErasing(aspect_range=0.3).aspect_range == (0.3, 1 / 0.3)
