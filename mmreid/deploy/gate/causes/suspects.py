"""The cause of wrong vectors, found by having the network make the same mistake."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch

from mmreid.arguments import check_choice
from mmreid.deploy.gate.causes.mistaken_runs import MistakenRuns
from mmreid.deploy.gate.causes.of_vectors import CLEARLY, MATCHING
from mmreid.deploy.gate.causes.preparations import FAITHFUL
from mmreid.evaluation.functional.distances.pairs import cosines

# Relative errors below this are rounding: none is less wrong than the other.
_ROUNDING = 1e-4


class Match(NamedTuple):
    """How near the vectors of a hypothesis are to those of the file.

    Attributes:
        lowest: Cosine of a picture's two vectors, the lowest.
        median: The median of them.
        error: Median distance of a picture's two vectors, over the median length of
            those of the hypothesis.
    """

    lowest: float
    median: float
    error: float


@dataclass(frozen=True)
class Experiment:
    """What a network gives that makes each of the usual mistakes.

    Attributes:
        cause: The mistake by which it gives the file's vectors, a key of
            :data:`~.causes.ADVICE`; None where none does, or several do.
        matches: By mistake, and by none at all, how near its vectors are; of a mistake
            that can be made in several ways the nearest.
        impossible: Mistakes with which the network does not run, and why.
        excess: Of a file in reduced precision, how many times its error (from the
            network without a mistake) is that of the network in that precision, see
            :func:`~.rounding.rounded`; None in float32.
    """

    cause: str | None
    matches: dict[str, Match] = field(default_factory=dict)
    impossible: dict[str, str] = field(default_factory=dict)
    excess: float | None = None


def find_cause(
    model: Any,
    pictures: np.ndarray,
    given: np.ndarray,
    *,
    channels: str = 'bgr',
    precision: str = 'float32',
) -> Experiment:
    """Find the mistake that a file makes.

    The network itself computes the vectors that it would give with swapped channels,
    normalised twice, not at all or otherwise wrongly, without flip averaging or with
    it, mirrored, with axes taken for each other, and with another L2 normalisation.
    The cause is the mistake whose vectors are the file's (of every picture the cosine
    is at least 0.999, in bfloat16 0.99, in int8 0.9) and clearly nearer than those of
    all others and of none: at half of their error at most. Where a mistake changes
    nothing (swapped channels of grey pictures) it is not named, and where several give
    the file's very vectors (the scale of pixels, which a network without biases cannot
    see) the first of them is. In reduced
    precision the network also computes in that, so that its usual error is known.

    Each mistake takes a run of the network over all pictures, about a dozen in all;
    sixteen pictures in colour are enough, and 64 are plenty.

    Args:
        model (Any): Network of :func:`mmreid.apis.init_model`, in evaluation mode. It
            is left as it is.
        pictures (np.ndarray): ``(N, H, W, 3)`` uint8, as the file takes them.
        given (np.ndarray): ``(N, D)``, what it gave for them.
        channels (str): Order in the pictures, ``'bgr'`` or ``'rgb'``. Defaults to
            ``'bgr'``.
        precision (str): What the file computes in. Defaults to ``'float32'``.

    Returns:
        Experiment: With the cause, if there is one. Vectors with NaN or of another
        width than the network's are nobody's.

    Raises:
        ValueError: No pictures, or not one vector for each; an unknown word; or a
            network in training mode.
    """
    check_choice('channels', channels, ('bgr', 'rgb'))
    check_choice('precision', precision, MATCHING)
    _check(model, pictures, given)
    given = np.asarray(given, np.float64)
    if not np.isfinite(given).all():
        return Experiment(None)
    runs = MistakenRuns(model)
    tensor = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2)
    tensor = tensor.to(runs.device)
    if channels == 'rgb':  # the data preprocessor expects what OpenCV reads
        tensor = tensor.flip(1)
    matches: dict[str, Match] = {}
    impossible: dict[str, str] = {}
    faithful = None
    for cause, vectors in runs.suspects(tensor, impossible):
        if vectors.shape != given.shape or not np.isfinite(vectors).all():
            continue
        match = _match(vectors, given)
        if cause == FAITHFUL:
            faithful = vectors
        if cause not in matches or match.error < matches[cause].error:
            matches[cause] = match
    excess = None
    if precision != 'float32' and faithful is not None:
        usual = _match(faithful, runs.rounded(tensor, precision)).error
        excess = matches[FAITHFUL].error / max(usual, _ROUNDING)
    found = _choose(matches, MATCHING[precision])
    return Experiment(found, matches, impossible, excess)


def _check(model: Any, pictures: np.ndarray, given: np.ndarray) -> None:
    """Refuse what is no experiment."""
    if model.training:
        raise ValueError(
            'model must be in evaluation mode, got one in training mode. Call '
            'model.eval().'
        )
    if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[3] != 3:
        raise ValueError(
            'pictures must be uint8 (N, H, W, 3), as the file takes them, got '
            f'{pictures.dtype} {pictures.shape}.'
        )
    if not len(pictures) or np.ndim(given) != 2 or len(given) != len(pictures):
        raise ValueError(
            f'given must hold a vector for each of the {len(pictures)} pictures, one '
            f'or more, got the shape {np.shape(given)}.'
        )


def _match(vectors: np.ndarray, given: np.ndarray) -> Match:
    """Compare the vectors of a mistake with the file's."""
    found = cosines(vectors, given)
    # Of vectors of length zero no share can be told.
    total = float(np.median(np.linalg.norm(vectors, axis=1))) or 1.0
    error = float(np.median(np.linalg.norm(given - vectors, axis=1))) / total
    return Match(float(found.min()), float(np.median(found)), error)


def _choose(matches: dict[str, Match], matching: float) -> str | None:
    """Return the mistake that is clearly the nearest."""
    if not matches:
        return None
    exact = [cause for cause, match in matches.items() if match.error <= _ROUNDING]
    if exact and FAITHFUL not in exact:
        return exact[0]
    best = min(matches, key=lambda cause: matches[cause].error)
    if best == FAITHFUL or matches[best].lowest < matching:
        return None
    least = max(matches[best].error, _ROUNDING)
    rest = [match.error for cause, match in matches.items() if cause != best]
    return best if least**2 <= CLEARLY * min(rest, default=np.inf) ** 2 else None
