"""P values of comparisons, corrected for how many there are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mmreid.apis.evaluate.comparing.comparison import Comparison, Correction
from mmreid.apis.evaluate.comparing.differences import RunsDifference
from mmreid.evaluation.functional.uncertainty import PairedDifference, correct_holm

# What a family of p values may be corrected by.
CORRECTIONS = ('none', 'holm')


def correct_comparisons(
    comparisons: Mapping[str, Comparison], kind: str = 'none'
) -> dict[str, Comparison]:
    """Correct the p values of all comparisons together.

    The family is every p value in them, of all methods, metrics and data sets: whoever
    reads the tables may claim any difference in them, and it is any false claim that
    the correction makes rare. What is not to be claimed is to be left out before:
    compare by one metric that was chosen before the results were seen.

    Args:
        comparisons (Mapping[str, Comparison]): By data set.
        kind (str): ``'holm'``, or ``'none'`` for no correction. Defaults to
            ``'none'``.

    Returns:
        dict[str, Comparison]: The same with their ``correction``; without one where
        nothing was tested.

    Raises:
        ValueError: Another kind.
    """
    if kind not in CORRECTIONS:
        raise ValueError(f'The correction must be one of {CORRECTIONS}, got {kind!r}.')
    tested = {
        (data_set, name): difference
        for data_set, comparison in comparisons.items()
        for name, difference in comparison.differences.items()
        if isinstance(difference, PairedDifference)
    }
    if kind == 'none' or not tested:
        return dict(comparisons)
    sizes = [len(difference.p_value) for difference in tested.values()]
    corrected = correct_holm(np.concatenate([d.p_value for d in tested.values()]))
    # Corrected p values grow with every p value of the family.
    least = correct_holm(
        np.repeat([*map(_least_p_value, tested.values())], sizes)
    ).min()
    corrections = {
        where: Correction(kind, len(corrected), float(least), {}) for where, _ in tested
    }
    parts = np.split(corrected, np.cumsum(sizes)[:-1])
    for (where, name), part in zip(tested, parts, strict=True):
        corrections[where].p_values[name] = part
    return {
        where: replace(comparison, correction=corrections.get(where))
        for where, comparison in comparisons.items()
    }


def _least_p_value(difference: PairedDifference) -> float:
    if not isinstance(difference, RunsDifference):
        return 0.0
    return difference.by_metric[0].least_p_value
