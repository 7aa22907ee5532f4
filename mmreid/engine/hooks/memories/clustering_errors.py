"""Why a training cannot go on with the clusters of its pictures."""


class ClusteringError(ValueError):
    """Pictures without labels cannot be trained on; the message says why."""


class TooFewPicturesError(ClusteringError):
    """There are fewer pictures than a batch has."""


class OneCameraError(ClusteringError):
    """Positives of other cameras are asked for, and there is one camera."""


class NoClustersError(ClusteringError):
    """Every picture is noise."""


class SingleClusterError(ClusteringError):
    """All pictures that are not noise are one cluster."""
