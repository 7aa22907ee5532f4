"""The pictures that a model is adapted to, and what is told of them."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.adaptation.options import AdaptOptions
from mmreid.apis.embedding_files.work import FileWork
from mmreid.datasets import UnlabelledFolder
from mmreid.datasets.reading.file_names import quote_first
from mmreid.datasets.records.corrections import picture_name


@dataclass(frozen=True, eq=False)
class OwnPictures:
    """Pictures of which nobody is named.

    Attributes:
        settings: Config of the data set, without a pipeline.
        root: Its folder.
        path: ``(N,)`` where each picture is.
        name: ``(N,)`` its path below the folder.
        camera: ``(N,)`` its camera as it is written; empty where cameras are unknown.
        cam_id: ``(N,)`` int64 number of its camera; None where cameras are unknown.
        tracklet: ``(N,)`` int64, -1 a single picture; None where none is told.
        time: ``(N,)`` float64, NaN unknown; None where none is told.
        person: ``(N,)`` int64, -1 unknown; None where nobody is named.
        clock: ``'shared'``, one for all cameras, or ``'camera'``; None without times.
    """

    settings: dict[str, Any]
    root: str
    path: np.ndarray
    name: np.ndarray
    camera: np.ndarray
    cam_id: np.ndarray | None
    tracklet: np.ndarray | None
    time: np.ndarray | None
    person: np.ndarray | None
    clock: str | None

    def __len__(self) -> int:
        return len(self.path)

    def fingerprint(self) -> str:
        """Return what changes where the files are others."""
        return FileWork([str(path) for path in self.path]).fingerprint()

    def told(self) -> str:
        """Return what changes where cameras, tracklets or times are others."""
        columns = [self.cam_id, self.tracklet, self.time]
        values = [None if column is None else column.tolist() for column in columns]
        return hashlib.sha256(repr((values, self.clock)).encode()).hexdigest()


def read_folder(folder: str | os.PathLike | None, options: AdaptOptions) -> OwnPictures:
    """Read the pictures of a folder or a table.

    Args:
        folder (str | os.PathLike | None): The folder; None: that of the table.
        options (AdaptOptions): Has ``pattern``, ``table`` and ``camera_from``.

    Returns:
        OwnPictures: The pictures.

    Raises:
        FileNotFoundError: Folder, table or pictures are missing.
        ValueError: As of :class:`mmreid.datasets.UnlabelledFolder`; or a name that no
            table of clusters could tell.
    """
    told: dict[str, Any] = dict(
        data_root=_absolute(folder),
        pattern=options.pattern,
        table=_absolute(options.table),
        camera_from=options.camera_from,
    )
    settings = {name: value for name, value in told.items() if value is not None}
    dataset = UnlabelledFolder(**settings)
    records = [dataset.get_data_info(index) for index in range(len(dataset))]
    paths = [record['img_path'] for record in records]
    _refuse_lines(paths)
    names, known = dataset.camera_names, bool(dataset.camera_names)
    cameras = np.array([record['cam_id'] for record in records], np.int64)
    return OwnPictures(
        settings=dict(type='UnlabelledFolder', **settings),
        root=dataset.data_root,
        path=np.array(paths, object),
        name=np.array(
            [picture_name(path, dataset.data_root) for path in paths], object
        ),
        camera=np.array([names.get(number, '') for number in cameras], object),
        cam_id=cameras if known else None,
        tracklet=_column(records, 'tracklet_id', np.int64, -1),
        time=_column(records, 'time', np.float64, np.nan),
        person=_column(records, 'person_id', np.int64, -1),
        clock=dataset.metainfo.get('clock'),
    )


def _refuse_lines(paths: list[str]) -> None:
    """Refuse names of several lines, which a table of clusters cannot have."""
    if several := [path for path in paths if len(path.splitlines()) > 1]:
        raise ValueError(
            f'Names of pictures must be of one line, but {len(several)} of '
            f'{len(paths)} have a line break: {quote_first(several)}; rename them.'
        )


def _column(
    records: list[dict], name: str, kind: type, missing: float
) -> np.ndarray | None:
    """Return a label of all records, None where none has it."""
    values = [record.get(name) for record in records]
    if all(value is None for value in values):
        return None
    return np.array([missing if v is None else v for v in values], kind)


def _absolute(path: str | os.PathLike | None) -> str | None:
    """Return a path that another working folder does not change."""
    return None if path is None else str(Path(path).expanduser().absolute())
