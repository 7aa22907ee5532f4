"""Pictures of which nobody is named, and training sets whose labels are clusters.

``folder.py`` is the data set: ``reading.py`` turns a folder or a table without persons
and splits into rows, ``records.py`` these into records. ``clustered.py`` puts clusters
where labels would be, around this data set or any other. What rows are, and how labels
may be spelled and are numbered, is said in :mod:`mmreid.datasets.reading` and
:mod:`mmreid.datasets.records` alone.
"""

from mmreid.datasets.unlabelled.clustered import ClusteredDataset
from mmreid.datasets.unlabelled.folder import UnlabelledFolder

__all__ = ['ClusteredDataset', 'UnlabelledFolder']
