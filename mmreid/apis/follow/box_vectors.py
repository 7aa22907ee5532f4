"""Vectors of chosen boxes of a camera, while its frames are read once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.apis.follow.cameras import OpenCamera
from mmreid.apis.follow.vector_files import VectorFiles
from mmreid.apis.inferencer import ReIDInferencer

Progress = Callable[[int, int], Any]


@dataclass(frozen=True, eq=False)
class BoxVectors:
    """Vectors of some rows of a camera's table.

    Attributes:
        rows: ``(N,)`` ascending.
        vectors: ``(N, D)`` float32.
        faults: Row -> why it gave no vector.
        num_kept: How many came from an earlier run.
    """

    rows: np.ndarray
    vectors: np.ndarray
    faults: dict[int, str]
    num_kept: int


def embed_boxes(
    inferencer: ReIDInferencer,
    camera: OpenCamera,
    rows: np.ndarray,
    files: VectorFiles,
    progress: Progress | None = None,
) -> BoxVectors:
    """Embed boxes; frames are read in order and not held.

    Args:
        inferencer (ReIDInferencer): The model.
        camera (OpenCamera): Frames and boxes.
        rows (np.ndarray): Of the table, to embed.
        files (VectorFiles): What is there already, and where the new ones go; also
            when the work is interrupted.
        progress (Callable | None): Called with boxes done and in all. Defaults to None.

    Returns:
        BoxVectors: Of those rows that gave one; the others are its faults.
    """
    table = camera.table
    # Of the video: another table of it may count its frames from another number.
    frames = camera.frames.locate(table)[0]
    found = {
        int(row): vector
        for row in rows
        if (vector := files.get(frames[row], table.box[row])) is not None
    }
    num_kept = len(found)
    missing = np.array([row for row in rows if int(row) not in found], np.int64)
    faults: dict[int, str] = {}
    given: list[int] = []

    def pictures() -> Iterator[np.ndarray]:
        def note(place: int, reason: str) -> None:
            faults[int(missing[place])] = reason

        part = table.select(missing)
        for place, crop in camera.frames.crops(part, on_fault=note):
            given.append(int(missing[place]))
            yield crop

    try:
        for batch in inferencer.stream(pictures()) if len(missing) else ():
            for source, vector in zip(batch.sources, batch.vectors, strict=True):
                row = given[source.index]
                found[row] = vector
                files.add(frames[row], table.box[row], vector)
            for failure in batch.failures:
                faults[given[failure.index]] = failure.reason
            if progress is not None:
                progress(len(found) + len(faults), len(rows))
    finally:
        files.flush()
    order = sorted(found)
    vectors = [np.zeros((0, inferencer.dim), np.float32)]
    vectors += [found[row][None] for row in order]
    return BoxVectors(
        np.array(order, np.int64), np.concatenate(vectors), faults, num_kept
    )
