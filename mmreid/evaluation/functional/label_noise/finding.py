"""Pictures whose label seems to be wrong, ranked, and how many there are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.distances.camera_bias import normalize_cameras
from mmreid.evaluation.functional.label_noise.confident_learning import (
    LikelyPersons,
    join_confident,
)
from mmreid.evaluation.functional.label_noise.likely_persons import find_likely
from mmreid.evaluation.functional.label_noise.person_scores import PersonScores
from mmreid.evaluation.functional.uncertainty import bootstrap_interval


@dataclass(frozen=True)
class NoiseEstimate:
    """How many labels are wrong.

    Attributes:
        value: Their number.
        low: Where its interval begins.
        high: Where it ends.
    """

    value: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, eq=False)
class LabelNoise:
    """Pictures in the order of suspicion, and how many labels are wrong.

    Attributes:
        compared: ``(n,)`` int64 indices of the pictures that were compared: of persons
            (numbers above 0) with two pictures or more.
        order: ``(n,)`` int64 the same, the most suspicious first.
        scores: ``(n,)`` float64 in that order: 1 less the probability that a picture
            shows the person of its label.
        suggestions: ``(n,)`` int64 in that order: the most probable other person.
        single: How many labels are wrong if mistakes are of single pictures.
        sequences: How many if whole sequences may be mistaken, too; the same where
            cameras are unknown.
        confidence: Level of the intervals.
    """

    compared: np.ndarray
    order: np.ndarray
    scores: np.ndarray
    suggestions: np.ndarray
    single: NoiseEstimate
    sequences: NoiseEstimate
    confidence: float

    @property
    def found(self) -> int:
        """How many of the first are suggested: as many as may be wrong at most."""
        return round(max(self.single.value, self.sequences.value))


def find_label_noise(
    vectors: np.ndarray,
    person_id: np.ndarray,
    cam_id: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
    progress: Callable[[int, int], None] | None = None,
) -> LabelNoise:
    """Rank pictures by how little they look like the person of their label.

    Each picture is compared with all others (leave one out): its score for a person is
    the mean cosine to his or her three nearest pictures, of vectors without the
    camera's bias. A softmax, as sharp as fits the labels best, makes probabilities of
    the scores, of which confident learning estimates how many labels are wrong.

    A whole sequence with the label of another person looks like a second appearance
    of that person, whose pictures stand by each other. So each picture is compared with
    those of other cameras alone as well, where its person has any, which finds such
    mistakes, but mistakes many persons for each other. The lesser of the two
    probabilities of the label's own person (self-confidence) ranks the
    pictures, and the product of both distributions, scaled to 1, gives the estimate for
    sequences.

    It assumes that most pictures of every person are right. What a network itself
    mistakes is counted, too, so that look-alikes raise both estimates. The intervals
    are those of the draw of persons alone.

    Args:
        vectors (np.ndarray): ``(N, D)`` embeddings, best of a network that was not
            trained on these labels.
        person_id (np.ndarray): ``(N,)`` labels; those below 1 are left out.
        cam_id (np.ndarray, optional): ``(N,)`` cameras. Defaults to None: unknown.
        confidence (float): Level of the interval. Defaults to 0.95.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Returns:
        LabelNoise: Empty and with the estimate 0 where there are not two persons to
        compare.

    Raises:
        ValueError: Arrays of different lengths, or vectors with NaN or infinity.
    """
    lengths = [len(vectors), len(person_id), *([] if cam_id is None else [len(cam_id)])]
    if len(set(lengths)) > 1:
        raise ValueError(
            f'vectors, person_id and cam_id must have one entry each, got {lengths}.'
        )
    ids, own, counts = np.unique(person_id, return_inverse=True, return_counts=True)
    compared = np.flatnonzero((ids[own] > 0) & (counts[own] > 1))
    ids, labels = np.unique(person_id[compared], return_inverse=True)
    if len(ids) < 2:
        return _nothing(confidence)
    chosen = np.asarray(vectors)[compared]
    if not np.isfinite(chosen).all():
        first = compared[~np.isfinite(chosen).all(axis=1)][0]
        raise ValueError(
            f'vectors must be finite, but number {first} holds NaN or infinity; look '
            'for a diverged training.'
        )
    cameras = np.zeros(len(labels), int) if cam_id is None else cam_id[compared]
    scores = PersonScores(
        normalize_cameras(chosen, cameras), labels, None if cam_id is None else cameras
    )
    single, both, own = find_likely(scores, labels, progress)
    return _rank(single, both, own, labels, ids, compared, confidence)


def _rank(
    single: LikelyPersons,
    both: LikelyPersons,
    own: np.ndarray,
    labels: np.ndarray,
    ids: np.ndarray,
    compared: np.ndarray,
    confidence: float,
) -> LabelNoise:
    """Order pictures by self-confidence and estimate how many are wrong."""
    order = np.argsort(own, kind='stable')
    # The most probable person, or the second where that is the label's own.
    is_own = both.persons[:, 0] == labels
    other = both.persons[np.arange(len(labels)), is_own.astype(int)]
    return LabelNoise(
        compared=compared,
        order=compared[order],
        scores=1 - own[order].astype(np.float64),
        suggestions=ids[other[order]],
        single=_estimate(single, labels, confidence),
        sequences=_estimate(both, labels, confidence),
        confidence=confidence,
    )


def _estimate(
    likely: LikelyPersons, labels: np.ndarray, confidence: float
) -> NoiseEstimate:
    """Estimate how many labels are wrong, with an interval over persons."""
    errors = join_confident(likely, labels).errors
    interval = bootstrap_interval(errors, labels, confidence=confidence)
    low, high = (len(labels) * float(end) for end in (interval.low, interval.high))
    return NoiseEstimate(float(errors.sum()), low, high)


def _nothing(confidence: float) -> LabelNoise:
    none, zero = np.zeros(0, np.int64), NoiseEstimate()
    return LabelNoise(none, none, none.astype(float), none, zero, zero, confidence)
