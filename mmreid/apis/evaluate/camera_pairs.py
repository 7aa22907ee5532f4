"""Which pairs of cameras are easy and which are hard."""

from collections.abc import Mapping
from typing import Any

from mmreid.evaluation.functional.ranking import camera_pairs
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import TestSet
from mmreid.text_tables import format_number, format_table


def score_camera_pairs(test_set: TestSet, rules: RankingRules) -> dict[str, Any]:
    """Score the pairs of cameras, in percent.

    Args:
        test_set (TestSet): Queries and gallery.
        rules (RankingRules): How to rank; only distance and average precision count.

    Returns:
        dict[str, Any]: Cameras, and tables (a row a query camera) of mAP, R1 and the
        number of queries.

    Raises:
        ValueError: The data set does not know its cameras.
    """
    if test_set.meta.get('cameras') is False:
        raise ValueError(
            'The data set does not know its cameras (every picture counts as one of '
            'its own), so there are no pairs of cameras to score.'
        )
    pairs = camera_pairs.score_camera_pairs(
        test_set,
        distance=rules.distance,
        ranks=(1,),
        average_precision=rules.average_precision,
    )
    return dict(
        query_cameras=pairs.query_cameras.tolist(),
        gallery_cameras=pairs.gallery_cameras.tolist(),
        mAP=(100 * pairs.mAP).tolist(),
        R1=(100 * pairs.cmc[..., 0]).tolist(),
        num_queries=pairs.num_queries.tolist(),
    )


def format_camera_pairs(pairs: Mapping[str, Any]) -> str:
    """Lay out mAP and R1 by pairs of cameras.

    Args:
        pairs (Mapping[str, Any]): From :func:`score_camera_pairs`.

    Returns:
        str: Two tables.
    """
    tables = []
    for metric in ('mAP', 'R1'):
        head = [f'{metric}: query in', *(f'-> {c}' for c in pairs['gallery_cameras'])]
        cameras = zip(pairs['query_cameras'], pairs[metric], strict=True)
        rows = [[f'camera {c}', *map(format_number, values)] for c, values in cameras]
        tables.append(format_table([head, *rows]))
    return '\n\n'.join(tables)
