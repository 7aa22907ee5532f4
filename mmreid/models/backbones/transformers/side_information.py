"""Side information: what a trunk is told of a picture beside its pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

# Of a picture of which nothing is told.
UNKNOWN = -1


@dataclass(frozen=True)
class SideInformation:
    """Camera and view of a picture, as a row of the table that a trunk learns.

    TransReID (https://arxiv.org/abs/2102.04378, Eq. 4,
    https://github.com/damo-cv/TransReID): every token, the class token included, gets
    ``scale`` times the row ``camera * num_views + view``. A picture without a camera,
    or with one outside the table, gets nothing.

    Args:
        num_cameras (int): Cameras of the table; 1 if cameras are not told apart.
            Defaults to 1.
        num_views (int): Views (of a vehicle) of the table; 1 if views are not told
            apart. Defaults to 1.
        scale (float): Factor of the rows. Defaults to 3.0.
        first_camera (int): ``cam_id`` of the first row. Defaults to 1.
        first_view (int): ``view_id`` of the first row. Defaults to 0.
        at_test (bool): Use it in tests, too, as the paper does. False leaves it out,
            which another data set asks for: its camera 1 is another. Defaults to True.

    Raises:
        ValueError: There is nothing to tell apart.
    """

    num_cameras: int = 1
    num_views: int = 1
    scale: float = 3.0
    first_camera: int = 1
    first_view: int = 0
    at_test: bool = True

    def __post_init__(self) -> None:
        """Refuse tables that tell nothing."""
        if min(self.num_cameras, self.num_views) < 1 or self.num_rows < 2:
            raise ValueError(
                'side_information needs several cameras or views, got num_cameras='
                f'{self.num_cameras} and num_views={self.num_views}; leave it out to '
                'train without.'
            )

    @property
    def num_rows(self) -> int:
        """Rows of the table."""
        return self.num_cameras * self.num_views

    def rows(self, samples: Sequence[Any], training: bool = False) -> list[int]:
        """Find the rows of pictures.

        Args:
            samples (Sequence[DataSample]): With ``cam_id`` and ``view_id`` where known.
            training (bool): Whether it is not a test. Defaults to False.

        Returns:
            list[int]: A row for each sample, -1 where nothing is told.
        """
        if not (training or self.at_test):
            return [UNKNOWN] * len(samples)
        return [self._row(sample) for sample in samples]

    def describe(self, row: int) -> str:
        """Say what a picture's row tells of it.

        Args:
            row (int): Of the table, -1 for none.

        Returns:
            str: ``'camera'``, ``'view'``, ``'camera and view'`` or ``'left out'``.
        """
        counts = {'camera': self.num_cameras, 'view': self.num_views}
        told = [name for name, count in counts.items() if count > 1]
        return 'left out' if row == UNKNOWN else ' and '.join(told)

    def _row(self, sample: Any) -> int:
        """Find the row of one picture."""
        camera = _place(sample, 'cam_id', self.first_camera, self.num_cameras)
        view = _place(sample, 'view_id', self.first_view, self.num_views)
        known = UNKNOWN not in (camera, view)
        return camera * self.num_views + view if known else UNKNOWN


def _place(sample: Any, key: str, first: int, count: int) -> int:
    """Number a camera or view within the table; with a single one any is it."""
    if count == 1:
        return 0
    value = sample.get(key)
    if value is None or not first <= int(value) < first + count:
        return UNKNOWN
    return int(value) - first


def gather_rows(table: Tensor, rows: Tensor) -> Tensor:
    """Look rows up, without a branch for those that are unknown.

    Args:
        table (Tensor): ``(R, 1, C)``.
        rows (Tensor): ``(N,)`` whole numbers, -1 for an unknown one.

    Returns:
        Tensor: ``(N, 1, C)``, zeros where the row is unknown.
    """
    known = (rows >= 0).to(table.dtype)[:, None, None]
    return table[rows.clamp(min=0)] * known
