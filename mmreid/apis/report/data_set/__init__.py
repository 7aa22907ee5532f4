"""What is wrong with a data set: from its check and embeddings to a page and a table.

``showing.show_data_set`` is the way in; it takes the report of
``mmreid.datasets.checking``, of which ``gathering.py`` makes what the page is told.
``listed_pictures.py`` has the pictures of all parts in one list, ``embeddings.py``
their vectors, from a model or a file; ``numbers.py``, ``duplicates.py``,
``qualities.py`` and ``wrong_labels.py`` fill the page's facts, and
``suspects_file.py`` writes the table that is corrected and given back.
"""

from mmreid.apis.report.data_set.embeddings import (
    PictureVectors,
    compute_vectors,
    read_vectors,
)
from mmreid.apis.report.data_set.gathering import gather_data_set
from mmreid.apis.report.data_set.listed_pictures import ListedPictures, list_pictures
from mmreid.apis.report.data_set.showing import (
    Outputs,
    describe_suspects,
    show_data_set,
)
from mmreid.apis.report.data_set.suspects_file import write_suspects

__all__ = [
    'ListedPictures',
    'Outputs',
    'PictureVectors',
    'compute_vectors',
    'describe_suspects',
    'gather_data_set',
    'list_pictures',
    'read_vectors',
    'show_data_set',
    'write_suspects',
]
