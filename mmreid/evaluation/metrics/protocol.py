"""The protocol stamp: what a number was measured on, and how."""

import logging
from collections.abc import Mapping

import numpy as np
from mmengine.logging import print_log

from mmreid.evaluation.functional import Features, RankingResult

JUNK_RULE = (
    "gallery images of person -1, and the query's person in the query's camera, are "
    'ignored'
)


def describe_features(features: Features, dataset_meta: Mapping | None) -> dict:
    """Tell in plain Python what the features are of and how they were made.

    ``num_gallery`` counts all gallery images, junk and distractors included; what is
    not known is None.

    Args:
        features: The features; their ``meta`` holds ``flip_test`` and ``normalize``.
        dataset_meta: The data set's metainfo.
    """
    meta = dataset_meta or {}
    is_query = features.is_query
    gallery_ids = features.person_id[~is_query]
    # A data set that numbers its persons from 0 has no distractors.
    distractors = gallery_ids == 0 if 0 not in features.person_id[is_query] else 0
    return dict(
        **{key: _plain(meta.get(key)) for key in ('dataset', 'version', 'split')},
        num_query=int(is_query.sum()),
        num_gallery=len(gallery_ids),
        num_junk=int((gallery_ids == -1).sum()),
        num_distractor=int(np.sum(distractors)),
        embedding_dim=features.embedding.shape[1],
        flip_test=_plain(features.meta.get('flip_test')),
        normalize=_plain(features.meta.get('normalize')),
    )


def warn_of_gaps(stamp: Mapping) -> None:
    """Warn of what a stamp should tell but cannot."""
    keys = ('dataset', 'version', 'split', 'flip_test', 'normalize')
    unknown = [key for key in keys if stamp[key] is None]
    if unknown:
        print_log(
            f'The protocol stamp lacks {unknown}: data set, version and split come '
            "from the data set's metainfo, flip_test and normalize from the model's "
            'data samples. They are left open rather than guessed.',
            logger='current',
            level=logging.WARNING,
        )


def explain_no_match(features: Features, result: RankingResult) -> str:
    """Say why no query could be evaluated, and what to do.

    Args:
        features: The features that were ranked.
        result: The ranking, in which no query is valid.
    """
    query_ids, gallery_ids, query_cams, gallery_cams = (
        array[half]
        for array in (features.person_id, features.cam_id)
        for half in (features.is_query, ~features.is_query)
    )
    in_gallery = np.isin(query_ids, gallery_ids[gallery_ids != -1])
    return (
        f'None of the {len(result.valid)} queries has a right answer, so mAP, mINP and '
        'CMC do not exist and are reported as NaN. By the Market protocol a right '
        "answer shows the query's person in another camera than the query's; "
        f'{JUNK_RULE}. Queries come from camera(s) {_some(query_cams)}, gallery '
        f'images from camera(s) {_some(gallery_cams)}; {int(in_gallery.sum())} queries '
        'have their person in the gallery, in their own camera only, and '
        f'{int((~in_gallery).sum())} not at all. If all images come from one camera, '
        'give query and gallery images different cam_id (one per recording, say) so '
        'that they may answer each other; otherwise check how cam_id and person_id '
        'are read from the file names.'
    )


def _some(values: np.ndarray) -> str:
    """List the different values, not more than eight of them."""
    different = np.unique(values).tolist()
    more = f' and {len(different) - 8} more' if len(different) > 8 else ''
    return ', '.join(map(str, different[:8])) + more


def _plain(value: object) -> object:
    """Return a value that JSON and a safe checkpoint can hold."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)
