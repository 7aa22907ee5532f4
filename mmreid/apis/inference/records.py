"""What an inference gives: vectors, where each is from, and what failed."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Source:
    """Where a vector is from.

    Attributes:
        index: Number of the picture among all that were named, from 0; those that
            failed are counted.
        path: Its file; None of an array.
        frame: Number of the frame in its video, or of the picture where boxes were
            given; None otherwise.
        box: What was cut out of it, ``(x1, y1, x2, y2)`` in pixels, clipped to the
            picture; None for the whole picture.
        box_index: Row of the box among those of its picture; None without boxes.
    """

    index: int
    path: str | None = None
    frame: int | None = None
    box: tuple[float, float, float, float] | None = None
    box_index: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What gave no vector.

    Attributes:
        index: Number of the picture, as of :class:`Source`.
        source: What it is called: a path, or ``'pictures[3]'``, and its box.
        reason: Why, in a sentence.
    """

    index: int
    source: str
    reason: str

    def __str__(self) -> str:
        return f'{self.source}: {self.reason}'


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Vectors of pictures.

    Attributes:
        vectors: ``(N, D)`` float32.
        sources: Where each row is from.
        failures: What gave none, in the order of the pictures.
        model_key: 64 hexadecimal digits that tell the model, see
            :func:`mmreid.apis.inference.model_key.model_key`.
        name: What the model is called.
    """

    vectors: np.ndarray
    sources: tuple[Source, ...]
    failures: tuple[Failure, ...]
    model_key: str
    name: str

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def paths(self) -> list[str]:
        """The file of each row, ``''`` of an array."""
        return [source.path or '' for source in self.sources]

    @classmethod
    def join(
        cls, parts: Iterable['Embeddings'], dim: int, model_key: str, name: str
    ) -> 'Embeddings':
        """Put those of one model behind each other.

        Args:
            parts (Iterable[Embeddings]): In their order; there may be none.
            dim (int): Width of the vectors.
            model_key (str): The model's.
            name (str): The model's.

        Returns:
            Embeddings: All of them.
        """
        vectors: list[np.ndarray] = [np.zeros((0, dim), np.float32)]
        sources: list[Source] = []
        failures: list[Failure] = []
        for part in parts:
            vectors.append(part.vectors)
            sources += part.sources
            failures += part.failures
        return cls(
            np.concatenate(vectors), tuple(sources), tuple(failures), model_key, name
        )


def describe(
    path: str | None,
    index: int,
    box_index: int | None = None,
    frame: int | None = None,
) -> str:
    """Name what failed.

    Args:
        path (str | None): Its file, where it has one.
        index (int): Number of the picture.
        box_index (int | None): Row of the box. Defaults to None.
        frame (int | None): Number of the frame, where it was told. Defaults to None.

    Returns:
        str: Such as ``'a.jpg, box 3'``.
    """
    name = f'pictures[{index}]' if frame is None else f'frame {frame}'
    name = name if path is None else path
    return name if box_index is None else f'{name}, box {box_index}'
