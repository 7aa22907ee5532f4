"""A clustering in a few numbers."""

from typing import Any

import numpy as np

from mmreid.optional import import_optional


def describe_clusters(
    labels: np.ndarray,
    persons: np.ndarray | None = None,
    camera: np.ndarray | None = None,
) -> dict[str, Any]:
    """Describe clusters by number, noise, sizes, cameras and agreement with persons.

    Args:
        labels (np.ndarray): ``(N,)`` labels of clusters, those below 0 noise.
        persons (np.ndarray, optional): ``(N,)`` true labels, those below 0 unknown.
            Defaults to None: all unknown.
        camera (np.ndarray, optional): ``(N,)`` numbers of cameras. Defaults to None:
            unknown.

    Returns:
        dict[str, Any]: ``num_clusters``; ``noise``, the share of pictures in no
        cluster; ``smallest``, ``median`` and ``largest``, sizes of clusters, 0 where
        there are none; with cameras ``several_cameras``, the share of clusters that
        more than one camera has seen; and, where a person is known, ``adjusted_rand``:
        the adjusted Rand index (Hubert and Arabie, 1985) of pictures of known persons,
        each picture of the noise being a cluster by itself. 1 is perfect, 0 is chance.

    Raises:
        ValueError: Arrays of different lengths.
        ImportError: Persons are given and scikit-learn is not installed.

    Example:
        >>> import numpy as np
        >>> described = describe_clusters(np.array([0, 0, 1, 1, 1, -1, 0, 0]))
        >>> described['num_clusters'], described['noise'], described['largest']
        (2, 0.125, 4)
    """
    labels = np.asarray(labels)
    for name, told in dict(persons=persons, cameras=camera).items():
        if told is not None and len(told) != len(labels):
            raise ValueError(
                f'Each picture has one label, person and camera, got {len(labels)} '
                f'labels and {len(told)} {name}.'
            )
    noise = labels < 0
    _, sizes = np.unique(labels[~noise], return_counts=True)
    described = dict(
        num_clusters=len(sizes),
        noise=float(noise.mean()) if len(labels) else 0.0,
        smallest=int(sizes.min()) if len(sizes) else 0,
        median=float(np.median(sizes)) if len(sizes) else 0.0,
        largest=int(sizes.max(initial=0)),
    )
    if camera is not None:
        described['several_cameras'] = _several_cameras(labels, np.asarray(camera))
    if persons is None:
        return described
    persons = np.asarray(persons)
    known = persons >= 0
    if known.any():
        metrics = import_optional('sklearn.metrics', 'The adjusted Rand index')
        own = labels.max() + 1 + np.arange(len(labels))
        alone = np.where(noise, own, labels)
        score = metrics.adjusted_rand_score(persons[known], alone[known])
        described['adjusted_rand'] = float(score)
    return described


def _several_cameras(labels: np.ndarray, camera: np.ndarray) -> float:
    """Return the share of clusters that more than one camera has seen."""
    pairs = np.unique(np.stack([labels, camera])[:, labels >= 0], axis=1)
    _, cameras = np.unique(pairs[0], return_counts=True)
    return float((cameras > 1).mean()) if len(cameras) else 0.0
