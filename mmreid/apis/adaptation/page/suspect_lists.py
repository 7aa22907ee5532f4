"""Lists of suspects, as the page of an adaptation shows them."""

from collections.abc import Callable, Sequence

import numpy as np

from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.page import suspects
from mmreid.apis.adaptation.page.showing import ModelClusters, ShownOwnPictures
from mmreid.apis.report.data_set.duplicates import pair_by_hash
from mmreid.apis.report.data_set.listed_pictures import ListedPictures
from mmreid.datasets.checking.files import read_pictures
from mmreid.report.adaptation import SuspectList, SuspectPair

# More pictures are not looked at once more for near duplicates.
_MOST_HASHED = 50_000
Progress = Callable[[str], Callable[[int, int], None]]


def list_suspects(
    shown: ShownOwnPictures, models: Sequence[ModelClusters], progress: Progress
) -> tuple[SuspectList, ...]:
    """List what may be wrong with the clusters of the last model.

    Args:
        shown (ShownOwnPictures): Is given the pictures.
        models (Sequence[ModelClusters]): From before and, if there is one, from after.
        progress (Callable): Makes what is called with work done and in all, of its
            name.
    """
    pictures, last = shown.pictures, models[-1]
    far = (
        'Of each cluster the two pictures that are least alike to the model that made '
        'the clusters: do both show one person?'
    )
    found = [
        suspects.find_far_apart(
            last.vectors, last.labels, 'farthest apart in one cluster', far
        ),
        suspects.find_meetings(pictures, last.labels),
        suspects.find_torn(last.vectors, last.labels, progress('comparing clusters')),
    ]
    if len(models) > 1:
        rule = (
            'Of each cluster the two pictures that the model from before held for the '
            'least alike: what the adaptation brought together, rightly or not.'
        )
        kind = 'brought together by the adaptation'
        far_before = (models[0].vectors, last.labels, kind, rule)
        found.append(suspects.find_far_apart(*far_before))
    if len(pictures) <= _MOST_HASHED:
        found.append(_find_duplicates(pictures, last.labels, progress))
    return tuple(_show(shown, one) for one in found if one is not None)


def _find_duplicates(
    pictures: OwnPictures, labels: np.ndarray, progress: Progress
) -> suspects.FoundSuspects:
    paths = [str(path) for path in pictures.path]
    measures = read_pictures(paths, True, progress('looking at pictures'), True)
    number = len(paths)
    listed = ListedPictures(
        path=pictures.path,
        name=pictures.name,
        part=np.full(number, 'train', object),
        label=labels,
        person_id=labels,
        cam_id=np.zeros(number, np.int64),
        trained=np.ones(number, bool),
        cameras=False,
        shared_ids=True,
    )
    pairs = pair_by_hash(listed, measures.measures, progress('comparing hashes'))
    return suspects.list_duplicates(pairs.pairs, pairs.bits, labels, pairs.rule)


def _show(shown: ShownOwnPictures, found: suspects.FoundSuspects) -> SuspectList:
    pairs = []
    for one, two, text in found.pairs:
        first, second = shown.add((one, two))
        pairs.append(SuspectPair(first, second, text))
    return SuspectList(found.kind, found.rule, tuple(pairs), found.found)
