"""Where the configs lie, in the clone or in the package; knows nothing but Python."""

from pathlib import Path


def config_roots() -> tuple[Path, ...]:
    """Name the folders that ``configs/`` may be in, the clone's before the package's.

    Returns:
        tuple[Path, ...]: The clone's root, and OpenMMLab's folder of the package.
    """
    package = Path(__file__).parent
    return package.parent, package / '.mim'
