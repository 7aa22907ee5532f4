"""What mmengine lacks on newer versions of Python, on any version."""

import sys
from types import SimpleNamespace

import pytest
from mmengine.utils.dl_utils import misc

from mmreid.engine.newer_pythons import restore_find_loader


def test_operators_are_looked_for_without_find_loader(monkeypatch):
    expected = misc.mmcv_full_available()
    monkeypatch.setattr(misc, 'pkgutil', SimpleNamespace())
    with pytest.raises(AttributeError):
        misc.mmcv_full_available()
    restore_find_loader()
    assert misc.mmcv_full_available() is expected
    assert misc.pkgutil.find_loader('mmengine') is not None


@pytest.mark.skipif(sys.version_info >= (3, 14), reason='Python has no find_loader')
def test_nothing_is_replaced_where_it_is_there(monkeypatch):
    before = misc.pkgutil
    restore_find_loader()
    assert misc.pkgutil is before
