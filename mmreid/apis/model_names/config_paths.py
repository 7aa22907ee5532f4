"""Configs by path, by their place below ``configs/``, and by the name of a model."""

import re
from os import PathLike
from pathlib import Path

from mmreid.apis.model_names.index import list_models, near_models
from mmreid.apis.model_names.places import index_root
from mmreid.config_roots import config_roots
from mmreid.engine import expand_home
from mmreid.nearest_names import end_with_hint

_NAME = re.compile(r'[\w+-]+')


def find_config(name: str | PathLike) -> Path:
    """Find a config by its path, by its name below ``configs/``, or by its model's.

    Args:
        name (str | PathLike): Such as ``'aanet/aanet_r50_market.py'``, with or without
            ``configs/`` before it, or ``'aanet_r50_market'``, a name of the metafiles
            or of a config's file.

    Returns:
        Path: The file, in the clone or in the installed package.

    Raises:
        FileNotFoundError: If there is none, naming the folders looked through.
    """
    name = expand_home(name)
    roots = config_roots()
    folders = [Path(), *roots, *(root / 'configs' for root in roots)]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    model, root = list_models().get(str(name)), index_root()
    if model is not None and root is not None:
        return root / model.config
    if _NAME.fullmatch(str(name)):
        found = (p for r in roots for p in sorted(r.glob(f'configs/*/{name}.py')))
        if (path := next(found, None)) is not None:
            return path
    looked_in = ', '.join({str(folder.absolute()): None for folder in folders})
    near = near_models(Path(name).stem)
    raise FileNotFoundError(
        f'There is no config {str(name)!r} in {looked_in}, and no model of that name; '
        "name it as in 'aanet/aanet_r50_market.py' or 'aanet_r50_market'"
        f'{end_with_hint(near)}'
    )


def config_path(word: str) -> str:
    """Give the config of a name; a path that is found nowhere stays what it is.

    Args:
        word (str): What was given for a config.

    Returns:
        str: The file, as it was given or found.

    Raises:
        FileNotFoundError: A name, without folder and ending, is none of a config.
    """
    if Path(expand_home(word)).is_file():
        return word
    try:
        return str(find_config(word))
    except FileNotFoundError:
        if _NAME.fullmatch(word):
            raise
    return word
