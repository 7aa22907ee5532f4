"""Planted faults: each is refused and called by its name; a faithful file passes.

A real network of random weights embeds drawn persons, whose colours it tells apart;
what stands for the file is the same network with a fault.
"""

import copy

import cv2
import numpy as np
import pytest
import torch

from mmreid.apis import init_model
from mmreid.deploy.gate import find_cause, judge
from mmreid.deploy.gate.causes.rounding import rounded
from mmreid.evaluation.test_set import Features

PERSONS, HEIGHT, WIDTH = 12, 96, 48


def draw(colours, rng):
    """A head, a coat and trousers before a wall, in the light of the day."""
    picture = np.full((HEIGHT, WIDTH, 3), rng.integers(60, 200, 3), np.float64)
    picture[8:24, 18:32] = (140, 160, 200)
    left = rng.integers(4, 14)  # nobody looks like the mirror image
    picture[24:58, left : left + 26] = colours[0]
    picture[58:92, left + 4 : left + 20] = colours[1]
    noisy = picture * rng.uniform(0.8, 1.2) + rng.normal(0, 8, picture.shape)
    return cv2.GaussianBlur(np.clip(noisy, 0, 255).astype(np.uint8), (3, 3), 0)


@pytest.fixture(scope='module')
def pictures_and_labels():
    """Five pictures of each person in two cameras; two are queries."""
    rng = np.random.default_rng(1)
    place = np.tile(np.arange(5), PERSONS)
    persons = np.repeat(np.arange(PERSONS), 5)
    colours = rng.integers(0, 256, (PERSONS, 2, 3))
    labels = Features(
        embedding=np.zeros((len(place), 0), np.float32),
        person_id=persons + 1,
        cam_id=place % 2,
        is_query=place < 2,
        img_path=np.full(len(place), ''),
    )
    return np.stack([draw(colours[person], rng) for person in persons]), labels


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    model = init_model('bot/bot_r18_synthmini.py')
    model.flip_test = True
    return model


def run(model, pictures, twice=False):
    preprocessor = model.data_preprocessor
    tensor = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2)
    inputs = preprocessor(dict(inputs=tensor))['inputs']
    if twice:
        inputs = (inputs - preprocessor.mean) / preprocessor.std
    return model(inputs).numpy()


@pytest.fixture(scope='module')
def exact(model, pictures_and_labels):
    return run(model, pictures_and_labels[0])


@pytest.fixture
def verdict(model, exact, pictures_and_labels):
    """Judge a file's vectors, and look for the mistake with every fifth picture."""

    def give(given, precision='float32', **options):
        pictures, labels = pictures_and_labels
        judgement = judge(exact, given, labels, precision=precision, **options)
        experiment = find_cause(model, pictures[::5], given[::5], precision=precision)
        return judgement.blame(experiment)

    return give


def test_a_faithful_copy_passes(exact, verdict, rng):
    noise = 1e-6 * rng.normal(size=exact.shape)
    judgement = verdict((exact * (1 + noise)).astype(np.float32))
    assert judgement.passed, judgement.explain()
    assert judgement.num_persons == 12
    assert judgement.num_queries == 24
    # It has something to lose.
    assert judgement.scores['network']['mAP'] > judgement.chance + 10
    assert judgement.suspects


def test_swapped_channels_are_refused(model, verdict, pictures_and_labels):
    judgement = verdict(run(model, pictures_and_labels[0][..., ::-1]))
    assert not judgement.passed
    assert judgement.cause == 'swapped channels'
    assert '--channels' in judgement.advice


def test_double_normalisation_is_refused(model, verdict, pictures_and_labels):
    judgement = verdict(run(model, pictures_and_labels[0], twice=True))
    assert not judgement.passed
    assert judgement.cause == 'normalised twice'


@pytest.mark.parametrize('precision', ['float32', 'bfloat16', 'int8'])
def test_a_missing_flip_is_refused(model, verdict, pictures_and_labels, precision):
    other = copy.deepcopy(model)
    other.flip_test = False
    # In int8 such a ranking may be within the tolerance, and it is refused still.
    judgement = verdict(run(other, pictures_and_labels[0]), precision, tolerance=5)
    assert not judgement.passed
    assert judgement.cause == 'flip averaging missing'


@pytest.mark.parametrize('precision', ['float32', 'int8'])
def test_a_constant_vector_is_refused(exact, verdict, precision):
    judgement = verdict(np.tile(exact[:1], (len(exact), 1)), precision)
    assert not judgement.passed
    assert judgement.cause == 'constant vectors'


def test_shifted_rows_are_refused(exact, verdict):
    judgement = verdict(np.roll(exact, 1, axis=0))
    assert not judgement.passed
    assert judgement.cause == 'order of rows'


def test_one_tensor_of_another_scale_is_refused(model, verdict, pictures_and_labels):
    """Int8 with a quarter of one layer's channels at eight times their size."""
    spoilt = rounded(model, 'int8')
    layer = next(m for m in spoilt.modules() if isinstance(m, torch.nn.Conv2d))
    layer.weight.data[: len(layer.weight) // 4] *= 8
    judgement = verdict(run(spoilt, pictures_and_labels[0]), 'int8')
    assert not judgement.passed
    assert judgement.cause == 'scale of a tensor', judgement.explain()


def test_the_last_tensor_of_another_scale_is_refused(exact, verdict):
    given = exact.copy()
    given[:, : exact.shape[1] // 4] *= 8
    judgement = verdict(given, 'int8')
    assert not judgement.passed
    assert judgement.cause == 'components scaled differently'


def test_int8_is_called_what_it_is(model, verdict, pictures_and_labels):
    given = run(rounded(model, 'int8'), pictures_and_labels[0])
    judgement = verdict(given, 'int8', tolerance=0.01)
    assert not judgement.passed
    assert judgement.cause in ('precision', 'wide interval')
    assert judgement.lowest_cosine > 0.99


def test_collapsed_vectors_are_refused(exact, verdict, rng):
    """What tells pictures apart is a hundredth of what it was."""
    mean = exact.mean(axis=0)
    given = mean + 0.01 * (exact - mean) + 1e-3 * rng.normal(size=exact.shape)
    judgement = verdict(given.astype(np.float32), 'int8')
    assert not judgement.passed
    assert judgement.cause == 'collapsed variance'
