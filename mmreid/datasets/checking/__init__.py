"""Is a data set whole and consistent? Counts, labels, pictures, copies, archives."""

from mmreid.datasets.checking.configs import find_datasets, find_protocol, find_splits
from mmreid.datasets.checking.findings import FAULTS, NOTES, Finding
from mmreid.datasets.checking.labels import PROTOCOLS
from mmreid.datasets.checking.report import Report, check_datasets

__all__ = [
    'FAULTS',
    'NOTES',
    'PROTOCOLS',
    'Finding',
    'Report',
    'check_datasets',
    'find_datasets',
    'find_protocol',
    'find_splits',
]
