"""Lists of blurred, tiny, dark, bright, oddly shaped and grey pictures."""

from collections.abc import Mapping

from mmreid.apis.report.data_set.listed_pictures import ListedPictures, ShownPictures
from mmreid.datasets.picture_measures import KINDS, Measures, find_outliers
from mmreid.report.data_set.facts import QualityList


def list_qualities(
    listed: ListedPictures,
    measures: Mapping[str, Measures],
    shown: ShownPictures,
    largest: int,
) -> tuple[QualityList, ...]:
    """List pictures by each measure, the worst first.

    Args:
        listed (ListedPictures): All pictures.
        measures (Mapping[str, Measures]): By path; those that cannot be read lack.
        shown (ShownPictures): Is given the pictures.
        largest (int): Number of pictures that are shown in a list.
    """
    first: dict[str, int] = {}
    for i, path in enumerate(listed.path):
        if path in measures:
            first.setdefault(path, i)
    known, own = [*first.values()], [measures[path] for path in first]
    if not known:
        return ()
    lists = []
    for kind, quality in KINDS.items():
        outliers = find_outliers(kind, own)
        # Some that do not stand out, too: a threshold is no verdict.
        number = min(max(outliers.found, 12), largest, len(known))
        lists.append(
            QualityList(
                kind=kind,
                measure=quality.measure,
                unit=quality.unit,
                pictures=shown.add(known[i] for i in outliers.order[:number]),
                values=tuple(outliers.values[:number].tolist()),
                threshold=outliers.threshold,
                rule=outliers.rule,
                found=outliers.found,
                edges=outliers.edges,
                counts=outliers.counts,
            )
        )
    return tuple(lists)
