"""Several pictures of a person used as one query.

Market-1501's multi-query setting (Zheng et al., ICCV 2015) joins all pictures of a
person in one camera, ``gt_bbox`` there, to one query, by the mean or the maximum of
their features.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.test_set import Array, Labels, TestSet, check_labels

POOLINGS = ('mean', 'max')


@dataclass(frozen=True, eq=False)
class PooledQueries:
    """Queries joined by person and camera, in the order of their first picture.

    Attributes:
        vectors: ``(num_groups, D)``, float64 where the pictures' are, else float32.
        first: ``(num_groups,)`` int64, the first picture of each; its labels are
            those of the group.
        group: ``(num_query,)`` int64, the group of each picture.
    """

    vectors: np.ndarray
    first: np.ndarray
    group: np.ndarray


def pool_queries(
    query: Array,
    query_ids: Labels,
    query_cams: Labels,
    pooling: str = 'mean',
    query_clothes: Labels | None = None,
) -> PooledQueries:
    """Join the query pictures of the same person in the same camera to one query.

    What is joined are the query pictures themselves: a data set whose queries are one
    picture per person and camera, as Market-1501's folder ``query``, comes out as it
    was. For Market-1501's own setting its ``gt_bbox`` has to be the queries.

    The vectors are pooled as they are and not normalised again, which is of no
    consequence under the cosine distance.

    Args:
        query (Array): ``(num_query, D)`` vectors, as in :func:`evaluate_ranking`.
        query_ids (Labels): Person of each picture, ``(num_query,)``.
        query_cams (Labels): Camera of each picture.
        pooling (str): ``'mean'`` or ``'max'`` of each component. Defaults to
            ``'mean'``.
        query_clothes (Labels, optional): Clothes of each picture; where given, only
            pictures in the same clothes are joined. Defaults to None.

    Raises:
        ValueError: Another pooling, mismatched lengths, or vectors with NaN or
            infinity; the first offending index is named.
    """
    check_pooling(pooling)
    vectors = Vectors(query, 'query')
    labels = [
        check_labels(query_ids, 'query_ids', len(vectors)),
        check_labels(query_cams, 'query_cams', len(vectors)),
    ]
    if query_clothes is not None:
        labels.append(check_labels(query_clothes, 'query_clothes', len(vectors)))
    first, group = group_rows(labels)
    pooled = pool_groups(vectors, group, len(first), pooling)
    return PooledQueries(pooled, first, group)


def group_rows(labels: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Find rows whose labels are all the same.

    Args:
        labels (Sequence[np.ndarray]): ``(N,)`` whole numbers each.

    Returns:
        tuple[np.ndarray, np.ndarray]: ``(num_groups,)``, the first row of each group,
        in rising order; and ``(N,)``, the group of each row.
    """
    _, first, group = np.unique(
        np.stack(labels), axis=1, return_index=True, return_inverse=True
    )
    order = first.argsort()
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order], place[group.ravel()]


def pool_groups(
    vectors: Vectors, group: np.ndarray, count: int, pooling: str, unit: bool = False
) -> np.ndarray:
    """Pool the vectors of each group.

    Args:
        vectors (Vectors): ``(N, D)``.
        group (np.ndarray): ``(N,)``, the group of each, all of 0 to ``count - 1``.
        count (int): How many groups there are.
        pooling (str): ``'mean'`` or ``'max'``.
        unit (bool): Whether to pool their directions. Defaults to False.

    Returns:
        np.ndarray: ``(count, D)``, float64 where the vectors are, else float32.

    Raises:
        ValueError: A vector of length zero, which has no direction.
    """
    members = group.argsort(kind='stable')
    starts = np.searchsorted(group[members], np.arange(count))
    dtype = np.float64 if vectors.array.dtype == np.float64 else np.float32
    pooled = np.empty((count, vectors.dim), dtype)
    for index, pictures in enumerate(np.split(members, starts[1:])):
        rows = vectors.exact(pictures)
        if unit:
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            if not lengths.all():
                row = pictures[int(np.argmin(lengths))]
                raise ValueError(
                    f'{vectors.name} vector {row} has length zero, and no direction.'
                )
            rows = rows / lengths
        pooled[index] = rows.mean(axis=0) if pooling == 'mean' else rows.max(axis=0)
    return pooled


def pool(test_set: TestSet, pooling: str, by_clothes: bool) -> TestSet:
    """Join the queries of a test set as :func:`pool_queries` does.

    Args:
        test_set (TestSet): Queries and gallery.
        pooling (str): ``'mean'`` or ``'max'``.
        by_clothes (bool): Whether only pictures in the same clothes are joined.

    Returns:
        TestSet: With fewer queries, each with the labels of its first picture and the
        mean of the times.

    Raises:
        ValueError: As :func:`pool_queries`.
    """
    queries = test_set.queries
    clothes = queries.clothes_id if by_clothes else None
    labels = (queries.person_id, queries.cam_id)
    pooled = pool_queries(queries.vectors, *labels, pooling, clothes)
    joined = replace(
        queries.take(pooled.first),
        vectors=pooled.vectors,
        time=mean_times(queries.time, pooled.group, len(pooled.first)),
    )
    return TestSet(joined, test_set.gallery, test_set.meta)


def mean_times(
    time: np.ndarray | None, group: np.ndarray, count: int
) -> np.ndarray | None:
    """Return the mean of the times that are known in each group.

    Args:
        time (np.ndarray | None): ``(N,)`` float64, NaN where it is not known.
        group (np.ndarray): ``(N,)``, the group of each, all of 0 to ``count - 1``.
        count (int): How many groups there are.

    Returns:
        np.ndarray | None: ``(count,)`` float64, NaN without any; None for None.
    """
    if time is None:
        return None
    known = np.isfinite(time)
    numbers = np.bincount(group[known], minlength=count)
    sums = np.bincount(group[known], time[known], minlength=count)
    return np.divide(sums, numbers, out=np.full(count, np.nan), where=numbers > 0)


def check_pooling(name: str) -> None:
    """Refuse an unknown way to join queries.

    Raises:
        ValueError: Neither ``'mean'`` nor ``'max'``.
    """
    check_choice('pooling', name, POOLINGS)
