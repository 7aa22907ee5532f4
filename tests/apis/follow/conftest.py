"""A little video, and a network that sees colours."""

import pytest
from moving_figures import make_scene

from mmreid.apis import ReIDInferencer, find_config

HISTOGRAM = 'color_histogram/color_histogram_synthmini.py'


@pytest.fixture(scope='module')
def inferencer():
    return ReIDInferencer(str(find_config(HISTOGRAM)), device='cpu', num_workers=0)


@pytest.fixture(scope='module')
def scene(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp('scene'))
