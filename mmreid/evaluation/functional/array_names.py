"""The names under which programs write embeddings and their labels."""

from collections.abc import Iterable, Mapping

import numpy as np

# Our own name first.
_EMBEDDING = ('embedding', 'embeddings', 'features', 'feature', 'feats', 'feat', 'f')
_PERSON = ('person_id', 'person_ids', 'pids', 'pid', 'ids', 'labels', 'label')
_CAMERA = ('cam_id', 'cam_ids', 'camids', 'camid', 'cams', 'cam', 'camera_id')
_PATH = ('img_path', 'img_paths', 'paths', 'path')
_CLOTHES = ('clothes_id', 'clothes_ids', 'clothes')
NAMES = {
    'embedding': _EMBEDDING,
    'person_id': _PERSON,
    'cam_id': _CAMERA,
    'img_path': _PATH,
    'clothes_id': _CLOTHES,
}
# What stands before these names where query and gallery are separate arrays.
_PREFIXES = (('query_', 'q_', 'query', 'q'), ('gallery_', 'g_', 'gallery', 'g'))


def find_arrays(
    arrays: Mapping[str, np.ndarray], num_query: int | None = None
) -> dict[str, np.ndarray]:
    """Find embeddings and labels by any of their usual names.

    Args:
        arrays: Arrays by the names they have in a file.
        num_query: How many of the first rows are queries, where neither ``is_query``
            nor ``num_query`` in the file tells. Defaults to None.

    Returns:
        ``embedding``, ``person_id``, ``cam_id``, ``is_query``, ``img_path`` (empty
        strings where the file has none) and, if the file has them, ``clothes_id``.

    Raises:
        ValueError: An array that is not there, that is there under two names, or
            nothing that tells queries from the gallery.
    """
    separate = any(_pick(arrays, _with_prefix(_EMBEDDING, p)) for p in _PREFIXES)
    found = _halves(arrays) if separate else _whole(arrays, num_query)
    if 'img_path' in found:
        found['img_path'] = _as_text(found['img_path'])
    else:
        found['img_path'] = np.full(len(found['embedding']), '')
    return found


def _whole(
    arrays: Mapping[str, np.ndarray], num_query: int | None
) -> dict[str, np.ndarray]:
    """Find arrays that hold queries and gallery together."""
    names = {ours: _pick(arrays, theirs) for ours, theirs in NAMES.items()}
    _require(names, arrays)
    found = {ours: _flat(arrays[name], ours) for ours, name in names.items() if name}
    if num_query is None and 'num_query' in arrays:
        num_query = int(arrays['num_query'])
    if 'is_query' in arrays:
        found['is_query'] = _flat(arrays['is_query'], 'is_query')
    elif num_query is not None:
        found['is_query'] = np.arange(len(found['embedding'])) < num_query
    else:
        raise ValueError(
            f"it lacks ['is_query'], which tells queries from the gallery, and has "
            f'{sorted(arrays)}; where the queries come first, num_query does as well'
        )
    return found


def _halves(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Find and join separate arrays of queries and gallery."""
    names = {
        ours: tuple(_pick(arrays, _with_prefix(theirs, p)) for p in _PREFIXES)
        for ours, theirs in NAMES.items()
    }
    whole = {ours: ours if all(pair) else '' for ours, pair in names.items()}
    _require(whole, arrays)
    found = {}
    for ours in filter(None, whole.values()):
        parts = [_flat(arrays[name], ours) for name in names[ours]]
        if ours == 'img_path':
            parts = [_as_text(part) for part in parts]
        found[ours] = np.concatenate(parts)
    sizes = [len(arrays[name]) for name in names['embedding']]
    found['is_query'] = np.repeat([True, False], sizes)
    return found


def _pick(arrays: Mapping[str, np.ndarray], names: Iterable[str]) -> str:
    """Return the one name that occurs, or an empty string."""
    present = [name for name in names if name in arrays]
    if len(present) > 1:
        raise ValueError(
            f'{present} may all be the same array; it must hold only one of them'
        )
    return present[0] if present else ''


def _with_prefix(names: Iterable[str], prefixes: Iterable[str]) -> list[str]:
    return [prefix + name for prefix in prefixes for name in names]


def _require(names: Mapping[str, str], arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse arrays that lack what every evaluation needs."""
    missing = [key for key in ('embedding', 'person_id', 'cam_id') if not names[key]]
    if missing:
        raise ValueError(f'it lacks {missing} and has {sorted(arrays)}')


def _flat(array: np.ndarray, name: str) -> np.ndarray:
    """Return labels ``(N,)``; MATLAB writes them ``(1, N)``."""
    is_labels = name not in ('embedding', 'img_path') and array.ndim == 2
    return array.ravel() if is_labels and 1 in array.shape else array


def _as_text(paths: np.ndarray) -> np.ndarray:
    """Return unicode strings ``(N,)``, also of rows of UTF-8 bytes."""
    if paths.dtype == np.uint8 and paths.ndim == 2:
        rows = np.ascontiguousarray(paths)
        paths = np.frombuffer(rows.tobytes(), f'S{max(1, rows.shape[1])}')
    return np.char.decode(paths, 'utf-8') if paths.dtype.kind == 'S' else paths
