"""Pictures of persons in two colours each, nobody named, and a model that sees them."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.config import Config

from mmreid.apis import init_model
from mmreid.apis.adaptation.folder import OwnPictures

_CONFIG = """
default_scope = 'mmreid'
model = dict(
    type='PersonReID',
    backbone=dict(
        type='mmpretrain.ResNet', depth=18, stem_channels=8, base_channels=8,
        num_stages=2, out_indices=(1, ), strides=(1, 2), dilations=(1, 1)),
    head=dict(
        type='MultiBranchHead', in_channels=16, bn_neck=True, test='bn_feat',
        id_loss=dict(type='mmpretrain.CrossEntropyLoss'),
        metric_loss=dict(type='BatchHardTripletLoss', margin=0.3),
        branches=dict(whole=dict(pool=dict(type='GlobalPool', mode='avg')))))
data_preprocessor = dict(
    type='ReIDDataPreprocessor', mean=[127.5] * 3, std=[64.0] * 3, to_rgb=True)
test_dataloader = dict(
    batch_size=8, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='Market1501', data_root='nowhere', split='test', check=False,
        pipeline=[
            dict(type='LoadImage'), dict(type='Resize', scale=(16, 32)),
            dict(type='PackInputs', meta_keys=(
                'sample_idx', 'img_path', 'person_id', 'cam_id', 'is_query'))]))
test_evaluator = dict(type='ReIDMetric')
test_cfg = dict()
"""


def write_model(path: Path) -> Path:
    """Write a checkpoint of a small random network that carries its config.

    Colours alone tell persons apart for it, as for any network of such a kind.

    Args:
        path (Path): The ``.pth`` file.
    """
    torch.manual_seed(0)
    config = path.with_name('tiny_model.py')
    config.write_text(_CONFIG)
    cfg = Config.fromfile(config)
    cfg.model.head.num_classes = 4
    network = init_model(cfg)
    meta = dict(cfg=cfg.pretty_text, dataset_meta=dict(dataset='drawn', split='train'))
    torch.save(dict(state_dict=network.state_dict(), meta=meta), path)
    config.unlink()
    return path


def draw_pictures(
    root: Path, persons: int = 6, frames: int = 4, seed: int = 0, cameras: int = 2
) -> Path:
    """Draw ``camN/PERSON_FRAME.png``, frame after frame in a camera's own time.

    Args:
        root (Path): The folder; it is made.
        persons (int): How many. Defaults to 6.
        frames (int): Pictures of a person by a camera. Defaults to 4.
        seed (int): Of the colours and the noise. Defaults to 0.
        cameras (int): How many. Defaults to 2.
    """
    rng = np.random.default_rng(seed)
    for person in range(persons):
        halves = rng.integers(20, 236, (2, 1, 3)).repeat(16, axis=0)
        for camera in range(1, cameras + 1):
            (root / f'cam{camera}').mkdir(parents=True, exist_ok=True)
            for frame in range(frames):
                picture = halves + rng.normal(0, 6, (32, 16, 3)) + 3 * camera
                name = f'cam{camera}/{person}_{frame:03}.png'
                content = np.clip(picture, 0, 255).astype(np.uint8)
                cv2.imwrite(str(root / name), content)
    return root


def own_pictures(number: int, **told: Any) -> OwnPictures:
    """Name pictures that are not there, of which nothing is told.

    Args:
        number (int): How many.
        **told (Any): Fields of ``OwnPictures`` that are told all the same.
    """
    names = np.array([f'{n}.jpg' for n in range(number)], object)
    settings = dict(
        settings={},
        root='/pictures',
        path=np.array([f'/pictures/{name}' for name in names], object),
        name=names,
        camera=np.full(number, '', object),
        cam_id=None,
        tracklet=None,
        time=None,
        person=None,
        clock=None,
    )
    return OwnPictures(**{**settings, **told})


def angles(*degrees: float) -> np.ndarray:
    """Return vectors of the plane, in degrees.

    Args:
        *degrees (float): The angle of each.
    """
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1) * 3
