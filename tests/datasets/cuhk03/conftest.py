"""CUHK03 as published and as converted, once for all tests; copy it to change it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from cuhk03_release import Release, make_release

from mmreid.datasets.conversion import convert_cuhk03


@pytest.fixture(scope='session')
def release(request: pytest.FixtureRequest) -> Release:
    return make_release(np.random.default_rng(request.config.getoption('--seed')))


@pytest.fixture(scope='session')
def published(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.write(tmp_path_factory.mktemp('cuhk03') / 'Veröffentlicht 发布')


@pytest.fixture(scope='session')
def finished(published: Path) -> Path:
    root = published.with_name('Umgewandelt 转换')
    convert_cuhk03(published, root, check=False)
    return root


@pytest.fixture
def converted(finished: Path, tmp_path: Path) -> Path:
    """One's own copy."""
    return Path(shutil.copytree(finished, tmp_path / 'Kopie 副本'))
