"""The pictures of a data set, in one list, and those of them that are shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from mmreid.datasets.checking.checked_dataset import CheckedDataset
from mmreid.datasets.records.corrections import picture_name
from mmreid.datasets.records.label_numbers import DISTRACTOR, JUNK
from mmreid.report.data_set.facts import ShownPicture


@dataclass(frozen=True, eq=False)
class ListedPictures:
    """All pictures of a data set, those of the first part first.

    Attributes:
        path: ``(N,)`` where each is.
        name: ``(N,)`` its path below the data set's folder.
        part: ``(N,)`` its part.
        label: ``(N,)`` its person as it is written.
        person_id: ``(N,)`` int64 its person's number; 0 is a distractor, -1 junk.
        cam_id: ``(N,)`` int64 its camera; 0 where cameras are unknown.
        trained: ``(N,)`` bool, whether it is trained on.
        cameras: Whether cameras are known.
        shared_ids: Whether a number means the same person in training and testing.
    """

    path: np.ndarray
    name: np.ndarray
    part: np.ndarray
    label: np.ndarray
    person_id: np.ndarray
    cam_id: np.ndarray
    trained: np.ndarray
    cameras: bool
    shared_ids: bool

    def __len__(self) -> int:
        return len(self.path)

    @property
    def person_groups(self) -> np.ndarray:
        """``(N,)`` int64: equal for the same person; nobody's pictures are below 1.

        Where persons are numbered anew for testing, these are above all others.
        """
        apart = ~self.trained & (self.person_id > 0) & (not self.shared_ids)
        return self.person_id + apart * int(self.person_id.max(initial=0))

    def show(self, index: int) -> ShownPicture:
        """Return what a page tells of a picture.

        Args:
            index (int): Of it.
        """
        number = int(self.person_id[index])
        words = {DISTRACTOR: 'distractor', JUNK: 'junk'}
        return ShownPicture(
            path=str(self.path[index]),
            name=str(self.name[index]),
            part=str(self.part[index]),
            person=words.get(number, str(self.label[index])),
            camera=str(self.cam_id[index]) if self.cameras else '',
        )


@dataclass
class ShownPictures:
    """The pictures that a page shows, each once.

    Attributes:
        listed: All pictures.
    """

    listed: ListedPictures
    _numbers: dict[int, int] = field(default_factory=dict)

    def add(self, indices: Iterable[int]) -> tuple[int, ...]:
        """Have pictures shown.

        Args:
            indices (Iterable[int]): Of the listed ones.

        Returns:
            tuple[int, ...]: Their indices among the shown ones.
        """
        numbers = self._numbers
        return tuple(numbers.setdefault(int(i), len(numbers)) for i in indices)

    @property
    def pictures(self) -> tuple[ShownPicture, ...]:
        """What a page tells of them."""
        return tuple(map(self.listed.show, self._numbers))


def list_pictures(data_set: CheckedDataset) -> ListedPictures:
    """List the pictures of all parts.

    Args:
        data_set (CheckedDataset): The data set.
    """
    trained = data_set.parts(training=True)
    parts = [(p, r) for p, records in data_set.records.items() for r in records]
    labels = [label for part in data_set.records for label in data_set.labels[part]]
    paths = [record['img_path'] for _, record in parts]
    return ListedPictures(
        path=_texts(paths),
        name=_texts([picture_name(path, data_set.root) for path in paths]),
        part=_texts([part for part, _ in parts]),
        label=_texts(labels),
        person_id=_numbers([record['person_id'] for _, record in parts]),
        cam_id=_numbers([record['cam_id'] * data_set.cameras for _, record in parts]),
        trained=np.array([part in trained for part, _ in parts], bool),
        cameras=data_set.cameras,
        shared_ids=data_set.shared_ids,
    )


def _texts(values: Sequence[str]) -> np.ndarray:
    return np.array(values, object)


def _numbers(values: Sequence[int]) -> np.ndarray:
    return np.array(values, np.int64)
