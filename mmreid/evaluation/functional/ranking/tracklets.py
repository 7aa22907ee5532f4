"""Frames of a tracklet used as one query, or as one entry of the gallery.

The protocol of video data sets since MARS (Zheng et al., ECCV 2016): a tracklet has one
vector, pooled over its frames, and query tracklets are looked for among gallery
tracklets. MARS's code (https://github.com/liangzheng06/MARS-evaluation,
``process_box_feat``) pools the frames' vectors as they are, by their maximum with the
mean beside it, and then normalises; its successors take the mean.
"""

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.ranking.multi_query import (
    group_rows,
    mean_times,
    pool_groups,
)
from mmreid.evaluation.test_set import Images, TestSet

TRACKLETS = ('mean', 'unit-mean', 'ignore')


def pool_frames(test_set: TestSet, how: str = 'mean') -> TestSet:
    """Pool the frames of each tracklet, of queries and of the gallery.

    A tracklet is what has one ``tracklet_id`` from 0 on, one person, one camera and,
    where they are known, one dress; each half has its own. Pictures of ``tracklet_id``
    -1 stay by themselves.

    Args:
        test_set (TestSet): Queries and gallery.
        how (str): ``'mean'`` of the vectors as they are; ``'unit-mean'`` of their
            directions, so that every frame counts the same; ``'ignore'``: frames are
            ranked one by one. Defaults to 'mean'.

    Returns:
        TestSet: Without tracklets; a row is in the place of its first frame, which is
        its ``origin``, and has the mean of their times. The same test set where it has
        none.

    Raises:
        ValueError: Another way, or vectors with NaN or infinity, or of length zero
            under ``'unit-mean'``; the first offending index is named.
    """
    check_choice('tracklets', how, TRACKLETS)
    if how == 'ignore' or not test_set.has_tracklets:
        return test_set
    queries = _join(test_set.queries, how, 'query')
    gallery = _join(test_set.gallery, how, 'gallery')
    return TestSet(queries, gallery, test_set.meta)


def _join(images: Images, how: str, name: str) -> Images:
    """Pool the tracklets of one half."""
    if images.tracklet_id is None:
        return images
    single = images.tracklet_id < 0
    # A number of its own for each picture without a tracklet.
    own = np.where(single, np.arange(len(images)), -1)
    labels = [images.person_id, images.cam_id, images.tracklet_id, own]
    if images.clothes_id is not None:
        labels.append(images.clothes_id)
    first, group = group_rows(labels)
    vectors = Vectors(images.vectors, name)
    pooled = pool_groups(vectors, group, len(first), 'mean', unit=how == 'unit-mean')
    joined = images.take(first)
    return Images(
        vectors=pooled,
        person_id=joined.person_id,
        cam_id=joined.cam_id,
        clothes_id=joined.clothes_id,
        img_path=joined.img_path,
        origin=joined.origin,
        time=mean_times(images.time, group, len(first)),
    )
