"""A gallery tells who identities are, and keeps their tracklets."""

import os
from pathlib import Path

import numpy as np

from mmreid.apis.follow.following import seen_together
from mmreid.apis.follow.outputs import crop_path
from mmreid.apis.follow.results import CameraResult, Following
from mmreid.search import BaseGallery, Filter, Gallery, open_gallery

#: What an identity is called whom the gallery does not know.
UNKNOWN = 'unknown'
_RUN = 'run'


def prepare_gallery(address: str, run: str, model_key: str) -> float | None:
    """See whether a gallery can be asked and filled, before anything is computed.

    Args:
        address (str): Of the gallery; a file that is not there yet will be made.
        run (str): What its entries will be told by.
        model_key (str): Of the model.

    Returns:
        float | None: The threshold of its operating point, if it has one.

    Raises:
        ValueError: It is of another model, or has tracklets of this run.
        OSError: It cannot be read.
    """
    if _is_missing(address):
        return None
    with open_gallery(address) as gallery:
        if gallery.model_key != model_key:
            raise ValueError(
                f'gallery {address!r} must be of the model {model_key}, got one of '
                f'{gallery.model_key} ({gallery.model_name}).'
            )
        own = sum(1 for _ in gallery.entries(Filter(fields={_RUN: run})))
        if own:
            raise ValueError(
                f'gallery {address!r} must not have tracklets of {run!r} yet, got '
                f'{own}; remove them ("mmreid gallery remove {address} --field '
                f'{_RUN}={run}"), or write to another folder.'
            )
        point = gallery.operating_point
    return None if point is None else point.threshold


def look_up(following: Following, address: str) -> dict[int, str]:
    """Ask who identities are.

    The mean of an identity's tracklets looks for its nearest entry whose person is
    known; it is that person, if it is nearer than the threshold. Of two identities who
    are seen in one frame of one camera the nearer one is the person.

    Args:
        following (Following): Of :func:`mmreid.apis.follow.follow`.
        address (str): Of the gallery.

    Returns:
        dict[int, str]: Identity -> person, or ``'unknown'``.
    """
    numbers, means = _means(following)
    persons = dict.fromkeys(following.identities.tolist(), UNKNOWN)
    if _is_missing(address) or not len(numbers):
        return persons
    with open_gallery(address, read_only=True) as gallery:
        names = {entry.person for entry in gallery.entries()} - {None}
        if not names:
            return persons
        found = gallery.search(
            means,
            1,
            model_key=following.model_key,
            where=Filter(persons=sorted(names)),
        )
    together = _rivals(following)
    for row in np.argsort(found.distances[:, 0], kind='stable'):
        if not found.distances[row, 0] < following.threshold:
            break
        identity, name = int(numbers[row]), str(found.entries[row][0].person)
        rivals = together.get(identity, set())
        if all(persons[rival] != name for rival in rivals):
            persons[identity] = name
    return persons


def remember(
    following: Following,
    address: str,
    run: str,
    persons: dict[int, str],
    folder: Path,
) -> int:
    """Add the tracklets to a gallery, all or none.

    Args:
        following (Following): Of :func:`mmreid.apis.follow.follow`.
        address (str): Of the gallery; a file that is not there is made.
        run (str): Entries have it as the field ``run``; who is not known is called
            ``RUN:IDENTITY``.
        persons (dict[int, str]): Of :func:`look_up`.
        folder (Path): Where the crops are.

    Returns:
        int: How many were added.
    """
    vectors, labels = _list_entries(following, run, persons, folder)
    if not len(vectors):
        return 0
    with _open(address, following, vectors.shape[1]) as gallery:
        return len(gallery.add(vectors, model_key=following.model_key, **labels))


def _list_entries(
    following: Following, run: str, persons: dict[int, str], folder: Path
) -> tuple[np.ndarray, dict[str, list]]:
    labels: dict[str, list] = {
        name: [] for name in ('persons', 'cameras', 'times', 'paths', 'fields')
    }
    vectors = []
    for camera in following.cameras:
        one = camera.tracklets
        for place in np.flatnonzero(one.has_vector).tolist():
            identity = int(camera.identity[place])
            name = persons.get(identity, UNKNOWN)
            path = crop_path(folder, camera, place)
            vectors.append(one.vectors[place])
            labels['persons'].append(f'{run}:{identity}' if name == UNKNOWN else name)
            labels['cameras'].append(camera.name)
            labels['times'].append(float(one.start[place]))
            labels['paths'].append(os.fspath(path) if path.exists() else None)
            labels['fields'].append(_fields(camera, place, run))
    return np.array(vectors), labels


def _fields(camera: CameraResult, place: int, run: str) -> dict[str, str | int]:
    one = camera.tracklets
    names = ('track', 'piece', 'first', 'last', 'boxes')
    return {_RUN: run, **{name: int(getattr(one, name)[place]) for name in names}}


def _is_missing(address: str) -> bool:
    """Whether it is a file that is still to be made."""
    return ':' not in address and not Path(address).exists()


def _open(address: str, following: Following, dim: int) -> BaseGallery:
    if _is_missing(address):
        return Gallery.create(
            address,
            dim,
            model_key=following.model_key,
            model_name=following.model_name,
        )
    return open_gallery(address)


def _means(following: Following) -> tuple[np.ndarray, np.ndarray]:
    """Return the identities with a vector, and their mean vectors."""
    parts = [camera.tracklets for camera in following.cameras]
    has = np.concatenate([one.has_vector for one in parts])
    vectors = np.concatenate([one.vectors for one in parts])[has]
    identities = np.concatenate([camera.identity for camera in following.cameras])[has]
    numbers, places = np.unique(identities, return_inverse=True)
    means = np.zeros((len(numbers), vectors.shape[1]))
    np.add.at(means, places, vectors)
    # Opposites that cancel each other look like nobody.
    usable = np.linalg.norm(means, axis=1) > 0
    return numbers[usable], means[usable]


def _rivals(following: Following) -> dict[int, set[int]]:
    """Return who is seen together with whom, and so is somebody else."""
    counts = [len(camera.identity) for camera in following.cameras]
    pairs = seen_together(following.cameras, np.cumsum([0, *counts]))
    identities = np.concatenate([camera.identity for camera in following.cameras])
    rivals: dict[int, set[int]] = {}
    for one, other in identities[pairs].tolist():
        if one != other:
            rivals.setdefault(one, set()).add(other)
            rivals.setdefault(other, set()).add(one)
    return rivals
