"""Cosines and times as one distance, block by block."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.ranking.given_distances import DistanceBlock
from mmreid.evaluation.functional.time_prior.prior import TimePrior
from mmreid.evaluation.test_set import Images, TestSet

# lambda_0 and lambda_1, and gamma for both, of the paper's logistic smoothing, as in
# evaluate_st.py.
_LAMBDAS, _GAMMA = (1, 2), 5
# Bytes that a pair takes while it is looked up.
_PAIR_BYTES = 96


def joint_score(cosine: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Join a cosine and a probability, both through a logistic function.

    Args:
        cosine (np.ndarray): Of vectors.
        probability (np.ndarray): From :meth:`TimePrior.between`, of the same shape.

    Returns:
        np.ndarray: ``1 / (1 + exp(-5 s)) * 1 / (1 + 2 exp(-5 p))`` float64, from 0 to
        1, with the values of the program for lambda and gamma.

    Example:
        >>> import numpy as np
        >>> joint_score(np.array([1.0, 0.5]), np.array([0.0, 0.01])).round(4)
        array([0.3311, 0.3184])
    """
    appearance = 1 + _LAMBDAS[0] * np.exp(-_GAMMA * cosine.astype(np.float64))
    return 1 / (appearance * (1 + _LAMBDAS[1] * np.exp(-_GAMMA * probability)))


class JointDistances:
    """Joint distances of pictures, one less the joint score.

    Cosines are of float32 products (float64 where the vectors are), so that distances
    of equal vectors may differ in the last digits.

    Args:
        pictures (Images): With vectors, cameras and times.
        prior (TimePrior): Of times.
        name (str): What errors call the vectors.

    Raises:
        ValueError: A vector with NaN or infinity, or without direction.
    """

    def __init__(self, pictures: Images, prior: TimePrior, name: str) -> None:
        self.units = Vectors(pictures.vectors, name).directions()
        self.prior = prior
        # Without vectors, which taking some of the pictures would copy.
        self.pictures = replace(pictures, vectors=np.empty((len(pictures), 0)))

    def __len__(self) -> int:
        return len(self.units)

    def to(self, others: 'JointDistances', rows: slice) -> np.ndarray:
        """Return the distances of some pictures to others, ``(n, m)`` float64.

        Args:
            others (JointDistances): The others.
            rows (slice): Which of the pictures here.
        """
        cosines = self.units[rows] @ others.units.T
        some = self.pictures.take(np.arange(len(self))[rows])
        return 1 - joint_score(cosines, self.prior.between(some, others.pictures))


def joint_distance_blocks(
    test_set: TestSet, prior: TimePrior, *, memory_budget: int = 256 << 20
) -> Iterator[DistanceBlock]:
    """Stream the joint distances of queries to the gallery, some queries at a time.

    Args:
        test_set (TestSet): Queries and gallery with vectors, cameras and times.
        prior (TimePrior): Of times.
        memory_budget (int): Bytes for a block; one row is the least. Defaults to 256
            MiB.

    Yields:
        DistanceBlock: The slice of the queries and their ``(n, num_gallery)`` float64
        distances.

    Raises:
        ValueError: As :class:`JointDistances`.
    """
    queries = JointDistances(test_set.queries, prior, 'query')
    gallery = JointDistances(test_set.gallery, prior, 'gallery')
    for rows in row_slices(len(queries), len(gallery), memory_budget):
        yield rows, queries.to(gallery, rows)


def require_times(test_set: TestSet, prior: TimePrior) -> None:
    """Refuse a test set of which a prior tells nothing.

    Args:
        test_set (TestSet): Queries and gallery.
        prior (TimePrior): Of times.

    Raises:
        ValueError: The times are of another kind of clock, or no query or no gallery
            image has a time and a camera that the prior knows.
    """
    clock = test_set.meta.get('clock')
    if clock and prior.clock and clock != prior.clock:
        raise ValueError(
            f'The prior was learned on times of clock={prior.clock!r}, the test set '
            f'has clock={clock!r}; both must tell "time", or both "frame".'
        )
    halves = dict(queries=test_set.queries, gallery=test_set.gallery)
    for name, half in halves.items():
        known = np.isin(half.cam_id, prior.cameras)
        if half.time is None or not (known & np.isfinite(half.time)).any():
            raise ValueError(
                f'None of the {len(half)} {name} has a time and one of the cameras '
                f'{prior.cameras.tolist()} that the prior of times knows; names or the '
                'table must tell "time" or "frame", the pipeline pack it '
                "(dict(type='PackInputs', meta_keys=(..., 'time'))), and the prior be "
                'learned on the same cameras.'
            )


def row_slices(count: int, width: int, memory_budget: int) -> Iterator[slice]:
    """Divide rows so that the pairs of a part fit into a number of bytes.

    Args:
        count (int): Number of rows.
        width (int): Pairs in a row.
        memory_budget (int): Bytes.

    Yields:
        slice: One row or more.
    """
    height = max(1, memory_budget // (_PAIR_BYTES * max(width, 1)))
    for start in range(0, count, height):
        yield slice(start, min(start + height, count))
