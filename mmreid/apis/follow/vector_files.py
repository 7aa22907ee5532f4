"""Vectors of boxes that are kept, so that an interrupted run goes on."""

import hashlib
import os
from pathlib import Path

import numpy as np
from mmengine.logging import MMLogger

from mmreid.evaluation.features import read_arrays
from mmreid.files import whole_file

# Vectors between two files: what a power cut takes at most.
_SHARD = 2048


class VectorFiles:
    """A folder with the vectors of one camera by one model.

    A vector belongs to a frame and a box, whatever else is in the table: other choices
    of boxes take what is there. Files are only added.

    Args:
        folder (Path | None): Where; None keeps nothing.
        dim (int): Width of the vectors.
    """

    def __init__(self, folder: Path | None, dim: int) -> None:
        self._folder, self._dim = folder, dim
        self._known: dict[tuple[float, ...], np.ndarray] = {}
        self._new: list[tuple[tuple[float, ...], np.ndarray]] = []
        for path in sorted(folder.glob('[0-9]*.npz')) if folder else []:
            self._read(path)

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self._known)

    def get(self, frame: int, box: np.ndarray) -> np.ndarray | None:
        """Return the vector of a box.

        Args:
            frame (int): Its frame, as the video or folder counts.
            box (np.ndarray): ``(4,)``.

        Returns:
            np.ndarray | None: ``(D,)`` float32, None where it is not kept.
        """
        return self._known.get(_key(frame, box))

    def add(self, frame: int, box: np.ndarray, vector: np.ndarray) -> None:
        """Keep a vector; now and then a file is written.

        Args:
            frame (int): Its frame, as the video or folder counts.
            box (np.ndarray): ``(4,)``.
            vector (np.ndarray): ``(D,)`` float32.
        """
        self._known[_key(frame, box)] = vector
        self._new.append((_key(frame, box), vector))
        if len(self._new) >= _SHARD:
            self.flush()

    def flush(self) -> None:
        """Write what is not yet in a file."""
        if self._folder is None or not self._new:
            self._new = []
            return
        numbers = [int(path.stem) for path in self._folder.glob('[0-9]*.npz')]
        path = self._folder / f'{max(numbers, default=0) + 1:06d}.npz'
        with whole_file(path) as unfinished, open(unfinished, 'wb') as file:
            np.savez(
                file,
                keys=np.array([key for key, _ in self._new], np.float64),
                vectors=np.stack([vector for _, vector in self._new]),
            )
        self._new = []

    def _read(self, path: Path) -> None:
        """Take what a file has; one that is damaged is computed again."""
        try:
            content = read_arrays(path)[0]
            # Copies: the file is mapped, and may be removed.
            keys, vectors = (np.array(content[name]) for name in ('keys', 'vectors'))
        except (OSError, ValueError, KeyError) as error:
            MMLogger.get_current_instance().warning(
                f'{path} is damaged ({error}) and removed; its vectors are computed '
                'again.'
            )
            path.unlink()
            return
        if vectors.ndim == 2 and vectors.shape[1] == self._dim:
            self._known.update(zip(map(tuple, keys.tolist()), vectors, strict=True))


def vector_folder(
    root: Path | None, name: str, model_key: str, source: str | os.PathLike
) -> Path | None:
    """Name the folder of a camera's vectors.

    Args:
        root (Path | None): Folder of all; None keeps nothing.
        name (str): Of the camera.
        model_key (str): Of the model.
        source (str | os.PathLike): Video or folder of pictures; another size, time of
            change or list of pictures is another source.

    Returns:
        Path | None: The folder.
    """
    if root is None:
        return None
    path = Path(source)
    pictures = path / 'img1' if (path / 'img1').is_dir() else path
    files = sorted(pictures.iterdir()) if path.is_dir() else [path]
    digest = hashlib.sha256(model_key.encode())
    for file in files:
        if file.is_file():
            state = file.stat()
            digest.update(f'{file.name} {state.st_size} {state.st_mtime_ns}\n'.encode())
    return root / f'{name}-{digest.hexdigest()[:16]}'


def _key(frame: int, box: np.ndarray) -> tuple[float, ...]:
    return (float(frame), *map(float, box))
