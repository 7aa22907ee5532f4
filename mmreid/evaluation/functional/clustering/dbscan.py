"""DBSCAN on a sparse graph of distances, by scikit-learn."""

import numpy as np
from scipy import sparse

from mmreid.optional import import_optional


def import_dbscan() -> type:
    """Return scikit-learn's DBSCAN.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    module = import_optional('sklearn.cluster', "method='dbscan'")
    return module.DBSCAN


def dbscan(graph: sparse.csr_array, min_samples: int) -> np.ndarray:
    """Cluster pictures that have near ones enough, and all that are near to these.

    Ester et al., KDD 1996. A picture is of the core if at least ``min_samples``
    pictures are near, itself among them. Core pictures near to each other are of one
    cluster; one that is not of the core belongs to the first of the clusters that it is
    near to, or is noise.

    Args:
        graph (sparse.csr_array): ``(N, N)`` distances of near pairs, symmetric; pairs
            that are not stored are far.
        min_samples (int): See above.

    Returns:
        np.ndarray: ``(N,)`` int64 labels, -1 noise.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    if not graph.shape[0]:
        return np.empty(0, np.int64)
    # All pairs of the graph are near; a limit would only round them once more.
    found = import_dbscan()(eps=1.0, min_samples=min_samples, metric='precomputed')
    return found.fit(graph).labels_.astype(np.int64)
