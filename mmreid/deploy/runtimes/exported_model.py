"""What every exported file can do, whichever runtime runs it."""

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.deploy.facts import ExportedFacts, ExportedFileError
from mmreid.deploy.runtimes.resizing import read_picture, resize

#: What the file's input and output are called.
INPUT, OUTPUT = 'pictures', 'vectors'


class ExportedModel(ABC):
    """Pictures to vectors, by an exported file.

    Several threads may call one model at once. Sent to another process it is opened
    there again, from the same path. A process that was forked off (``os.fork``) may
    call what was open before.

    Args:
        path (Path): The file.
        facts (ExportedFacts): What it tells of itself.
        threads (int, optional): How many compute. Defaults to None: what the runtime
            takes.

    Attributes:
        path: The file.
        facts: What it tells of itself.
        threads: How many compute.
    """

    #: The name of the package that runs it.
    runtime: str

    def __init__(
        self, path: Path, facts: ExportedFacts, threads: int | None = None
    ) -> None:
        self.path, self.facts, self.threads = path, facts, threads

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self.facts.dim

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, and what lies beside it and belongs to it."""
        return (self.path,)

    def __deepcopy__(self, memo: dict[int, Any]) -> 'ExportedModel':
        """Return the same: nothing of it can be changed."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Send the path alone: what a runtime has compiled is of its process."""
        return type(self), (self.path.absolute(), self.threads)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Compute vectors.

        Args:
            pictures (np.ndarray): ``(N, height, width, 3)`` uint8 of the facts' size,
                with the facts' order of channels; :meth:`prepare` makes such.

        Returns:
            np.ndarray: ``(N, D)`` float32.

        Raises:
            ValueError: The pictures are of another kind or size.
            ExportedFileError: The file gives something else.
        """
        facts = self.facts
        shape = (facts.height, facts.width, 3)
        pictures = np.asarray(pictures)
        if pictures.ndim != 4 or pictures.shape[1:] != shape:
            raise ValueError(
                f'pictures must be an array (N, {", ".join(map(str, shape))}), as '
                f'{self.path.name} takes them, got {pictures.shape}; prepare() makes '
                'one picture of any size into such.'
            )
        if pictures.dtype != np.uint8:
            raise ValueError(
                f'pictures must be uint8, 0 to 255, got {pictures.dtype}: the file '
                'normalises them itself.'
            )
        if not len(pictures):
            return np.zeros((0, facts.dim), np.float32)
        vectors = np.asarray(self._run(np.ascontiguousarray(pictures)))
        if vectors.shape != (len(pictures), facts.dim):
            raise ExportedFileError(
                f'{self.path} gave {vectors.shape} for {len(pictures)} pictures, and '
                f'tells that its vectors have {facts.dim} entries; export it again.'
            )
        return vectors.astype(np.float32, copy=False)

    def prepare(self, picture: str | os.PathLike | np.ndarray) -> np.ndarray:
        """Make any picture one that the file takes.

        Args:
            picture (str | PathLike | np.ndarray): A file, or ``(H, W, 3)`` uint8 in
                blue-green-red, as OpenCV reads, of any size.

        Returns:
            np.ndarray: ``(height, width, 3)`` uint8.

        Raises:
            OSError: The file cannot be read as a picture.
            ValueError: The array is no such picture.
        """
        if isinstance(picture, np.ndarray):
            return resize(picture, self.facts)
        return resize(read_picture(picture), self.facts)

    @abstractmethod
    def _run(self, pictures: np.ndarray) -> Any:
        """Compute the vectors of at least one picture."""
