"""The names under which programs write embeddings and their labels."""

from collections.abc import Iterable, Mapping

import numpy as np

# Our own name first.
_EMBEDDING = ('embedding', 'embeddings', 'features', 'feature', 'feats', 'feat', 'f')
_PERSON = (
    *('person_id', 'person_ids', 'pids', 'pid', 'ids', 'labels', 'label'),
    *('persons', 'person'),
)
_CAMERA = (
    *('cam_id', 'cam_ids', 'camids', 'camid', 'cams', 'cam'),
    *('camera_id', 'camera_ids', 'cameras', 'camera'),
)
_PATH = ('img_path', 'img_paths', 'paths', 'path')
_CLOTHES = ('clothes_id', 'clothes_ids', 'clothes')
_TRACKLET = ('tracklet_id', 'tracklet_ids', 'tracklets', 'tracklet')
# A file may have more than one of them; our own is taken first.
_TIME = ('time', 'times', 'frame', 'frames')
NAMES = {
    'embedding': _EMBEDDING,
    'person_id': _PERSON,
    'cam_id': _CAMERA,
    'img_path': _PATH,
    'clothes_id': _CLOTHES,
    'tracklet_id': _TRACKLET,
    'time': _TIME,
}
# In bytes; the longest that Linux opens.
_LONGEST_PATH = 4096
# What stands before these names where query and gallery are separate arrays.
_PREFIXES = (('query_', 'q_', 'query', 'q'), ('gallery_', 'g_', 'gallery', 'g'))


def find_arrays(
    arrays: Mapping[str, np.ndarray],
    num_query: int | None = None,
    *,
    cameras: bool = True,
    partial: bool = False,
) -> dict[str, np.ndarray]:
    """Find embeddings and labels by any of their usual names.

    What other programs write is understood: labels as rows ``(1, N)``, embeddings as
    columns ``(D, N)`` where their labels tell, numbers as arrays of one element.

    Args:
        arrays (Mapping[str, np.ndarray]): Arrays by the names they have in a file.
        num_query (int, optional): How many of the first rows are queries, where neither
            ``is_query`` nor ``num_query`` in the file tells. Defaults to None.
        cameras (bool): False: the data have no cameras, and each picture counts as one
            of its own. Defaults to True: the arrays have them.
        partial (bool): Labels may be missing, as :func:`load_features` tells. Defaults
            to False.

    Returns:
        ``embedding``, ``person_id``, ``cam_id``, ``is_query``, ``img_path`` (empty
        strings where the file has none) and, if the file has them, ``clothes_id``,
        ``tracklet_id`` and ``time``.

    Raises:
        ValueError: An array that is not there, that is there under two names, or
            nothing that tells queries from the gallery.
    """
    separate = any(_pick(arrays, _with_prefix(_EMBEDDING, p)) for p in _PREFIXES)
    if partial and not separate:
        arrays = _filled(arrays, num_query)
    known = _halves(arrays) if separate else _whole(arrays, num_query)
    if 'img_path' not in known:
        known['img_path'] = np.full(len(known['embedding']), '')
    if not cameras:
        known['cam_id'] = _own_cameras(known['img_path'])
    elif 'cam_id' not in known:
        raise ValueError(
            f"it lacks ['cam_id'] and has {sorted(arrays)}; where the data have no "
            'cameras, say so with cameras=False (mmreid evaluate --no-cameras).'
        )
    return known


def _filled(
    arrays: Mapping[str, np.ndarray], num_query: int | None
) -> dict[str, np.ndarray]:
    """Say -1 where labels are missing, and that all is gallery where nothing tells."""
    filled = dict(arrays)
    embedding = _pick(arrays, _EMBEDDING)
    count = len(arrays[embedding]) if embedding else 0
    for name in ('person_id', 'cam_id'):
        if not _pick(arrays, NAMES[name]):
            filled[name] = np.full(count, -1)
    if num_query is None and not {'is_query', 'num_query'} & {*arrays}:
        filled['is_query'] = np.zeros(count, bool)
    return filled


def _own_cameras(paths: np.ndarray) -> np.ndarray:
    """Give each picture a camera of its own, one that is there twice the same."""
    if not all(paths):
        return np.arange(len(paths))
    return np.unique(paths, return_inverse=True)[1]


def _whole(
    arrays: Mapping[str, np.ndarray], num_query: int | None
) -> dict[str, np.ndarray]:
    """Find arrays that hold queries and gallery together."""
    names = {name: _pick(arrays, spellings) for name, spellings in NAMES.items()}
    _require(names, arrays)
    known = _take(arrays, names)
    if num_query is None and 'num_query' in arrays:
        num_query = _single(arrays['num_query'], 'num_query')
    count = len(known['embedding'])
    if 'is_query' in arrays:
        known['is_query'] = _flat(arrays['is_query'])
    elif num_query is None:
        raise ValueError(
            f"it lacks ['is_query'], which tells queries from the gallery, and has "
            f'{sorted(arrays)}; where the queries come first, num_query does as well '
            '(mmreid evaluate --num-query).'
        )
    elif not 0 < num_query < count:
        raise ValueError(
            f'num_query must be at least 1 and less than the {count} embeddings, '
            f'got {num_query}.'
        )
    else:
        known['is_query'] = np.arange(count) < num_query
    return known


def _halves(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Find and join separate arrays of queries and gallery."""
    pairs = {
        name: tuple(_pick(arrays, _with_prefix(spellings, p)) for p in _PREFIXES)
        for name, spellings in NAMES.items()
    }
    whole = {name: name if all(pair) else '' for name, pair in pairs.items()}
    _require(whole, arrays)
    halves = [
        _take(arrays, {n: pair[i] for n, pair in pairs.items() if whole[n]})
        for i in range(len(_PREFIXES))
    ]
    widths = [half['embedding'].shape[1:] for half in halves]
    if widths[0] != widths[1]:
        raise ValueError(
            'the embeddings of queries and gallery must be of one length, but are '
            f'{widths[0]} and {widths[1]}.'
        )
    known = {n: np.concatenate([half[n] for half in halves]) for n in halves[0]}
    sizes = [len(half['embedding']) for half in halves]
    known['is_query'] = np.repeat([True, False], sizes)
    return known


def _take(
    arrays: Mapping[str, np.ndarray], names: Mapping[str, str]
) -> dict[str, np.ndarray]:
    """Return arrays under our names, and in our shapes."""
    known = {n: np.asarray(arrays[given]) for n, given in names.items() if given}
    for name, array in known.items():
        if name == 'img_path':
            known[name] = as_text(array)
        elif name != 'embedding':
            known[name] = _flat(array)
    known['embedding'] = _upright(known['embedding'], len(known['person_id']))
    return known


def _pick(arrays: Mapping[str, np.ndarray], names: Iterable[str]) -> str:
    """Return the one name that occurs, or an empty string."""
    present = [name for name in names if name in arrays]
    if len(present) > 1 and not present[0].endswith(_TIME):
        raise ValueError(
            f'{present} may all be the same array; it must hold only one of them.'
        )
    return present[0] if present else ''


def _with_prefix(names: Iterable[str], prefixes: Iterable[str]) -> list[str]:
    return [prefix + name for prefix in prefixes for name in names]


def _require(names: Mapping[str, str], arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse arrays that lack what every evaluation needs."""
    missing = [key for key in ('embedding', 'person_id') if not names[key]]
    if missing:
        raise ValueError(
            f'it lacks {missing} and has {sorted(arrays)}; arrays in files of their '
            'own are given by name (mmreid evaluate --map NAME=FILE).'
        )


def _flat(array: np.ndarray) -> np.ndarray:
    """Return labels ``(N,)``; MATLAB writes them ``(1, N)``."""
    is_line = array.ndim == 0 or sum(length != 1 for length in array.shape) <= 1
    return array.ravel() if is_line else array


def _upright(embedding: np.ndarray, count: int) -> np.ndarray:
    """Return embeddings ``(N, D)``, also of ``(D, N)`` and ``(N, D, 1, 1)``."""
    shape = embedding.shape
    if len(shape) > 2 and set(shape[2:]) == {1}:
        embedding = embedding.reshape(shape[:2])
    if embedding.ndim != 2:
        raise ValueError(
            f'embeddings must be a matrix (N, D), got the shape {shape}; join the '
            'vectors of parts first.'
        )
    turned = len(embedding) != count and embedding.shape[1] == count
    return embedding.T if turned else embedding


def _single(array: np.ndarray, name: str) -> int:
    """Return the whole number of an array of one element."""
    if array.size != 1 or array.dtype.kind not in 'iuf' or array.item() % 1:
        raise ValueError(f'{name} must be one whole number, got {array!r}.')
    return int(array.item())


def as_text(paths: np.ndarray) -> np.ndarray:
    """Return unicode strings, also of rows of UTF-8 bytes.

    Args:
        paths (np.ndarray): ``(N,)`` texts or bytes, or ``(N, L)`` uint8, filled up with
            zeros.

    Returns:
        np.ndarray: ``(N,)`` unicode.

    Raises:
        ValueError: They are something else, or longer than any path.
    """
    if paths.dtype == np.uint8 and paths.ndim == 2:
        if paths.shape[1] > _LONGEST_PATH:
            raise ValueError(
                f'paths must be of at most {_LONGEST_PATH} bytes, got rows of '
                f'{paths.shape[1]}.'
            )
        rows = np.ascontiguousarray(paths)
        paths = np.frombuffer(rows.tobytes(), f'S{max(1, rows.shape[1])}')
    paths = (
        np.char.decode(paths, 'utf-8', 'surrogateescape')
        if paths.dtype.kind == 'S'
        else paths
    )
    if paths.dtype.kind != 'U':
        raise ValueError(f'paths must be texts, got {paths.dtype}.')
    return _flat(paths)
