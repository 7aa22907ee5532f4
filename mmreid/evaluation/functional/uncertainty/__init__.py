"""What a mean over queries is worth: intervals, tests, spread over runs.

Queries of one person are not independent draws: they share clothes, right answers and
look-alikes. A test set is made by choosing persons and then taking all their pictures,
and the question behind a number is how it would have come out for other persons. So
the functions here resample and flip whole clusters (pass the persons as ``clusters``);
with ``clusters=None`` every query is its own, which gives narrower intervals and
smaller p values than the data support. Bootstrap: Efron and Tibshirani, An
Introduction to the Bootstrap, 1993, chapters 8 and 13; clusters: Davison and Hinkley,
Bootstrap Methods and their Application, 1997, section 3.8; the p value's correction:
Phipson and Smyth, Permutation P-values Should Never Be Zero, 2010.

``paired.py`` bounds a mean and compares two results on the same queries: two networks.
``repeated.py`` compares two methods, each trained with several seeds, over runs and
persons, which ``crossed_draws.py`` draws; ``error_levels.py`` tells what either adds
and how many runs would be needed, ``run_spread.py`` how runs of one method differ.
``corrections.py`` corrects the p values of several comparisons, ``agreement.py`` asks
whether two measurements order methods alike, by the tau of ``kendall.py``, with
``exchanged_orders.py`` for whether that is chance. ``clusters.py`` is what the rest
stands on: sums over persons, their resamples and flips. All are functions of values of
queries, and know nothing of files or of what is printed.
"""

from mmreid.evaluation.functional.uncertainty.agreement import (
    RankAgreement,
    discordant_pairs,
    rank_agreement,
)
from mmreid.evaluation.functional.uncertainty.corrections import correct_holm
from mmreid.evaluation.functional.uncertainty.kendall import resampled_taus
from mmreid.evaluation.functional.uncertainty.paired import (
    Interval,
    PairedDifference,
    bootstrap_interval,
    compare_paired,
)
from mmreid.evaluation.functional.uncertainty.repeated import (
    RepeatedDifference,
    compare_repeated,
)
from mmreid.evaluation.functional.uncertainty.run_spread import Spread, spread

__all__ = [
    'Interval',
    'PairedDifference',
    'RankAgreement',
    'RepeatedDifference',
    'Spread',
    'bootstrap_interval',
    'compare_paired',
    'compare_repeated',
    'correct_holm',
    'discordant_pairs',
    'rank_agreement',
    'resampled_taus',
    'spread',
]
