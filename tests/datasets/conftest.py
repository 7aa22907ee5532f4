"""A tiny data set in the real layout of Market-1501, made anew for every test."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.logging import MMLogger

from mmreid.datasets.reading.folders import warn_once

sys.path.insert(0, str(Path(__file__).parent))  # lets the tests import `layouts`

# In the order of creation; gaps in the ids, distractors (0000), junk (-1).
PICTURES = dict(
    bounding_box_train=[
        '0311_c2s1_000401_02.jpg',
        '1500_c6s4_005176_00.jpg',
        '0002_c1s1_000451_03.jpg',
        '0002_c3s1_000551_01.jpg',
        '0311_c1s2_000301_02.jpg',
        '0007_c5s1_000076_01.jpg',
        '0000_c4s6_000001_01.jpg',
        '-1_c1s1_000401_03.jpg',
    ],
    query=['0010_c2s1_000176_00.jpg', '0001_c1s1_001051_00.jpg'],
    bounding_box_test=[
        '0001_c2s1_000301_00.jpg',
        '0010_c1s1_000301_00.jpg',
        '0000_c1s1_000151_01.jpg',
        '-1_c3s3_000901_07.jpg',
        '0010_c4s2_000777_11.jpg',
    ],
)


def write_picture(path: Path, seed: int = 0) -> None:
    picture = np.random.default_rng(seed).integers(256, size=(128, 64, 3))
    path.write_bytes(cv2.imencode('.jpg', picture.astype(np.uint8))[1].tobytes())


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is warned of, as if nothing had been told before."""
    warn_once.cache_clear()
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    with caplog.at_level(logging.WARNING, logger=logger.name):
        yield caplog
    logger.removeHandler(caplog.handler)


@pytest.fixture
def market_root(tmp_path: Path) -> Path:
    root = tmp_path / 'Märkt 市场'
    for folder, names in PICTURES.items():
        (root / folder).mkdir(parents=True)
        (root / folder / 'Thumbs.db').write_bytes(b'of the real data set')
        (root / folder / '._0001_c1s1_1.jpg').write_bytes(b'left by a copy on a Mac')
        for seed, name in enumerate(names):
            write_picture(root / folder / name, seed)
    return root


@pytest.fixture
def counted_root(market_root: Path) -> Path:
    """The same with a manifest as SynthReID's generator writes it."""
    manifest = dict(
        name='SynthReID',
        size='tiny',
        version='1.0',
        seed=3,
        counts={folder: len(names) for folder, names in PICTURES.items()},
        checksum='not read here',
    )
    (market_root / 'manifest.json').write_text(json.dumps(manifest), encoding='utf-8')
    return market_root
