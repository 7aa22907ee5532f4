"""The page of a data set: what it holds, and what may be wrong with it.

``facts.py``, with ``suspects.py`` for wrong labels, says all that the page shows, in
plain numbers and texts; who computes them is ``mmreid.apis.report``. ``writing.py`` is
the way in, ``charts.py`` draws, and ``assets/data_set/`` shows.
"""

from mmreid.report.data_set.writing import write_data_set

__all__ = ['write_data_set']
