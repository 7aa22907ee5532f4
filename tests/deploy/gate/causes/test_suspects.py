"""Mistakes that a file makes, found by a real network that makes them, too."""

import copy

import cv2
import numpy as np
import pytest
import torch

from mmreid.apis import init_model
from mmreid.deploy.gate import find_cause
from mmreid.deploy.gate.causes import ADVICE
from mmreid.deploy.gate.causes.preparations import FAITHFUL

HEIGHT, WIDTH = 64, 32
# Of the configs, in red-green-blue.
MEAN, STD = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])


@pytest.fixture(scope='module')
def pictures():
    """Pictures as OpenCV reads them, smooth and in colours."""
    rng = np.random.default_rng(5)
    small = rng.integers(0, 256, (8, 8, 4, 3), np.uint8)
    return np.stack([cv2.resize(picture, (WIDTH, HEIGHT)) for picture in small])


def make_model(config):
    torch.manual_seed(0)
    return init_model(config)


@pytest.fixture(scope='module')
def model():
    return make_model('bot/bot_r18_synthmini.py')


@pytest.fixture(scope='module')
def unit_model():
    """Its vectors have the length 1 and are averaged over mirror images."""
    model = make_model('bot/bot_r18_synthmini.py')
    model.flip_test, model.head.normalize = True, 'whole'
    return model


def run(model, inputs):
    """Vectors of pictures (N, H, W, 3) that are prepared, in red-green-blue."""
    tensor = torch.from_numpy(np.ascontiguousarray(inputs, np.float32))
    return model(tensor.permute(0, 3, 1, 2)).numpy()


def normalised(pictures):
    return (pictures[..., ::-1] - MEAN) / STD


# What a file computes of pictures in blue-green-red that it does not treat rightly.
MISTAKES = {
    'swapped channels': lambda x: (x - MEAN) / STD,
    'normalised twice': lambda x: (normalised(x) - MEAN) / STD,
    'not normalised': lambda x: x[..., ::-1],
    'divided by 255 only': lambda x: x[..., ::-1] / 255,
    'divided by 255 before normalising': lambda x: normalised(x / 255),
    'mean and deviation of swapped channels': lambda x: (
        (x[..., ::-1] - MEAN[::-1]) / STD[::-1]
    ),
    'mirrored pictures': lambda x: normalised(x)[:, :, ::-1],
    'height and width interchanged': lambda x: normalised(x).transpose(0, 2, 1, 3),
    'axes reshaped in place of transposed': lambda x: normalised(
        x.reshape(-1, 3, HEIGHT, WIDTH).transpose(0, 2, 3, 1)
    ),
}
# The same in other ways.
OTHER_WAYS = [
    ('normalised twice', lambda x: (normalised(x)[..., ::-1] - MEAN) / STD),
    (
        'height and width interchanged',
        lambda x: normalised(x.transpose(0, 2, 1, 3).reshape(x.shape)),
    ),
    (
        'height and width interchanged',
        lambda x: normalised(x.reshape(-1, WIDTH, HEIGHT, 3)),
    ),
]


def test_a_faithful_file_makes_no_mistake(model, pictures, rng):
    given = run(model, normalised(pictures))
    given = given * (1 + 1e-6 * rng.normal(size=given.shape))
    experiment = find_cause(model, pictures, given)
    assert experiment.cause is None
    assert experiment.impossible == {}
    assert experiment.excess is None
    assert experiment.matches[FAITHFUL].lowest > 0.99999
    assert experiment.matches[FAITHFUL].error < 1e-5
    assert set(experiment.matches) - {FAITHFUL} <= set(ADVICE)


@pytest.mark.parametrize(('cause', 'way'), [*MISTAKES.items(), *OTHER_WAYS])
def test_mistakes_of_preparation_are_found(model, pictures, cause, way):
    given = run(model, way(pictures))
    experiment = find_cause(model, pictures, given)
    assert experiment.cause == cause
    match = experiment.matches[cause]
    assert match.lowest > 0.9999
    others = set(experiment.matches) - {cause}
    assert 2 * match.error < min(experiment.matches[name].error for name in others)


@pytest.mark.parametrize(
    'cause', ['swapped channels', 'normalised twice', 'not normalised']
)
def test_they_are_found_where_mirror_images_are_averaged(unit_model, pictures, cause):
    given = run(unit_model, MISTAKES[cause](pictures))
    assert find_cause(unit_model, pictures, given).cause == cause


@pytest.mark.parametrize('cause', ['swapped channels', 'mirrored pictures'])
def test_they_are_found_in_a_file_that_takes_rgb(model, pictures, cause):
    given = run(model, MISTAKES[cause](pictures))
    taken = pictures[..., ::-1]
    assert find_cause(model, taken, given, channels='rgb').cause == cause
    right = run(model, normalised(pictures))
    assert find_cause(model, taken, right, channels='rgb').cause is None
    assert find_cause(model, taken, right).cause == 'swapped channels'


def test_a_missing_flip_and_one_too_many_are_found(model, unit_model, pictures):
    for network, cause in (
        (model, 'flip averaging extra'),
        (unit_model, 'flip averaging missing'),
    ):
        other = copy.deepcopy(network)
        other.flip_test = not network.flip_test
        given = run(other, normalised(pictures))
        assert find_cause(network, pictures, given).cause == cause


@pytest.mark.parametrize('normalize', ['whole', 'branch', 'part'])
def test_an_l2_normalisation_too_many_is_found(model, pictures, normalize):
    given = run(model, normalised(pictures))
    given /= np.linalg.norm(given, axis=1, keepdims=True)
    assert find_cause(model, pictures, given).cause == 'L2 normalisation extra'
    other = copy.deepcopy(model)
    other.head.normalize = normalize
    missing = find_cause(other, pictures, run(model, normalised(pictures)))
    assert missing.cause == 'L2 normalisation missing'


def test_a_network_is_left_as_it_was(unit_model, pictures):
    before = run(unit_model, normalised(pictures))
    weights = {name: x.clone() for name, x in unit_model.state_dict().items()}
    find_cause(unit_model, pictures, before, precision='int8')
    assert (run(unit_model, normalised(pictures)) == before).all()
    assert unit_model.flip_test
    assert unit_model.head.normalize == 'whole'
    for name, value in unit_model.state_dict().items():
        assert torch.equal(value, weights[name])


def test_grey_pictures_do_not_tell_swapped_channels(model, pictures):
    grey = np.repeat(pictures[..., :1], 3, axis=3)
    assert find_cause(model, grey, run(model, normalised(grey))).cause is None
    other = find_cause(model, grey, run(model, grey[..., ::-1] / 255))
    assert other.cause == 'divided by 255 only'


def test_of_mistakes_that_give_the_same_vectors_one_is_named(unit_model, pictures):
    """A network of random weights has no biases: its directions have no scale."""
    given = run(unit_model, MISTAKES['divided by 255 only'](pictures))
    experiment = find_cause(unit_model, pictures, given)
    assert experiment.cause == 'not normalised'
    assert experiment.matches['divided by 255 only'].error < 1e-4


def test_another_network_makes_none_of_these_mistakes(model, pictures, rng):
    given = run(model, normalised(pictures))
    experiment = find_cause(model, pictures, rng.normal(size=given.shape))
    assert experiment.cause is None
    assert experiment.matches


def test_vectors_of_nobody_match_nothing(model, pictures):
    given = run(model, normalised(pictures))
    assert find_cause(model, pictures, given[:, :-1]).matches == {}
    given[2] = np.nan
    assert find_cause(model, pictures, given).matches == {}


def test_mistakes_with_which_a_network_cannot_run_are_told(pictures):
    """Stripes need a height that they divide."""
    model = make_model('pcb/pcb_r18_synthmini.py')
    larger = np.stack([cv2.resize(picture, (48, 96)) for picture in pictures[:3]])
    given = run(model, MISTAKES['swapped channels'](larger))
    experiment = find_cause(model, larger, given)
    assert experiment.cause == 'swapped channels'
    assert 'height' in experiment.impossible['height and width interchanged']


def test_a_preprocessor_that_cannot_be_taken_apart_leaves_the_rest(model, pictures):
    class Gamma(torch.nn.Module):
        device = 'cpu'

        def forward(self, data, training):
            return dict(inputs=(data['inputs'].float() / 255) ** 2)

    other = copy.deepcopy(model)
    other.data_preprocessor = Gamma()
    given = run(other, (pictures[:, :, ::-1] / 255) ** 2)
    experiment = find_cause(other, pictures, given)
    assert experiment.cause == 'mirrored pictures'
    assert experiment.impossible == {
        'all preparations': 'the data preprocessor does more'
    }


def test_raw_pixels_are_normalised_by_nothing(model, pictures):
    """Then once and twice are the same, and swapped channels are told."""
    other = copy.deepcopy(model)
    preprocessor = other.data_preprocessor
    preprocessor.mean.zero_()
    preprocessor.std.fill_(1)
    given = run(other, pictures)
    assert find_cause(other, pictures, given).cause == 'swapped channels'


def test_misuse_is_an_error(model, pictures):
    given = run(model, normalised(pictures))
    with pytest.raises(ValueError, match=r'given must hold a vector for each of the 8'):
        find_cause(model, pictures, given[:-1])
    with pytest.raises(ValueError, match=r'pictures must be uint8 .* got float64'):
        find_cause(model, pictures / 255, given)
    with pytest.raises(ValueError, match=r'pictures must be uint8 .*\(8, 64, 32, 1\)'):
        find_cause(model, pictures[..., :1], given)
    with pytest.raises(ValueError, match=r"channels must be one of .* got 'grey'"):
        find_cause(model, pictures, given, channels='grey')
    with pytest.raises(ValueError, match='given must hold a vector for each of the 0'):
        find_cause(model, pictures[:0], given[:0])
    training = copy.deepcopy(model).train()
    with pytest.raises(ValueError, match='must be in evaluation mode'):
        find_cause(training, pictures, given)
