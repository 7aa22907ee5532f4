"""The file of a model whose weights come with the package."""

from pathlib import Path

from mmreid.apis.model_names.published_model import Packaged
from mmreid.apis.weights.errors import NoWeightsError, WrongWeightsError
from mmreid.files import digest_of

_FOLDER = Path(__file__).parent


def packaged_file(packaged: Packaged) -> Path:
    """Find the file, and see that it is the one that the metafile means.

    Args:
        packaged (Packaged): What the metafile tells of it.

    Returns:
        Path: The file, which only this package may write.

    Raises:
        NoWeightsError: The package was copied without it.
        WrongWeightsError: Its checksum is another.
    """
    path = _FOLDER / packaged.file
    if not path.is_file():
        raise NoWeightsError(
            f'{path} must come with the package, and is not there; install mmreid anew.'
        )
    if (digest := digest_of(path)) != packaged.sha256:
        raise WrongWeightsError(
            f'{path} must have the SHA-256 {packaged.sha256}, got {digest}; install '
            'mmreid anew.'
        )
    return path
