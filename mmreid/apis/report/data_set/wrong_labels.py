"""Suspects of wrong labels, with the pictures that speak for and against them."""

import math
from collections.abc import Callable

import numpy as np

from mmreid.apis.report.data_set.embeddings import PictureVectors
from mmreid.apis.report.data_set.listed_pictures import ListedPictures, ShownPictures
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.evaluation.functional.distances.camera_bias import normalize_cameras
from mmreid.evaluation.functional.label_noise.finding import (
    LabelNoise,
    NoiseEstimate,
    find_label_noise,
)
from mmreid.report.data_set.suspects import Suspect, WrongLabels

METHOD = (
    (
        'Each picture is compared with all others of its half, training or testing, '
        'and once more with those of other cameras alone, by vectors without what '
        'they tell of the camera (Song et al., ICLR 2025, arXiv:2502.10195): with the '
        'three nearest pictures of each person. Probabilities of persons are made of '
        'these similarities; the pictures least likely to show the person of their '
        'label, by either way, come first. Distractors, junk and persons with one '
        'picture are left out.'
    ),
    (
        'Confident learning (Northcutt, Jiang and Chuang, JAIR 2021, '
        'arXiv:1911.00068) estimates from the probabilities how many labels are '
        'wrong: if mistakes are of single pictures, and if whole sequences of a camera '
        'may carry the label of another person, too. As many as the latter are '
        'suggested.'
    ),
    (
        'Both estimates assume that most pictures of each person are labelled rightly '
        'and that the model tells persons apart: look-alikes that it mistakes are '
        'counted as wrong labels, in the second estimate more of them, so that a clean '
        'data set does not give 0. The intervals tell only how the estimates vary with '
        'the draw of persons.'
    ),
)
#: Pictures of each of the two persons beside a suspect.
EVIDENCE = 4


def list_wrong_labels(
    listed: ListedPictures,
    given: PictureVectors,
    title: str,
    shown: ShownPictures,
    largest: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[WrongLabels, ...]:
    """List suspects among the pictures for training, and among those for testing.

    Args:
        listed (ListedPictures): All pictures.
        given (PictureVectors): Their vectors.
        title (str): The data set's name, by which results tell it.
        shown (ShownPictures): Is given the pictures.
        largest (int): Number of suspects in a list.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.
    """
    lists = []
    for trained in (True, False):
        rows = np.flatnonzero(listed.trained[given.indices] == trained)
        indices, vectors = given.indices[rows], given.vectors[rows]
        noise = find_label_noise(
            vectors,
            listed.person_id[indices],
            listed.cam_id[indices] if listed.cameras else None,
            progress=progress,
        )
        if not len(noise.compared):
            continue
        number = min(max(2 * noise.found, 24), largest, len(noise.order))
        evidence = _Evidence(listed, indices, vectors, noise)
        single, sequences = noise.single, noise.sequences
        if not listed.cameras:
            sequences = NoiseEstimate(*[math.nan] * 3)
        lists.append(
            WrongLabels(
                parts=tuple(dict.fromkeys(listed.part[indices])),
                compared=len(noise.compared),
                estimate=single.value,
                low=single.low,
                high=single.high,
                sequences_estimate=sequences.value,
                sequences_low=sequences.low,
                sequences_high=sequences.high,
                confidence=noise.confidence,
                found=noise.found,
                suspects=tuple(evidence.suspect(i, shown) for i in range(number)),
                warnings=_warn(given, title, trained),
            )
        )
    return tuple(lists)


class _Evidence:
    """What speaks for and against the suspects of a half."""

    def __init__(
        self,
        listed: ListedPictures,
        indices: np.ndarray,
        vectors: np.ndarray,
        noise: LabelNoise,
    ) -> None:
        self._noise = noise
        self._indices = indices[noise.compared]
        self._places = np.searchsorted(noise.compared, noise.order)  # of each rank
        self._persons = listed.person_id[self._indices]
        self._labels = dict(
            zip(self._persons.tolist(), listed.label[self._indices], strict=True)
        )
        cameras = listed.cam_id[self._indices]
        self._vectors = normalize_cameras(vectors[noise.compared], cameras)

    def suspect(self, rank: int, shown: ShownPictures) -> Suspect:
        """Return a suspect with the nearest pictures of both persons."""
        place = int(self._places[rank])
        suggestion = int(self._noise.suggestions[rank])
        own, own_cosines = self._nearest(place, int(self._persons[place]))
        others, other_cosines = self._nearest(place, suggestion)
        return Suspect(
            picture=shown.add([self._indices[place]])[0],
            suggestion=str(self._labels[suggestion]),
            score=float(self._noise.scores[rank]),
            own=shown.add(own),
            others=shown.add(others),
            own_cosines=own_cosines,
            other_cosines=other_cosines,
            suggested=rank < self._noise.found,
        )

    def _nearest(self, place: int, person: int) -> tuple[np.ndarray, tuple[float, ...]]:
        """Return the nearest pictures of a person, and their cosines."""
        of_person = np.flatnonzero(self._persons == person)
        of_person = of_person[of_person != place]
        cosines = self._vectors[of_person] @ self._vectors[place]
        order = np.argsort(-cosines, kind='stable')[:EVIDENCE]
        return self._indices[of_person[order]], tuple(cosines[order].tolist())


def _warn(given: PictureVectors, title: str, trained: bool) -> tuple[str, ...]:
    """Say why suspects may mislead."""
    text = ''
    # Whose own pictures they were, no name tells.
    own = title == ReIDDataset.METAINFO['dataset']
    if trained and (given.trained_on is None or (own and title in given.trained_on)):
        text = (
            'Nothing tells whether the model was trained on these very labels. If it '
            'was, it has learned their mistakes, and finds fewer of them.'
        )
    elif trained and title in str(given.trained_on):
        text = (
            f'The model was trained on {given.trained_on}: on these very labels, '
            'whose mistakes it has learned, so that it finds fewer of them. Take a '
            'model that was trained on other data, or on half of the persons for '
            'each other half.'
        )
    return (text,) if text else ()
