"""A small network with its config, and a few persons to rank."""

import numpy as np
import pytest
import torch
from tiny_market import make_market

from mmreid.apis import init_model
from mmreid.apis.export.judging import Bench
from mmreid.apis.model_names import find_config
from mmreid.engine import load_config


@pytest.fixture(scope='module')
def market(tmp_path_factory):
    root = tmp_path_factory.mktemp('market')
    make_market(root, persons=14, rng=np.random.default_rng(0))
    return root


@pytest.fixture(scope='module')
def config():
    """A BoT for pictures of 64 x 32, whose vectors are averaged over the flip."""
    config = load_config(find_config('bot/bot_r18_synthmini.py'))
    config.model.flip_test = True
    config.model.head.normalize = 'whole'
    config.test_dataloader.dataset.pipeline[1].scale = (32, 64)
    return config


@pytest.fixture(scope='module')
def network(config):
    torch.manual_seed(0)
    network = init_model(config)
    pictures = torch.rand(16, 3, 64, 32, generator=torch.Generator().manual_seed(1))
    # Without statistics of its own batch norm would let the maps grow.
    network.train()
    with torch.no_grad():
        for _ in range(20):
            network.extract_feat(4 * pictures - 2)
    return network.eval()


@pytest.fixture(scope='module')
def bench(network, market):
    return Bench(network, market)
