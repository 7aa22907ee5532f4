from pathlib import Path

import pytest
from unnamed_pictures import draw_pictures, write_model


@pytest.fixture(scope='session')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp('unnamed') / 'tiny.pth')


@pytest.fixture(scope='session')
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 pictures of six persons by two cameras."""
    return draw_pictures(tmp_path_factory.mktemp('unnamed') / 'pictures')
