"""mmreid: person re-identification on the OpenMMLab stack.

Rooms: ``cli/`` has the commands and ``apis/`` what they call, ``engine/`` what runs
around a model, ``models/`` networks, ``datasets/`` pictures with labels,
``evaluation/`` scores, ``visualization/`` drawings, ``search/`` galleries, ``deploy/``
models without the training stack, ``files/`` and ``pictures/`` reading and writing.
What all of them share lies beside: ``errors.py`` tells what went wrong,
``progress.py`` draws progress bars, ``text_tables.py`` tables; ``network_facts.py`` has
what files of weights do not tell, ``registry.py`` the registries.

Importing the package makes every checkpoint loader of mmengine safe (see
:func:`mmreid.engine.install_safe_loaders`), as soon as there are any: what is imported
here is light, so that a command line answers at once. It is done here, not in the
tools, because whatever loads a checkpoint for mmreid, a notebook or a user's script
included, has imported mmreid by then.

A file that ``mmreid export`` has written is run by :func:`mmreid.deploy.open_exported`
where torch, mmengine, mmcv and mmpretrain are not installed. Whether they are, and new
enough, is asked where a part that needs them is imported.
"""

import re
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module, metadata, util
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

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
        installed = _installed(names)
        if installed is None or _release(installed) < _release(needed):
            text = (
                f'mmreid {__version__} needs {names[0]} >= {needed}, '
                f'found {installed or "none"}; '
                f"install it with: pip install '{names[0]}>={needed}'"
            )
            if installed is None:
                text += '. Only mmreid.deploy.open_exported does without it'
            # By its cause a command knows it for what a user can mend.
            raise ImportError(text) from ModuleNotFoundError(names[0])


# What uses these libraries. Other parts, mmreid.deploy.runtimes above all, run without.
_USERS = {
    f'mmreid.{name}'
    for name in (
        'apis',
        'data_loaders',
        'datasets',
        'deploy.export',
        'deploy.exported_network',
        'deploy.gate',
        'deploy.precision',
        'engine',
        'evaluation',
        'models',
        'progress',
        'registry',
        'search',
        'text_tables',
        'visualization',
    )
}


class _Requirements(MetaPathFinder):
    """Checks the libraries before the first part that uses them is imported."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Check, and leave the module to Python."""
        if name in _USERS:
            _check_requirements(_MINIMUM)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
        return None


sys.meta_path.insert(0, _Requirements())
# mmcv-lite has no compiled operators and says so on every start; mmreid uses none.
warnings.filterwarnings('ignore', 'Fail to import ``MultiScaleDeformableAttention``')

_LOADERS = 'mmengine.runner'


class _SafeLoaders(MetaPathFinder):
    """Has ``mmreid.engine``, which installs the safe loaders, follow mmengine's."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Wait for mmengine's loaders; all other modules are left to Python."""
        if name != _LOADERS:
            return None
        sys.meta_path.remove(self)
        spec = util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Followed(spec.loader)
        return spec


class _Followed(Loader):
    """Executes a module, then imports ``mmreid.engine``."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to the loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module as its loader does, and go on from there."""
        # From here on the module is as if it had been imported without this class.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        import_module('mmreid.engine')


if _LOADERS in sys.modules:
    import_module('mmreid.engine')
else:
    sys.meta_path.insert(0, _SafeLoaders())

__all__ = ['__version__']
