"""Transformers' parameters and multiply-adds: closed forms and printed numbers."""

from pathlib import Path

import pytest
import torch
import yaml
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmreid.apis.cost.complexity import count_config, count_parts
from mmreid.registry import MODELS

ROOT = Path(__file__).parents[3]


def vit_b(**options):
    """A ViT-B without memory: counting needs shapes alone."""
    with torch.device('meta'):
        return MODELS.build(dict(type='VisionTransformer', arch='base', **options))


def closed_form(num_patches, width=768, depth=12):
    """Multiply-adds of a ViT/16 whose MLP is four times as wide."""
    tokens = num_patches + 1
    layer = 12 * width**2 * tokens + 2 * tokens**2 * width
    return num_patches * 16 * 16 * 3 * width + depth * layer


@pytest.mark.parametrize(
    ('size', 'stride', 'num_patches', 'printed'),
    [
        # 86.6 M with a classifier and 17.6 G (DeiT, arXiv 2012.12877, Table 5)
        ((224, 224), 16, 196, (86.57, 17.6)),
        ((256, 128), 16, 128, None),
        ((256, 128), 12, 210, None),
    ],
)
def test_vit_b(size, stride, num_patches, printed):
    total = count_parts(vit_b(img_size=size, stride=stride), size)['total']
    assert total.macs == closed_form(num_patches)
    layers = 12 * (12 * 768**2 + 13 * 768)
    patches = 768 * (16 * 16 * 3 + 1)
    assert total.params == layers + patches + (num_patches + 2) * 768 + 2 * 768
    if printed:
        assert (total.params + 769 * 1000) / 1e6 == pytest.approx(printed[0], abs=0.01)
        assert total.macs / 1e9 == pytest.approx(printed[1], abs=0.05)


def test_part_by_part():
    """The jigsaw is a layer on four runs of patches, each with the class token."""
    parts = count_parts(vit_b(stride=12, jigsaw=dict()), (256, 128))
    tokens = 210 // 4 + 1
    layer = 12 * 768**2 * tokens + 2 * tokens**2 * 768
    assert parts['jigsaw'].macs == 4 * layer
    assert parts['backbone'].macs == closed_form(210)
    assert parts['jigsaw'].params == 12 * 768**2 + 13 * 768 + 2 * 768


def test_pictures_of_another_size_than_the_trunk_has():
    config = Config.fromfile(ROOT / 'configs/transreid/transreid_vit-tiny_synthmini.py')
    larger = count_config(config, (256, 128))['backbone']
    assert larger.params > count_config(config)['backbone'].params
    assert config.model.backbone.img_size == (192, 96)


def entries():
    """Models on a vision transformer whose metafile tells the cost."""
    found = []
    for method in ('aanet', 'airnet', 'rrid', 'transreid'):
        content = (ROOT / f'configs/{method}/metafile.yml').read_text('utf-8')
        found += yaml.safe_load(content)['Models']
    known = [m for m in found if '_vit-' in m['Name'] and 'FLOPs' in m['Metadata']]
    # Configs that differ in data alone have one network.
    return [*{str(m['Metadata']['Parameters']): m for m in known}.values()]


@pytest.mark.parametrize('entry', entries(), ids=lambda entry: entry['Name'])
def test_what_the_metafile_says(entry):
    config = Config.fromfile(ROOT / entry['Config'])
    init_default_scope(config.default_scope)
    config.model.backbone.init_cfg = None
    with torch.device('meta'):
        model = MODELS.build(config.model)  # without classifiers
    total = count_parts(model, model.backbone.img_size)['total']
    assert total.params == entry['Metadata']['Parameters']
    assert total.macs == entry['Metadata']['FLOPs']
