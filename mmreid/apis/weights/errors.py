"""Why a model's published weights cannot be had."""

from mmreid.engine import CheckpointError


class NoWeightsError(CheckpointError, LookupError):
    """Nobody has published weights of this model, as far as the metafiles tell."""


class FetchError(CheckpointError, ConnectionError):
    """The weights are not here, and cannot be fetched from here."""


class LicenceError(CheckpointError, PermissionError):
    """The weights may not be used before the user has agreed to something."""


class CacheError(CheckpointError, OSError):
    """What is made of weights cannot be written into torch's cache."""


class WrongWeightsError(CheckpointError, ValueError):
    """A file does not have the weights that it should have."""
