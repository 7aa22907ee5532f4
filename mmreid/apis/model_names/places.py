"""Where the configs and the list of models lie: in the clone or in the package."""

from pathlib import Path

import mmreid

INDEX = 'model-index.yml'


def roots() -> tuple[Path, ...]:
    """Name the folders that ``configs/`` may be in, the clone's before the package's.

    Returns:
        tuple[Path, ...]: The clone's root, and OpenMMLab's folder of the package.
    """
    package = Path(mmreid.__file__).parent
    return package.parent, package / '.mim'


def index_root() -> Path | None:
    """Find the folder whose list of models holds.

    Returns:
        Path | None: The folder; None where there is no list, as in a copy of the
        package alone.
    """
    # A folder of packages may have a list of another one's beside it.
    found = [root for root in roots() if (root / INDEX).is_file()]
    return next((root for root in found if (root / 'configs').is_dir()), None)
