"""What a page of a data set shows: plain numbers and texts, whoever computed them.

Pictures are told by their index into :attr:`DataSetFacts.pictures`, which holds those
that are shown and no others. Nothing here is a verdict: lists are ranked, the worst
first, and may be shorter than what was found, which each of them tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmreid.report.data_set.suspects import WrongLabels


@dataclass(frozen=True)
class ShownPicture:
    """A picture that the page shows.

    Attributes:
        path: Where it is to be read.
        name: Its path below the data set's folder, with ``/``; so the tables of
            suspects and of corrections name it, wherever the folder lies.
        part: The part of the data set, such as ``'train'``, ``'query'``.
        person: Its label: a number, ``'distractor'`` or ``'junk'``.
        camera: Its camera; empty where unknown.
    """

    path: str
    name: str
    part: str
    person: str
    camera: str = ''


@dataclass(frozen=True, eq=False)
class PartNumbers:
    """What a part of the data set holds.

    Attributes:
        part: Its name.
        pictures: Number of pictures, all of them.
        persons: Number of persons, without distractors and junk.
        distractors: Number of pictures of nobody who is looked for.
        junk: Number of pictures that are ignored.
        pictures_by_camera: Pictures of each camera; empty where none is known.
        pictures_of_persons: ``(persons,)`` int64 pictures of each person, the most
            first.
        cameras_of_persons: ``(persons,)`` int64 cameras of each person, in the same
            order; empty where none is known.
    """

    part: str
    pictures: int
    persons: int
    distractors: int
    junk: int
    pictures_by_camera: Mapping[str, int]
    pictures_of_persons: np.ndarray
    cameras_of_persons: np.ndarray


@dataclass(frozen=True)
class NearDuplicate:
    """Two pictures that are nearly one.

    Attributes:
        first: Index of a picture.
        second: Index of another.
        kind: ``'two persons'`` (one of the labels is wrong, or both show two persons),
            ``'train and test'`` (the model is tested on what it learned) or
            ``'one person'`` (of one part, or of query and gallery). The kinds are in
            order of weight: a pair has the first that fits.
        bits: By how many of 64 bits their perceptual hashes differ; None where it was
            not by these that the pair was found.
        cosine: Cosine similarity of their embeddings; NaN where there are none.
    """

    first: int
    second: int
    kind: str
    bits: int | None = None
    cosine: float = np.nan


@dataclass(frozen=True)
class DuplicateList:
    """Near duplicates of one kind, the nearest first.

    Attributes:
        kind: As in :class:`NearDuplicate`.
        pairs: Those shown.
        found: How many there are.
    """

    kind: str
    pairs: tuple[NearDuplicate, ...]
    found: int


@dataclass(frozen=True, eq=False)
class QualityList:
    """Pictures that stand out by one measure, the worst first.

    Attributes:
        kind: ``'blurred'``, ``'tiny'``, ``'dark'``, ``'bright'``, ``'odd shape'`` or
            ``'grey'``.
        measure: What is measured, such as ``'variance of the Laplacian'``.
        unit: Of the values; empty where they have none.
        pictures: Indices of those shown.
        values: Of each of these.
        threshold: Pictures beyond it are counted as such.
        rule: How the threshold was chosen, a sentence.
        found: How many pictures are beyond it; may be 0.
        edges: ``(b + 1,)`` float64 of the histogram of all pictures.
        counts: ``(b,)`` int64 pictures between these.
    """

    kind: str
    measure: str
    unit: str
    pictures: tuple[int, ...]
    values: tuple[float, ...]
    threshold: float
    rule: str
    found: int
    edges: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class PersonList:
    """Persons who are seldom seen.

    Attributes:
        kind: ``'one camera'`` (several pictures, all by one camera) or
            ``'one picture'``.
        part: In which part.
        pictures: Indices of one picture of each of those shown.
        numbers: How many pictures each of these has.
        found: How many such persons there are.
    """

    kind: str
    part: str
    pictures: tuple[int, ...]
    numbers: tuple[int, ...]
    found: int


@dataclass(frozen=True, eq=False)
class DataSetFacts:
    """All that the page of a data set shows.

    Attributes:
        name: The data set's name, as results tell it.
        root: Its folder.
        pictures: The pictures that are shown.
        parts: What each part holds.
        duplicates: Near duplicates, a list for each kind.
        duplicate_rule: How they were found, a sentence.
        wrong_labels: Suspects of training, of testing; empty without embeddings.
        method: How suspects are ranked and their number is estimated: sentences, the
            assumption with them, and the paper.
        embeddings: What the embeddings are of and how they were made, a line; empty
            where there are none.
        quality: Lists of pictures by their quality.
        seldom: Persons who are seldom seen.
        faults: What the check without pictures found to be wrong, sentences.
        notes: What is worth knowing, sentences.
        missing: A sentence for each thing that is not there, and why.
        corrections: What was corrected in the labels when they were read, a line; empty
            where nothing was.
        suspects_file: Name of the table of suspects that was written; empty where none
            was.
    """

    name: str
    root: str
    pictures: tuple[ShownPicture, ...]
    parts: tuple[PartNumbers, ...]
    duplicates: tuple[DuplicateList, ...] = ()
    duplicate_rule: str = ''
    wrong_labels: tuple[WrongLabels, ...] = ()
    method: tuple[str, ...] = ()
    embeddings: str = ''
    quality: tuple[QualityList, ...] = ()
    seldom: tuple[PersonList, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    corrections: str = ''
    suspects_file: str = ''
