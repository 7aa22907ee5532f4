"""Galleries as test sets: everybody is looked for among all others."""

from dataclasses import replace
from typing import Any

import numpy as np

from mmreid.evaluation.test_set import DISTRACTOR, JUNK, Images, TestSet


def all_against_all(features: TestSet) -> TestSet:
    """Have a test set without queries look for everybody whom it names.

    Args:
        features (TestSet): Of which the gallery counts. Persons below 0 are left out,
            person 0 is a wrong answer to all. Pictures of a camera below 0, which is
            unknown, count as of a camera each.

    Returns:
        TestSet: Queries and gallery are the same pictures.

    Raises:
        ValueError: Nobody is named.
    """
    images = features.gallery.take(features.gallery.person_id > JUNK)
    unknown = images.cam_id < 0
    own = images.cam_id.max(initial=0) + 1 + np.arange(len(images))
    images = replace(images, cam_id=np.where(unknown, own, images.cam_id), origin=None)
    named = images.person_id != DISTRACTOR
    if not named.any():
        raise ValueError(
            'The features must name persons, got none; write them with "mmreid embed '
            '--pattern" or "--labels", or give labelled pairs.'
        )
    return TestSet(replace(images.take(named), origin=None), images, features.meta)


def gallery_test_set(gallery: Any) -> TestSet:
    """Take all entries whose person is known as queries and as gallery.

    An entry is no answer to itself, nor are others of its person in its camera. Entries
    without a camera count as of a camera each.

    Args:
        gallery (Any): A ``BaseGallery``.

    Returns:
        TestSet: Both halves are one; its ``meta`` knows the model's key.

    Raises:
        ValueError: No entry has a person.
    """
    entries = [entry for entry in gallery.entries() if entry.person is not None]
    if not entries:
        raise ValueError(
            'The gallery must have entries whose person is known, got none; add them '
            'with persons, or give labelled pairs.'
        )
    vectors = gallery.vectors(np.array([entry.id for entry in entries], np.int64))
    _, persons = np.unique([entry.person for entry in entries], return_inverse=True)
    known = sorted({entry.camera for entry in entries if entry.camera is not None})
    numbers = {camera: place for place, camera in enumerate(known)}
    cameras = [
        len(known) + place if entry.camera is None else numbers[entry.camera]
        for place, entry in enumerate(entries)
    ]
    # Persons 0 and -1 have a meaning of their own in test sets.
    images = Images(vectors, persons.astype(np.int64) + 1, np.array(cameras, np.int64))
    meta = {'features_key': {'model': gallery.info()['model_key']}}
    return TestSet(images, images, meta)
