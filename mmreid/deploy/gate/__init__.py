"""The gate: an exported file gets its name where it ranks as the network does.

``judging.py`` is the way in: ``judge`` takes both sets of vectors of one test set and
returns a ``Judgement``, with the limits and their reasons in ``limits.py``. Where it is
refused, ``find_cause`` of ``causes/`` finds by experiment which mistake the file makes,
and ``Judgement.blame`` takes what it found. ``report.py`` writes it beside the file.
``worst_score.py`` tells of many files in turn what the gate would make of their mAP.
"""

from mmreid.deploy.gate.causes import Experiment, find_cause
from mmreid.deploy.gate.judgement import Judgement
from mmreid.deploy.gate.judging import judge
from mmreid.deploy.gate.report import read_report, report_path, write_report
from mmreid.deploy.gate.worst_score import WorstScore

__all__ = [
    'Experiment',
    'Judgement',
    'WorstScore',
    'find_cause',
    'judge',
    'read_report',
    'report_path',
    'write_report',
]
