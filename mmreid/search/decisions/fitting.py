"""Fit an operating point: a threshold, its errors and probabilities."""

from collections.abc import Mapping
from typing import Any

from mmreid.arguments import check_choice, check_number
from mmreid.evaluation.functional.open_set.identification import UNMATED
from mmreid.evaluation.functional.open_set.operating_threshold import TASKS
from mmreid.evaluation.test_set import TestSet
from mmreid.search.decisions.calibrating import ReversedPairsError, fit_calibration
from mmreid.search.decisions.calibration import KINDS, Calibration
from mmreid.search.decisions.evidence import LabelledPairs
from mmreid.search.decisions.operating_point import OperatingPoint
from mmreid.search.decisions.pair_threshold import fit_labelled, fit_test_set
from mmreid.search.decisions.reliability import cross_fitted_quality
from mmreid.search.decisions.search_threshold import fit_searches


def fit_operating_point(
    data: TestSet | LabelledPairs,
    rate: float = 0.001,
    *,
    task: str = 'verification',
    calibration: str = 'logistic',
    prior: float = 0.5,
    unmated: str = 'left-out',
    guarantee: float | None = None,
    dataset: str | None = None,
    model_key: str | None = None,
    seed: int = 0,
) -> OperatingPoint:
    """Find the most permissive threshold that keeps a false accept rate.

    The pairs of a test set are those of ``evaluate_verification``: pictures of one
    person in one camera form none. Intervals are over persons, not over pairs.

    Args:
        data (TestSet | LabelledPairs): Queries and a gallery whose persons are known,
            or pairs that somebody has labelled.
        rate (float): Share of the pairs of two persons, or of the searches for
            somebody who is not in the gallery, that may be accepted. Defaults to
            0.001.
        task (str): ``'verification'``: is this pair one person? or
            ``'identification'``: is the first answer of a search right? The latter
            needs a test set, and holds for a gallery of its size. Defaults to
            ``'verification'``.
        calibration (str): ``'logistic'`` or ``'isotonic'``, see
            :func:`fit_calibration`. Defaults to ``'logistic'``.
        prior (float): Probability of one person, before looking, that
            ``probability`` is to start from. Defaults to 0.5.
        unmated (str): Of identification: who is searched for in vain, as of
            ``evaluate_identification``. Defaults to ``'left-out'``.
        guarantee (float, optional): Probability, such as 0.95, with which the rate is
            to hold for other persons, see :func:`guaranteed_threshold`. Defaults to
            None: the rate holds for the persons of the data.
        dataset (str, optional): Name of the data. Defaults to None: what the test set
            knows.
        model_key (str, optional): Key of the model of the vectors. Defaults to None:
            what the test set knows.
        seed (int): Of draws. Defaults to 0.

    Returns:
        OperatingPoint: The threshold, with what it was fitted on.

    Raises:
        ValueError: Too few pairs to tell the rate, which are counted; no pairs of one
            person or of two; vectors without a direction; an unknown option.
    """
    check_number('rate', rate, above=0, below=1)
    if guarantee is not None:
        check_number('guarantee', guarantee, above=0.5, below=1)
    check_choice('task', task, TASKS)
    check_choice('calibration', calibration, KINDS)
    check_choice('unmated', unmated, UNMATED)
    meta: Mapping[str, Any] = data.meta if isinstance(data, TestSet) else {}
    if isinstance(data, LabelledPairs):
        if task == 'identification':
            raise ValueError(
                'task must be verification for labelled pairs, which are no searches '
                f'of a gallery, got {task!r}; give a gallery or a file of features.'
            )
        found, pairs = fit_labelled(data, rate, guarantee), data
    elif task == 'identification':
        found, pairs = fit_searches(data, rate, unmated, guarantee)
    else:
        found, pairs = fit_test_set(data, rate, seed, guarantee)
    curve = _fit_curve(pairs, task, calibration)
    made_by = (meta.get('features_key') or {}).get('model')
    return OperatingPoint(
        **found,
        rate=float(rate),
        guarantee=guarantee,
        task=task,
        calibration=curve,
        quality=None
        if curve is None
        else cross_fitted_quality(pairs, calibration, seed),
        prior=prior,
        num_persons=pairs.num_persons,
        dataset=dataset or meta.get('dataset'),
        model_key=model_key or made_by,
    )


def _fit_curve(pairs: LabelledPairs, task: str, kind: str) -> Calibration | None:
    """Fit probabilities where there are any."""
    right, wrong = pairs.positive.distances, pairs.negative.distances
    # In a large gallery somebody else may well be nearer than the right picture: no
    # fault of the labels, and the threshold holds.
    try:
        return fit_calibration(right, wrong, kind)
    except ReversedPairsError:
        if task == 'identification':
            return None
        raise
