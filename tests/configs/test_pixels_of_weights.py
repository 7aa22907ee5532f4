"""Configs for weights of other programs resize pictures as those programs do."""

from pathlib import Path

import pytest

from mmreid.engine import load_config, read_config

CONFIGS = Path(__file__).parents[2] / 'configs'
# Pillow's rule where each program tests, as its own code has it.
RULES = {
    'bicubic': (  # T.Resize(..., interpolation=3)
        'bot/bot-fastreid_r50_market',
        'agw/agw-fastreid_r50_market',
        'sbs/sbs_r50_market',
        'mgn/mgn_r50_market',
        'ianet/ianet-released_r50_market',
        'pcl_clip/pcl-clip_vit-b_market',
    ),
    'bilinear': (  # T.Resize without more, and open-reid's RectScale
        'bot/bot-released_r50_market',
        'agw/agw-released_r50_market',
        'bot/bot_r50-torchreid_market',
        'pcb/pcb_r50-torchreid_market',
        'osnet/osnet_x1_0_market',
        'lightmbn/lightmbn_osnet_market',
        'rrid/rrid-released_r50_market',
        'solider/solider_swin-t_market',
        'clip_reid/clip-reid_vit-b_market',
        'clip_reid/clip-reid_r50_market',
        'transreid/transreid_vit-b_market',
    ),
}


@pytest.mark.parametrize(
    ('leaf', 'rule'), [(leaf, rule) for rule, all_ in RULES.items() for leaf in all_]
)
def test_resizes_as_the_program_of_its_weights(leaf, rule):
    steps = load_config(CONFIGS / f'{leaf}.py').test_dataloader.dataset.pipeline
    (resize,) = (step for step in steps if step.type == 'Resize')
    assert (resize.backend, resize.interpolation) == ('pillow', rule)


def test_weights_of_rrid_for_other_data_by_an_option():
    """As the README says, where no config is for the released weights."""
    options = ['test_dataloader.dataset.pipeline.1.backend=pillow']
    cfg = read_config(CONFIGS / 'rrid/rrid_r50_duke.py', options)
    (resize,) = (
        step for step in cfg.test_dataloader.dataset.pipeline if step.type == 'Resize'
    )
    assert resize.backend == 'pillow'
    assert resize.get('interpolation', 'bilinear') == 'bilinear'
