"""The pictures that a network and its exported file are compared on."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from mmengine.config import Config

from mmreid.apis.export.finding_data import find_dataset
from mmreid.deploy.gate.limits import MIN_PERSONS
from mmreid.evaluation.test_set import Features

#: More pictures than this are not compared: whole persons are drawn.
MOST_PICTURES = 3000
# Pictures that are computed at once.
_BATCH = 32
_LABELS = ('person_id', 'cam_id', 'is_query', 'clothes_id', 'tracklet_id')

Progress = Callable[[int, int], Any]


@dataclass(frozen=True, eq=False)
class ComparedPictures:
    """A test set's pictures as a network takes them, with their labels.

    Attributes:
        inputs: ``(N, H, W, 3)`` uint8, blue-green-red.
        labels: Persons, cameras and queries; its vectors are empty.
        meta: What the data set tells of itself.
        total: Pictures of the whole test set.
        dataset: Config of the data set.
    """

    inputs: np.ndarray
    labels: Features
    meta: dict[str, Any]
    total: int
    dataset: dict[str, Any]

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """Yield ``(n, H, W, 3)`` arrays of at most ``size`` pictures."""
        for start in range(0, len(self.inputs), size):
            yield self.inputs[start : start + size]

    def compute(
        self,
        embed: Callable[[np.ndarray], np.ndarray],
        progress: Progress | None = None,
    ) -> np.ndarray:
        """Compute the vectors of all pictures.

        Args:
            embed (Callable): Pictures ``(n, H, W, 3)`` to vectors ``(n, D)``.
            progress (Callable, optional): Called with the pictures done, and with all.
                Defaults to None.

        Returns:
            np.ndarray: ``(N, D)``.
        """
        parts, done = [], 0
        for batch in self.batches(_BATCH):
            parts.append(embed(batch))
            done += len(batch)
            if progress is not None:
                progress(done, len(self.inputs))
        return np.concatenate(parts)

    @property
    def name(self) -> str:
        """What the data are called, and how many of them were taken."""
        name = str(self.meta.get('dataset', 'own pictures'))
        if len(self.inputs) < self.total:
            return f'{name}, {len(self.inputs)} of its {self.total} pictures'
        return name


def load_pictures(
    cfg: Config,
    data: str | os.PathLike | None = None,
    most: int = MOST_PICTURES,
    progress: Progress | None = None,
) -> ComparedPictures:
    """Read the pictures of a test set as a config prepares them.

    Args:
        cfg (Config): The config, whose test pipeline is taken.
        data (str | PathLike, optional): As of :func:`~.finding_data.find_dataset`.
            Defaults to None.
        most (int): Of a larger test set whole persons are drawn up to about this many
            pictures. Defaults to 3000.
        progress (Callable, optional): Called with the pictures read, and with all.
            Defaults to None.

    Returns:
        ComparedPictures: Pictures and labels.

    Raises:
        FileNotFoundError: There is nothing at ``data``.
        ValueError: The test set has no query or no gallery, ``most`` leaves too few
            persons, or a picture is of another size than the rest.
    """
    settings, dataset = find_dataset(cfg, data)
    records = [dataset.get_data_info(i) for i in range(len(dataset))]
    chosen = _draw_persons(records, most)
    inputs = []
    for done, index in enumerate(chosen, start=1):
        inputs.append(read_picture(dataset, index))
        if progress is not None:
            progress(done, len(chosen))
    labels = _labels([records[index] for index in chosen])
    labels.check_complete()
    if inputs[0].dtype != np.uint8:
        raise ValueError(
            'The test pipeline must leave pictures in uint8, as an exported file takes '
            f'them, got {inputs[0].dtype}.'
        )
    meta = dict(dataset.metainfo)
    return ComparedPictures(np.stack(inputs), labels, meta, len(records), settings)


def read_picture(dataset: Any, index: int) -> np.ndarray:
    """Read a picture as a data set prepares it.

    Args:
        dataset (Any): Of this project.
        index (int): Which of its pictures.

    Returns:
        np.ndarray: ``(H, W, 3)``, blue-green-red.
    """
    return np.ascontiguousarray(dataset[index]['inputs'].numpy().transpose(1, 2, 0))


def _draw_persons(records: list[dict[str, Any]], most: int) -> list[int]:
    """Draw whole persons, with as many of the other pictures as belong to them."""
    if len(records) <= most:
        return [*range(len(records))]
    persons = np.array([record['person_id'] for record in records])
    is_query = np.array([record['is_query'] for record in records], bool)
    order = np.random.default_rng(0).permutation(np.unique(persons[is_query]))
    everyone, counts = np.unique(persons, return_counts=True)
    sizes = counts[np.searchsorted(everyone, order)]
    share = most / len(records)
    taken = order[np.cumsum(sizes) <= share * sizes.sum()]
    if len(taken) < MIN_PERSONS <= len(order):
        raise ValueError(
            f'most_pictures must leave {MIN_PERSONS} persons or more, got {most}, by '
            f'which {len(taken)} of {len(order)} are drawn; take about '
            f'{-(-len(records) * (MIN_PERSONS + 1) // len(order))}.'
        )
    others = np.flatnonzero(~np.isin(persons, order))
    kept = np.random.default_rng(1).permutation(others)[: int(share * len(others))]
    ours = np.flatnonzero(np.isin(persons, taken))
    return sorted([*ours.tolist(), *kept.tolist()])


def _labels(records: list[dict[str, Any]]) -> Features:
    """Put the labels of records side by side."""
    known = [n for n in _LABELS if all(r.get(n) is not None for r in records)]
    kinds = dict(is_query=bool)
    arrays: dict[str, Any] = {
        name: np.array([r[name] for r in records], kinds.get(name, np.int64))
        for name in known
    }
    paths = np.array([str(r.get('img_path', '')) for r in records])
    return Features(np.zeros((len(records), 0), np.float32), img_path=paths, **arrays)


def turn(pictures: np.ndarray, channels: str) -> np.ndarray:
    """Put the channels of blue-green-red pictures in a file's order.

    Args:
        pictures (np.ndarray): ``(n, H, W, 3)``.
        channels (str): ``'bgr'`` or ``'rgb'``.
    """
    if channels == 'bgr':
        return pictures
    return np.ascontiguousarray(pictures[..., ::-1])
