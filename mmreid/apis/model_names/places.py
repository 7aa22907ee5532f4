"""Where the list of models lies: in the clone or in the package."""

from pathlib import Path

from mmreid.config_roots import config_roots

INDEX = 'model-index.yml'


def index_root() -> Path | None:
    """Find the folder whose list of models holds.

    Returns:
        Path | None: The folder; None where there is no list, as in a copy of the
        package alone.
    """
    # A folder of packages may have a list of another one's beside it.
    found = [root for root in config_roots() if (root / INDEX).is_file()]
    return next((root for root in found if (root / 'configs').is_dir()), None)
