"""Lets the tests of the engine import the programs beside them, and share pictures."""

import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_market import make_market

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope='session')
def data(tmp_path_factory) -> Path:
    """Pictures of eight persons, by two cameras."""
    root = tmp_path_factory.mktemp('data')
    make_market(root, 8, np.random.default_rng(0))
    return root
