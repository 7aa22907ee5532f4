"""Identities, and the cameras that they were found in."""

from dataclasses import dataclass

import numpy as np

from mmreid.apis.follow.cameras import OpenCamera
from mmreid.apis.follow.tracklets import Tracklets


@dataclass(frozen=True, eq=False)
class CameraResult:
    """What was found in a camera.

    Attributes:
        source: Its frames and boxes.
        tracklets: Its tracklets.
        identity: ``(T,)`` of each tracklet.
        faults: Row of the table -> why it gave no vector.
        num_kept: Vectors that came from an earlier run.
    """

    source: OpenCamera
    tracklets: Tracklets
    identity: np.ndarray
    faults: dict[int, str]
    num_kept: int

    @property
    def name(self) -> str:
        """What the camera is called."""
        return self.source.camera.name

    def row_identity(self) -> np.ndarray:
        """``(N,)`` identity of each row of the table, -1 where it has no track."""
        numbers = self.tracklets.tracklet_of
        known = np.append(self.identity, -1)
        return known[numbers]


@dataclass(frozen=True, eq=False)
class Following:
    """Identities of all cameras.

    Attributes:
        cameras: In the order in which they were named.
        threshold: Cosine distance below which tracklets were joined.
        model_key: Of the model.
        model_name: Of the model.
    """

    cameras: tuple[CameraResult, ...]
    threshold: float
    model_key: str
    model_name: str

    @property
    def identities(self) -> np.ndarray:
        """The numbers of all identities, ascending."""
        return np.unique(np.concatenate([camera.identity for camera in self.cameras]))
