"""Vectors of many pictures in a file: what ``mmreid embed`` does.

``embedding.py`` is the way in. ``work.py`` lists what there is to embed, ``shards.py``
keeps what is done, by one process or by several, so that nothing is done twice;
``labels.py`` knows persons and cameras, ``writing.py`` the file that comes out.
"""

from mmreid.apis.embedding_files.embedding import (
    EmbeddedFile,
    EmbeddingFile,
    embed_to_file,
)
from mmreid.apis.embedding_files.work import find_work

__all__ = ['EmbeddedFile', 'EmbeddingFile', 'embed_to_file', 'find_work']
