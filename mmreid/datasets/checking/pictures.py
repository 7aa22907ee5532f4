"""Opening every picture of a data set."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from mmreid.datasets.threads import map_in_threads
from mmreid.datasets.transforms import LoadImage

Progress = Callable[[int, int], None]


def read_pictures(
    paths: Sequence[str], decode: bool = True, progress: Progress | None = None
) -> tuple[dict[str, bytes], dict[str, OSError]]:
    """Read pictures, in several threads.

    Args:
        paths: The files.
        decode: Decode them fully, as training would.
        progress: Called with the numbers of pictures done and of all.

    Returns:
        A digest of each picture that can be read, the same for the same pixels (for
        the same file, if they are not decoded); and an error for each other one.
    """
    load = LoadImage()

    def look(path: str) -> bytes | OSError:
        """Return a picture's digest, or why it cannot be read."""
        try:
            if not decode:
                return _digest(load.read(path))
            results = load.transform(dict(img_path=path))
            assert results is not None  # it raises instead
            image = results['img']
            return _digest(image, str(image.shape).encode())
        except OSError as error:
            return error

    digests: dict[str, bytes] = {}
    errors: dict[str, OSError] = {}
    for done, found in enumerate(map_in_threads(look, paths), start=1):
        if isinstance(found, OSError):
            errors[paths[done - 1]] = found
        else:
            digests[paths[done - 1]] = found
        if progress is not None:
            progress(done, len(paths))
    return digests, errors


def _digest(*contents: Any) -> bytes:
    state = hashlib.blake2b(digest_size=16)
    for content in contents:
        state.update(content)
    return state.digest()
