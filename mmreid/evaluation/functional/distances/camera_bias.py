"""Vectors without what they tell of the camera."""

import numpy as np

# So few pictures tell a camera's mean, but not its spread.
_FEWEST = 16


def normalize_cameras(vectors: np.ndarray, cam_id: np.ndarray) -> np.ndarray:
    """Standardise each component within each camera, and give vectors the length 1.

    Pictures of one camera are alike whomever they show. Song et al., Exploring the
    Camera Bias of Person Re-identification, ICLR 2025, section 4
    (https://arxiv.org/abs/2502.10195) takes this out of any network's vectors so:
    ``(x - mean) / standard deviation`` over the camera's pictures.

    Args:
        vectors (np.ndarray): ``(N, D)`` of any floating type.
        cam_id (np.ndarray): ``(N,)`` cameras. Those of few pictures count as one.

    Returns:
        np.ndarray: ``(N, D)`` float32; a zero vector becomes the first axis.
    """
    cameras, own, counts = np.unique(cam_id, return_inverse=True, return_counts=True)
    group = np.where(counts < _FEWEST, len(cameras), np.arange(len(cameras)))[own]
    normalized = np.empty(vectors.shape, np.float32)
    for camera in np.unique(group):
        rows = group == camera
        values = np.asarray(vectors[rows], np.float64)
        values -= values.mean(axis=0)
        spread = values.std(axis=0)
        # A component that never changes tells nothing, whatever its rounding is.
        values /= np.where(spread > 1e-9, spread, np.inf)
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        values[lengths[:, 0] == 0, 0] = lengths[lengths == 0] = 1
        normalized[rows] = values / lengths
    return normalized
