"""A small network, exported once."""

import pytest
from small_exports import make_small_exports


@pytest.fixture(scope='session')
def small(tmp_path_factory):
    return make_small_exports(tmp_path_factory.mktemp('small'))
