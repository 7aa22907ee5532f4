"""The page of results: what one or several models do on the same test set.

``facts.py`` says all that the page shows, in plain arrays and texts; who computes them
is ``mmreid.apis.report``. ``writing.py`` is the way in: ``charts.py`` draws,
``sentences.py`` words the head, ``query_data.py`` is what ``assets/results/`` shows of
the queries.
"""

from mmreid.report.results.facts import (
    Answers,
    CameraTable,
    DetCurve,
    Difference,
    Explanation,
    OperatingPoint,
    PairDistances,
    PairedDifference,
    ReportedImages,
    ReportedModel,
    ReportedTest,
    Score,
    Verdict,
)
from mmreid.report.results.writing import write_results

__all__ = [
    'Answers',
    'CameraTable',
    'DetCurve',
    'Difference',
    'Explanation',
    'OperatingPoint',
    'PairDistances',
    'PairedDifference',
    'ReportedImages',
    'ReportedModel',
    'ReportedTest',
    'Score',
    'Verdict',
    'write_results',
]
