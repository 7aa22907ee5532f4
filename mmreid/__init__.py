"""mmreid: person re-identification on the OpenMMLab stack.

Importing the package makes every checkpoint loader of mmengine safe (see
:func:`mmreid.engine.install_safe_loaders`). It is done here, not in the tools, because
whatever loads a checkpoint for mmreid, a notebook or a user's script included, has
imported mmreid by then.
"""

import re
import warnings
from importlib import metadata

from mmreid.version import __version__

# The oldest versions that were run, by the names of the distributions on PyPI.
_MINIMUM = {
    ('torch',): '2.10',
    ('mmengine', 'mmengine-lite'): '0.10.7',
    ('mmcv-lite', 'mmcv'): '2.2.0',
    ('mmpretrain',): '1.2.0',
}


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version: (2, 12, 0) of '2.12.0+cu130'."""
    return tuple(int(n) for n in re.findall(r'\d+', version.partition('+')[0])[:3])


def _installed(names: tuple[str, ...]) -> str | None:
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _check_requirements(minimum: dict[tuple[str, ...], str]) -> None:
    """Raise ImportError where a required library is missing or too old."""
    for names, needed in minimum.items():
        found = _installed(names)
        if found is None or _release(found) < _release(needed):
            raise ImportError(
                f'mmreid {__version__} needs {names[0]} >= {needed}, '
                f'found {found or "none"}; '
                f"install it with: pip install '{names[0]}>={needed}'"
            )


_check_requirements(_MINIMUM)
# mmcv-lite has no compiled operators and says so on every start; mmreid uses none.
warnings.filterwarnings('ignore', 'Fail to import ``MultiScaleDeformableAttention``')

from mmreid.engine import install_safe_loaders  # noqa: E402 (after the check)

install_safe_loaders()

__all__ = ['__version__']
