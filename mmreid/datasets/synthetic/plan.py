"""Decide which pictures a data set of some size has."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmreid.datasets.synthetic.persons.family import (
    LOOK_ALIKES,
    draw_family,
    family_sizes,
)
from mmreid.datasets.synthetic.persons.identity import Identity
from mmreid.datasets.synthetic.places.camera import CAMERAS
from mmreid.datasets.synthetic.rendering import USUAL, Rendering
from mmreid.datasets.synthetic.seeding import Stream, generator
from mmreid.datasets.synthetic.shot import Shot

TRAIN, QUERY, GALLERY = 'bounding_box_train', 'query', 'bounding_box_test'


@dataclass(frozen=True)
class DatasetSize:
    """How large a data set is.

    Args:
        name (str): Name in the manifest.
        train_ids (int): People to train with.
        test_ids (int): Other people to test with.
        train_images (int): Pictures to train with.
        queries (int): Queries: one for each camera that a test person passes, so
            between two and six per person.
        matches (int): Gallery pictures of test people.
        distractors (int): Gallery pictures labelled 0.
        junk (int): Gallery pictures labelled -1.

    Raises:
        ValueError: If there are too few or too many queries or pictures for the people.
    """

    name: str
    train_ids: int
    test_ids: int
    train_images: int
    queries: int
    matches: int
    distractors: int = 0
    junk: int = 0

    def __post_init__(self) -> None:
        least, most = 2 * self.test_ids, len(CAMERAS) * self.test_ids
        if not least <= self.queries <= most:
            raise ValueError(
                f'{self.test_ids} test identities are seen by two to six cameras each, '
                f'but queries={self.queries}; choose {least} to {most}'
            )
        if self.matches < self.queries:
            raise ValueError(
                'each query needs a gallery picture of its camera and person, but '
                f'matches={self.matches} < queries={self.queries}; raise matches'
            )
        needed = self._train_visits()
        if self.train_images < needed:
            raise ValueError(
                f'{self.train_ids} training identities pass {needed} cameras, but '
                f'train_images={self.train_images}; raise it or lower train_ids'
            )

    def _train_visits(self) -> int:
        """Return how many cameras the training people pass, in all."""
        return round(self.train_ids * self.queries / max(self.test_ids, 1))


SIZES = {
    'mini': DatasetSize('mini', 100, 60, 2000, 230, 830, 100, 120),
    # The counts of Market-1501: 19,732 gallery pictures.
    'market': DatasetSize('market', 751, 750, 12936, 3368, 13115, 2798, 3819),
}


@dataclass(frozen=True)
class Plan:
    """What is drawn.

    Args:
        people (dict): Identities by person id.
        train_ids (tuple): Ids of the training people; the others are for the test.
        shots (tuple): All pictures, by folder and name.
    """

    people: dict[int, Identity]
    train_ids: tuple[int, ...]
    shots: tuple[Shot, ...]


def _spread(
    rng: np.random.Generator, total: int, least: int, most: int, count: int
) -> np.ndarray:
    """Deal a total to a number of people within bounds, evenly at random."""
    dealt = np.full(count, least)
    for _ in range(total - least * count):
        open_ = np.flatnonzero(dealt < most)
        dealt[rng.choice(open_)] += 1
    return dealt


def draw_people(
    seed: int, size: DatasetSize, look_alikes: float = LOOK_ALIKES
) -> tuple[dict[int, Identity], tuple[int, ...]]:
    """Draw all identities; whole families go to training or to the test.

    Returns:
        tuple: The identities by person id, and the ids that are for training.
    """
    rng = generator(seed, Stream.PLAN, 0)
    families = [(n, True) for n in family_sizes(rng, size.train_ids, look_alikes)]
    families += [(n, False) for n in family_sizes(rng, size.test_ids, look_alikes)]
    people: dict[int, Identity] = {}
    train: list[int] = []
    for family, at in enumerate(rng.permutation(len(families))):
        count, for_training = families[at]
        members = draw_family(seed, family, count, len(people) + 1)
        people |= {member.person_id: member for member in members}
        train += [m.person_id for m in members if for_training]
    return people, tuple(train)


def _visits(
    rng: np.random.Generator, ids: list[int], visits: int, images: int, most: int
) -> list[tuple[int, int, int]]:
    """Deal cameras and pictures to people: person id, camera, number of pictures."""
    cameras = _spread(rng, visits, 2, most, len(ids))
    pairs = [
        (person, int(camera) + 1)
        for person, count in zip(ids, cameras, strict=True)
        for camera in sorted(rng.choice(most, count, replace=False))
    ]
    weights = rng.dirichlet(np.full(len(pairs), 3.0)) if pairs else np.zeros(0)
    extra = rng.multinomial(images - len(pairs), weights).tolist() if pairs else []
    return [(*pair, 1 + more) for pair, more in zip(pairs, extra, strict=True)]


def _name(label: int, camera: int, sequence: int, frame: int, box: int) -> str:
    person = '-1' if label < 0 else f'{label:04d}'
    return f'{person}_c{camera}s{sequence}_{frame:06d}_{box:02d}.jpg'


def _visit_shots(
    rng: np.random.Generator, visit: tuple[int, int, int], folders: list[str]
) -> Iterator[Shot]:
    """Yield the pictures of one passage, one for each folder given."""
    person, camera, _ = visit
    sequence, frame = int(rng.integers(1, 7)), int(rng.integers(1, 90000))
    for index, folder in enumerate(folders):
        frame += int(rng.integers(5, 60))
        name = _name(person, camera, sequence, frame, int(folder != QUERY))
        yield Shot(f'{folder}/{name}', person, person, camera, index)


def _others(
    rng: np.random.Generator, count: int, label: int, ids: list[int], cameras: int
) -> Iterator[Shot]:
    """Yield distractors (of strangers) or junk (of the people with these ids)."""
    for index in range(count):
        camera, sequence = (int(n) for n in rng.integers(1, 7, 2))
        if camera > cameras:
            camera = int(rng.integers(1, cameras + 1))
        frame, box = 20 * index + int(rng.integers(20)), int(rng.integers(1, 6))
        person = index if label == 0 else int(rng.choice(ids))
        path = f'{GALLERY}/{_name(label, camera, sequence, frame, box)}'
        yield Shot(path, label, person, camera, index)


def make_plan(seed: int, size: DatasetSize, rendering: Rendering = USUAL) -> Plan:
    """Return which pictures a data set has; the same for the same arguments.

    Args:
        seed (int): Of the data set.
        size (DatasetSize): Its size.
        rendering (Rendering): How hard it is. Defaults to the usual one.

    Raises:
        ValueError: There are more queries than persons pass cameras.
    """
    cameras = rendering.cameras
    _check_passages(size, cameras)
    people, train = draw_people(seed, size, rendering.look_alikes)
    test = [person for person in people if person not in set(train)]
    rng = generator(seed, Stream.PLAN, 1)
    shots: list[Shot] = []
    for visit in _visits(
        rng, list(train), size._train_visits(), size.train_images, cameras
    ):
        shots += _visit_shots(rng, visit, [TRAIN] * visit[2])
    for visit in _visits(rng, test, size.queries, size.matches, cameras):
        shots += _visit_shots(rng, visit, [QUERY] + [GALLERY] * visit[2])
    shots += _others(rng, size.distractors, 0, test, cameras)
    shots += _others(rng, size.junk, -1, test, cameras)
    return Plan(people, train, tuple(sorted(shots, key=lambda shot: shot.path)))


def _check_passages(size: DatasetSize, cameras: int) -> None:
    """Refuse a size whose persons pass more cameras than there are."""
    for what, people, passages in (
        ('test', size.test_ids, size.queries),
        ('training', size.train_ids, size._train_visits()),
    ):
        if passages > cameras * people:
            raise ValueError(
                f'{people} {what} identities pass {passages} cameras in all, which '
                f'{cameras} cameras cannot see; raise cameras or lower queries.'
            )
