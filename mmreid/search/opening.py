"""Galleries by their address: a file, or a place in Milvus."""

import os
from typing import Any

from mmreid.search.base_gallery import BaseGallery
from mmreid.search.gallery import Gallery
from mmreid.search.milvus import MilvusGallery, is_milvus


def open_gallery(address: str | os.PathLike, **options: Any) -> BaseGallery:
    """Open a gallery.

    Args:
        address (str | os.PathLike): A file, ``milvus:FILE.db`` for Milvus Lite, or
            ``http(s)://host:19530`` for a Milvus server, both with ``#NAME`` behind
            it if it is not called ``gallery``.
        **options (Any): Of :class:`Gallery` or :class:`MilvusGallery`.

    Returns:
        BaseGallery: Open.
    """
    kind: Any = MilvusGallery if is_milvus(address) else Gallery
    return kind(address, **options)


def create_gallery(
    address: str | os.PathLike, dim: int, *, model_key: str, **options: Any
) -> BaseGallery:
    """Make an empty gallery.

    Args:
        address (str | os.PathLike): As of :func:`open_gallery`.
        dim (int): Width of the vectors.
        model_key (str): Key of the model whose vectors it will keep.
        **options (Any): Of ``create`` of :class:`Gallery` or :class:`MilvusGallery`.

    Returns:
        BaseGallery: Open.
    """
    kind: Any = MilvusGallery if is_milvus(address) else Gallery
    return kind.create(address, dim, model_key=model_key, **options)
