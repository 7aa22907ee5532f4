"""P values of comparisons, corrected for how many there are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mmreid.apis.evaluate.comparing.comparison import Comparison, Correction
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
        (data_set, name): difference.p_value
        for data_set, comparison in comparisons.items()
        for name, difference in comparison.differences.items()
        if isinstance(difference, PairedDifference)
    }
    if kind == 'none' or not tested:
        return dict(comparisons)
    corrected = correct_holm(np.concatenate(list(tested.values())))
    ends = np.cumsum([len(p_values) for p_values in tested.values()])
    parts = dict(zip(tested, np.split(corrected, ends[:-1]), strict=True))
    corrections = {where: Correction(kind, len(corrected), {}) for where, _ in tested}
    for (where, name), part in parts.items():
        corrections[where].p_values[name] = part
    return {
        where: replace(comparison, correction=corrections.get(where))
        for where, comparison in comparisons.items()
    }
