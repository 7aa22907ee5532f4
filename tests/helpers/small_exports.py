"""A small network as a checkpoint, and as a file of every kind."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from tiny_exported import convert_onnx
from tiny_market import make_market

from mmreid.apis import init_model
from mmreid.apis.inference.model_key import model_key
from mmreid.deploy import ExportedFacts
from mmreid.deploy.export import capture, write

HEIGHT, WIDTH = 32, 16
TRAINED_ON = dict(dataset='Colours', split='train')
_CONFIG = """
default_scope = 'mmreid'
model = dict(
    type='PersonReID',
    flip_test=True,
    backbone=dict(
        type='mmpretrain.ResNet', depth=18, stem_channels=4, base_channels=4,
        num_stages=1, out_indices=(0, ), strides=(1, ), dilations=(1, )),
    head=dict(
        type='MultiBranchHead', in_channels=4, normalize='whole',
        branches=dict(whole=dict(pool=dict(type='GlobalPool')))))
data_preprocessor = dict(
    type='ReIDDataPreprocessor', mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375], to_rgb=True)
test_dataloader = dict(
    batch_size=3, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='Market1501', data_root='DATA', split='test', check=False,
        pipeline=[
            dict(type='LoadImage'),
            dict(type='Resize', scale=(WIDTH, HEIGHT)),
            dict(type='mmpretrain.PackInputs', meta_keys=(
                'sample_idx', 'img_path', 'person_id', 'cam_id', 'is_query'))]))
test_evaluator = dict(type='ReIDMetric')
test_cfg = dict()
"""


class SmallExports(NamedTuple):
    """Files of one network.

    Attributes:
        config: The config file.
        checkpoint: Its weights, which hold the config.
        files: By the name of the format.
        data: The folder of a data set.
        facts: What the files tell.
    """

    config: Path
    checkpoint: Path
    files: dict[str, Path]
    data: Path
    facts: ExportedFacts


def write_config(path: Path, data: Path) -> Config:
    """Write the config of the network."""
    text = _CONFIG.replace('DATA', data.as_posix())
    text = text.replace('WIDTH', str(WIDTH)).replace('HEIGHT', str(HEIGHT))
    path.write_text(text)
    return Config.fromfile(path)


def make_small_exports(folder: Path) -> SmallExports:
    """Make a data set, a checkpoint and a file of every kind."""
    data, config = folder / 'market', folder / 'small.py'
    make_market(data, 4, np.random.default_rng(0))
    cfg = write_config(config, data)
    torch.manual_seed(0)
    network: Any = init_model(config)
    checkpoint = folder / 'small.pth'
    meta = dict(cfg=cfg.pretty_text, dataset_meta=TRAINED_ON)
    torch.save(dict(state_dict=network.state_dict(), meta=meta), checkpoint)
    key = model_key(network)
    facts = ExportedFacts(
        name='small',
        source_key=key,
        model_key=key,
        dim=4,
        height=HEIGHT,
        width=WIDTH,
        flip_test=True,
        normalize='whole',
        config=cfg.pretty_text,
        trained_on=TRAINED_ON,
    )
    program = capture(network, HEIGHT, WIDTH)
    files = {
        'onnx': folder / 'small.onnx',
        'openvino': folder / 'small.xml',
        'torch': folder / 'small.pt2',
    }
    write(program, 'onnx', files['onnx'], facts)
    convert_onnx(files['onnx'], files['openvino'], facts)
    write(program, 'torch', files['torch'], facts)
    return SmallExports(config, checkpoint, files, data, facts)
