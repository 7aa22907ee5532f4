"""What a test pipeline does to a picture, read from its config and done without it."""

import numpy as np
import pytest
from mmengine.config import Config
from tiny_exported import make_facts

from mmreid.apis.test_pipeline import TestPipeline
from mmreid.deploy.export import find_recipe
from mmreid.deploy.runtimes.resizing import resize

LOAD, PACK = dict(type='LoadImage'), dict(type='mmpretrain.PackInputs')


def pipeline(load=LOAD, **resize):
    return [load, dict(dict(type='Resize', scale=(24, 40)), **resize), PACK]


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
@pytest.mark.parametrize(
    'kind', ['nearest', 'bilinear', 'bicubic', 'area', 'lanczos', 'box', 'hamming']
)
def test_facts_resize_as_the_pipeline_does(backend, kind):
    if kind in dict(cv2=('box', 'hamming'), pillow=('area',))[backend]:
        with pytest.raises(ValueError, match='interpolation must be one of'):
            make_facts(interpolation=kind, resize_backend=backend)
        return
    steps = pipeline(interpolation=kind, backend=backend)
    recipe = find_recipe(steps)
    assert recipe == (40, 24, kind, backend)
    cfg = Config(dict(test_dataloader=dict(dataset=dict(pipeline=steps))))
    picture = np.random.default_rng(0).integers(0, 256, (91, 33, 3), np.uint8)
    wanted = TestPipeline(cfg)(picture).permute(1, 2, 0).numpy()
    found = resize(picture, make_facts(**recipe._asdict()))
    np.testing.assert_array_equal(found, wanted)
    turned = resize(picture, make_facts(channels='rgb', **recipe._asdict()))
    np.testing.assert_array_equal(turned, wanted[:, :, ::-1])


def test_what_is_not_said_is_what_the_steps_have():
    assert find_recipe(pipeline()) == (40, 24, 'bilinear', 'cv2')
    assert find_recipe(pipeline(scale=32))[:2] == (32, 32)
    load = dict(type='mmcv.LoadImageFromFile', to_float32=False)
    assert find_recipe(pipeline(load))[:2] == (40, 24)


@pytest.mark.parametrize(
    ('steps', 'message'),
    [
        ([], r'resize it once.*got the steps \[\]'),
        (pipeline()[1:], r"got the steps \['Resize', 'PackInputs'\]"),
        ([*pipeline()[:2], dict(type='Pad', size=(50, 50)), PACK], "'Resize', 'Pad'"),
        (pipeline(keep_ratio=True), r'Resize must have .*keep_ratio=False, got'),
        (pipeline(scale=None), 'Resize must have a scale of two numbers'),
        (pipeline(dict(LOAD, to_float32=True)), 'to_float32=False.*got True'),
        (pipeline(dict(LOAD, color_type='grayscale')), "color_type='color'.*got 'gr"),
    ],
)
def test_what_a_file_could_not_tell_is_refused(steps, message):
    with pytest.raises(ValueError, match=message):
        find_recipe(steps)
