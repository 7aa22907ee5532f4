"""Clusters of pictures by sets, loops and matrices of all pairs, in float64."""

import numpy as np
from sklearn.cluster import DBSCAN


def loop_jaccard(vectors, k1=30, k2=6):
    """Jaccard distances of all pairs: Zhong et al., CVPR 2017, Eq. 3 to 10.

    With the lists and weights of cluster-contrast: ``k1`` entries of a list, the
    picture among them, half as many and one of a short list, weights ``exp(-d**2)``.
    """
    units = vectors.astype(np.float64)
    units = units / np.linalg.norm(units, axis=1, keepdims=True)
    squares = np.array([np.square(units - unit).sum(axis=1) for unit in units])
    ranks = squares.argsort(axis=1, kind='stable')

    def reciprocal(length):
        lists = [set(row[:length].tolist()) for row in ranks]
        return [{j for j in own if i in lists[j]} for i, own in enumerate(lists)]

    long, short = reciprocal(k1), reciprocal(min(k1, round(k1 / 2) + 1))
    encodings = np.zeros(squares.shape)
    for picture, near in enumerate(long):
        members = set(near)
        for other in near:
            if len(near & short[other]) > 2 / 3 * len(short[other]):
                members |= short[other]
        chosen = sorted(members)
        weights = np.exp(-squares[picture, chosen])
        encodings[picture, chosen] = weights / weights.sum()
    if k2 > 1:
        encodings = np.array([encodings[row[:k2]].mean(axis=0) for row in ranks])
    distances = np.empty(squares.shape)
    for picture, row in enumerate(encodings):
        (own,) = row.nonzero()
        least = np.minimum(row[own], encodings[:, own]).sum(axis=1)
        distances[picture] = 1 - least / (2 - least)
    np.fill_diagonal(distances, 0)
    return np.maximum(distances, 0)


def apart_from(eps, distances):
    """Return ``eps``, or a little more where distances are within rounding of it."""
    while (abs(distances - eps) < 1e-6).any():
        eps += 3e-6
    return eps


def dense_dbscan(distances, eps, min_samples):
    """DBSCAN of a matrix of all pairs; clusters numbered by their first pictures."""
    model = DBSCAN(eps=eps, min_samples=min_samples, metric='precomputed')
    labels = model.fit(distances).labels_.tolist()
    numbers = {-1: -1}
    for label in labels:
        numbers.setdefault(label, len(numbers) - 1)
    return np.array([numbers[label] for label in labels])


def person_vectors(rng, count, persons, dim, noise):
    """Vectors around a centre for each person, of many lengths."""
    centres = rng.standard_normal((persons, dim))
    who = rng.integers(0, persons, count)
    vectors = centres[who] + noise * rng.standard_normal((count, dim))
    return vectors * rng.uniform(0.1, 10, (count, 1)), who
