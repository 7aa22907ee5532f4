"""A small network, and pictures of persons that it embeds."""

import cv2
import numpy as np
import pytest
import torch

from mmreid.apis import init_model


@pytest.fixture(scope='module')
def crops():
    """Pictures of several sizes, smooth enough for JPEG."""
    rng = np.random.default_rng(3)
    sizes = [(96, 48), (64, 20), (300, 101), (10, 90), (192, 96)]
    return [
        cv2.resize(rng.integers(0, 256, (8, 4, 3), np.uint8), size[::-1])
        for size in sizes
    ]


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    return init_model('bot/bot_r18_synthmini.py')
