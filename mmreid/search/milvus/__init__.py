"""Galleries beyond one machine: the vectors in a Milvus server, or in Milvus Lite.

``address.py`` reads where one is, ``connection.py`` reaches it, ``lite.py`` runs Milvus
Lite, ``schema.py`` says what is kept, ``expressions.py`` turns filters into Milvus'
language, ``journal.py`` hands out ids and hides what is half added, ``table.py`` reads
and writes rows. The way in is ``MilvusGallery`` (``gallery.py``), or
``mmreid.search.open_gallery``.
"""

from mmreid.search.milvus.address import MilvusAddress, is_milvus
from mmreid.search.milvus.gallery import MilvusGallery

__all__ = ['MilvusAddress', 'MilvusGallery', 'is_milvus']
