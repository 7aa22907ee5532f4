"""Bases of the package: ``_base_ = 'mmreid::bot/bot_r50_market.py'`` from any folder.

mmengine has this form for OpenMMLab's own packages, by a list of them, and finds their
configs through ``pkg_resources``, which setuptools no longer has. A clone keeps its
configs beside the package, where mmengine does not look at all.
"""

from pathlib import Path

from mmengine.config import Config

from mmreid.config_roots import config_roots
from mmreid.nearest_names import end_with_hint, nearest_name

PREFIX = 'mmreid::'
_find_other_base = Config._get_cfg_path


def find_base(base: str) -> Path:
    """Find a config of the package that another one inherits.

    Args:
        base (str): Such as ``'mmreid::bot/bot_r50_market.py'``.

    Returns:
        Path: The file.

    Raises:
        FileNotFoundError: There is none, naming the folders and the nearest one.
    """
    place = base.removeprefix(PREFIX)
    folders = [root / 'configs' for root in config_roots()]
    for folder in folders:
        if (folder / place).is_file():
            return folder / place
    known = (p.relative_to(f).as_posix() for f in folders for p in f.glob('*/**/*.py'))
    near = nearest_name(place, known)
    raise FileNotFoundError(
        f'There is no {place!r} in {" or ".join(map(str, folders))}; name the folder '
        f"and the file, as in '{PREFIX}bot/bot_r50_market.py'"
        f'{end_with_hint(near and PREFIX + near)}'
    )


def _find_any_base(base: str, filename: str) -> tuple[str, str | None]:
    """Stand in for mmengine's search; no scope, for mmreid's is the default one."""
    if base.startswith(PREFIX):
        return str(find_base(base)), None
    return _find_other_base(base, filename)


def know_own_bases() -> None:
    """Make mmengine, and whatever reads configs by it, find the package's bases."""
    Config._get_cfg_path = staticmethod(_find_any_base)
