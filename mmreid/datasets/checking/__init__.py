"""Is a data set whole and consistent? Counts, labels, pictures, copies, archives.

``check_datasets`` (``report.py``) is the way in. A check is a function that yields
findings about a ``CheckedDataset`` (a data set with all its parts, numbered together):
of labels in ``labels.py``, of files in ``files.py``, of the same picture twice in
``repeated_pictures.py``, of what nobody reads in ``unread.py``. A new kind of finding
is named in ``findings.py``, as a fault or as a note, and its check is called in
``check_datasets``.
"""

from mmreid.datasets.checking.configs import find_datasets, find_protocol, find_splits
from mmreid.datasets.checking.findings import FAULTS, NOTES, Finding
from mmreid.datasets.checking.labels import RANKING_PROTOCOLS
from mmreid.datasets.checking.report import Report, check_datasets

__all__ = [
    'FAULTS',
    'NOTES',
    'RANKING_PROTOCOLS',
    'Finding',
    'Report',
    'check_datasets',
    'find_datasets',
    'find_protocol',
    'find_splits',
]
