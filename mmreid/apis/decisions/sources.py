"""What a threshold can be fitted on, told by the file."""

import os
from pathlib import Path
from typing import Any

from mmreid.evaluation.features import READERS
from mmreid.evaluation.features.file import load_features
from mmreid.evaluation.test_set import TestSet
from mmreid.files import check_file, read_safetensors_head
from mmreid.search import OperatingPoint, fit_operating_point, open_gallery
from mmreid.search.decisions.evidence.gallery_set import (
    all_against_all,
    gallery_test_set,
)

_SQLITE = b'SQLite format 3\x00'
# Others may be weights.
_FEATURES = {*READERS} - {'.safetensors', '.pt', '.pth'}


def find_kind(source: str | os.PathLike) -> str:
    """Tell features, galleries and models apart.

    Args:
        source (str | os.PathLike): A file, an address of a gallery, or a model's name.

    Returns:
        str: ``'features'``, ``'gallery'`` or ``'model'``.
    """
    word = os.fspath(source)
    if word.startswith(('http://', 'https://', 'milvus:')):
        return 'gallery'
    path = Path(word)
    if path.suffix in _FEATURES:
        check_file(path)
    if not path.is_file():
        return 'model'
    with path.open('rb') as file:
        if file.read(len(_SQLITE)) == _SQLITE:
            return 'gallery'
        if path.suffix == '.safetensors':
            file.seek(0)
            head = read_safetensors_head(file, word)
            return 'features' if 'embedding' in head else 'model'
    return 'features' if path.suffix in _FEATURES else 'model'


def fit_features(path: str | os.PathLike, **options: Any) -> OperatingPoint:
    """Fit a threshold to the persons of a features file.

    Args:
        path (str | os.PathLike): The file; where it tells no queries, everybody is
            looked for among all others.
        **options (Any): Of :func:`mmreid.search.fit_operating_point`.

    Returns:
        OperatingPoint: The threshold.

    Raises:
        OSError: The file cannot be read.
        ValueError: Its persons are too few, or an option is out of range.
    """
    features: TestSet = load_features(path, partial=True)
    if not len(features.queries):
        features = all_against_all(features)
    return fit_operating_point(features, **options)


def fit_gallery(address: str | os.PathLike, **options: Any) -> OperatingPoint:
    """Fit a threshold to a gallery's own persons, and keep it there.

    Args:
        address (str | os.PathLike): What ``open_gallery`` takes.
        **options (Any): Of :func:`mmreid.search.fit_operating_point`.

    Returns:
        OperatingPoint: The threshold, which searches of the gallery use from now on.

    Raises:
        OSError: The gallery cannot be read or written.
        ValueError: Its persons are too few, or an option is out of range.
    """
    with open_gallery(address) as gallery:
        point = fit_operating_point(gallery_test_set(gallery), **options)
        gallery.operating_point = point
    return point
