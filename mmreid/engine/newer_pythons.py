"""What mmengine calls and newer versions of Python have removed."""

from importlib.util import find_spec
from types import SimpleNamespace

from mmengine.utils.dl_utils import misc


def restore_find_loader() -> None:
    """Let mmengine look for mmcv's operators on Python 3.14, too.

    It asks ``pkgutil.find_loader``, which is gone there, for every optimizer that it
    builds, so that nothing could be trained. That one module of mmengine gets a
    stand-in; the standard library stays as it is.
    """
    if not hasattr(misc.pkgutil, 'find_loader'):
        misc.pkgutil = SimpleNamespace(find_loader=find_spec)
