"""Near duplicates, by perceptual hashes and by vectors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.apis.report.data_set.embeddings import PictureVectors
from mmreid.apis.report.data_set.listed_pictures import ListedPictures, ShownPictures
from mmreid.datasets.picture_measures import Measures, find_close_pairs
from mmreid.datasets.records.label_numbers import DISTRACTOR, JUNK
from mmreid.evaluation.functional.label_noise.near_pairs import (
    find_near_pairs,
    nearest_of_group,
)
from mmreid.report.data_set.facts import DuplicateList, NearDuplicate

#: Of 64 bits of the hash.
MOST_BITS = 6
#: Mean difference of colours, of 255: the hash knows no colour, and two persons before
#: one wall have the same one.
MOST_COLOUR = 12
KINDS = ('two persons', 'train and test', 'one person')
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class FoundPairs:
    """Pairs of listed pictures.

    Attributes:
        pairs: ``(n, 2)`` int64 indices.
        bits: ``(n,)`` int64 by how many bits their hashes differ; -1 where that was
            not how they were found.
        rule: How they were found, a sentence.
    """

    pairs: np.ndarray
    bits: np.ndarray
    rule: str


def pair_by_hash(
    listed: ListedPictures,
    measures: Mapping[str, Measures],
    progress: Progress | None = None,
) -> FoundPairs:
    """Find pictures that are nearly the same picture.

    Args:
        listed (ListedPictures): All pictures.
        measures (Mapping[str, Measures]): By path; those that cannot be read lack.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.
    """
    known = np.array([i for i, p in enumerate(listed.path) if p in measures], np.int64)
    own = [measures[listed.path[i]] for i in known]
    close = find_close_pairs([m.bits for m in own], MOST_BITS, progress=progress)
    rule = (
        f'Perceptual hashes (pHash) that differ by at most {MOST_BITS} of 64 bits, and '
        f'colours that differ by at most {MOST_COLOUR} of 255 in the mean: the same '
        'picture, cut or compressed a little differently, or the next one of a camera.'
    )
    rule += _tell_share(len(close.pairs), close.found)
    alike = _differ([m.colours for m in own], close.pairs) <= MOST_COLOUR
    return FoundPairs(known[close.pairs[alike]], close.bits[alike], rule)


def _tell_share(told: int, found: int) -> str:
    """Say that not all pairs are told, if so."""
    if found <= told:
        return ''
    return f' The {told:,} nearest of {found:,} pairs are told.'


def _differ(colours: Sequence[np.ndarray], pairs: np.ndarray) -> np.ndarray:
    """Return the mean difference of the colours of each pair, ``(n,)``."""
    if not len(pairs):
        return np.zeros(0)
    values = np.array(colours, np.int16)
    return np.abs(values[pairs[:, 0]] - values[pairs[:, 1]]).mean(axis=1)


def pair_by_vectors(
    listed: ListedPictures, given: PictureVectors, progress: Progress | None = None
) -> FoundPairs:
    """Find pictures of two persons that are nearer than most of one person are.

    Args:
        listed (ListedPictures): All pictures.
        given (PictureVectors): Their vectors.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.
    """
    groups = listed.person_groups[given.indices]
    wanted = groups > JUNK
    vectors, groups = given.vectors[wanted], groups[wanted]
    indices = given.indices[wanted]
    nearest = nearest_of_group(vectors, np.where(groups > DISTRACTOR, groups, -1))
    none = np.zeros((0, 2), np.int64)
    if not len(nearest):
        return FoundPairs(none, none[:, 0], '')
    least = float(np.median(nearest))
    pairs, _, found = find_near_pairs(vectors, groups, least, progress=progress)
    rule = (
        f'Vectors of two persons with a cosine of at least {least:.4f}: nearer than '
        "half of all pictures are to their person's nearest other picture."
    )
    rule += _tell_share(len(pairs), found)
    return FoundPairs(indices[pairs], np.full(len(pairs), -1), rule)


def list_duplicates(
    listed: ListedPictures,
    found: list[FoundPairs],
    given: PictureVectors | None,
    shown: ShownPictures,
    largest: int,
) -> tuple[DuplicateList, ...]:
    """Sort pairs by kind, the nearest first.

    Args:
        listed (ListedPictures): All pictures.
        found (list[FoundPairs]): Pairs, by hashes first; the second time a pair is
            found it is the same one.
        given (PictureVectors | None): The vectors, whose cosines are told.
        shown (ShownPictures): Is given the pictures.
        largest (int): Number of pairs that are shown in a list.
    """
    pairs = np.concatenate([one.pairs for one in found])
    bits = np.concatenate([one.bits for one in found])
    _, earliest = np.unique(pairs, axis=0, return_index=True)
    earliest = np.sort(earliest)  # in the order in which they were found
    pairs, bits = pairs[earliest], bits[earliest]
    other_files = listed.path[pairs[:, 0]] != listed.path[pairs[:, 1]]
    pairs, bits = pairs[other_files], bits[other_files]
    kinds, cosines = _find_kinds(listed, pairs), _cosines(pairs, given)
    lists = []
    for kind in KINDS:
        own = np.flatnonzero(kinds == kind)
        near = []
        for place in own[:largest]:
            first, second = shown.add(pairs[place])
            differing = None if bits[place] < 0 else int(bits[place])
            cosine = float(cosines[place])
            near.append(NearDuplicate(first, second, kind, differing, cosine))
        lists.append(DuplicateList(kind=kind, pairs=tuple(near), found=len(own)))
    return tuple(lists)


def _find_kinds(listed: ListedPictures, pairs: np.ndarray) -> np.ndarray:
    """Return the kind of each pair, ``(n,)``."""
    one, two = pairs.T
    across = listed.trained[one] != listed.trained[two]
    persons = listed.person_id[pairs]
    # Junk is a bad detection of whomever; two distractors may be one person.
    told = (persons.min(axis=1) >= DISTRACTOR) & (persons.max(axis=1) > DISTRACTOR)
    differ = persons[:, 0] != persons[:, 1]
    comparable = ~across | listed.shared_ids
    other = np.where(across, KINDS[1], KINDS[2])
    return np.where(told & differ & comparable, KINDS[0], other)


def _cosines(pairs: np.ndarray, given: PictureVectors | None) -> np.ndarray:
    """Return the cosine of each pair, NaN where a vector is missing."""
    cosines = np.full(len(pairs), np.nan)
    if given is None or not len(pairs):
        return cosines
    rows = np.full(int(max(pairs.max(), given.indices.max())) + 1, -1)
    rows[given.indices] = np.arange(len(given.indices))
    places = rows[pairs]
    known = np.flatnonzero((places >= 0).all(axis=1))
    one, two = (given.vectors[places[known, k]].astype(np.float64) for k in (0, 1))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    cosines[known] = (one * two).sum(axis=1) / lengths
    return cosines
