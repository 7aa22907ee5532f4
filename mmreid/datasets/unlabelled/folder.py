"""Pictures of persons of whom nobody is named."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.arguments import check_choice
from mmreid.datasets.loading.cached_dataset import CachedDataset
from mmreid.datasets.reading.file_names import require_utf8
from mmreid.datasets.reading.folders import describe_folder
from mmreid.datasets.reading.rows import Row, require_pictures
from mmreid.datasets.reading.times import find_clock
from mmreid.datasets.unlabelled.reading import (
    compile_unlabelled,
    read_unlabelled_folder,
    read_unlabelled_table,
)
from mmreid.datasets.unlabelled.records import (
    make_unlabelled_records,
    name_cameras,
)
from mmreid.registry import DATASETS

#: What may tell cameras, beside names and tables.
CAMERAS_FROM = (None, 'folder')


@DATASETS.register_module()
class UnlabelledFolder(CachedDataset):
    """Any folder of pictures, nobody having named a person, without splits.

    Pictures in folders below are read as well. A record is ``dict(img_path, gt_label,
    cam_id, is_query)``, ``gt_label`` -1 and ``is_query`` False, with ``tracklet_id``
    (-1 for a single picture) where any picture tells it, and with ``time`` where this
    one does. Training needs labels of clusters, which
    :class:`mmreid.datasets.ClusteredDataset` puts in. Persons that names or a table
    tell are kept as ``person_id`` (-1 where this picture's is not told) and no training
    reads them: a log compares clusters with them.

    What is read, and what is refused or counted aloud, is as in
    :class:`mmreid.datasets.ReIDDataset`. Where nothing tells cameras,
    ``metainfo['cameras']`` is False and every picture has a ``cam_id`` of its own;
    ``metainfo['clock']`` is as there.

    Attributes:
        METAINFO: Name and version of the data set.
        camera_names: What each ``cam_id`` is called; empty where cameras are unknown.

    Args:
        data_root (str | os.PathLike, optional): The folder. Defaults to None: the
            folder of ``table``.
        pattern (str, optional): Regular expression of a whole file name without its
            suffix; with a ``/`` in it, of the path below ``data_root``. Its groups
            ``camera``, ``tracklet``, ``time`` (or ``frame``) and ``person`` are read,
            as far as there are any. Defaults to None: names tell nothing.
        table (str | os.PathLike, optional): A CSV or JSON file with the column ``path``
            and, where known, ``camera``, ``tracklet``, ``time`` (or ``frame``) and
            ``person``; the pictures that it names are the data set. Defaults to None:
            all pictures of the folder.
        camera_from (str, optional): ``'folder'``: the first folder below ``data_root``
            is a picture's camera. Defaults to None.
        check (bool): Refuse links that lead to nothing, and tables that tell boxes, or
            cameras by another name; ``False`` warns of these. Defaults to True.
        cache (str, optional): As of :class:`mmreid.datasets.ReIDDataset`. Defaults to
            None.
        metainfo (dict, optional): Overrides ``METAINFO``. Defaults to None.
        pipeline (Sequence): Transforms or their configs. Defaults to ().
        **kwargs (Any): Further arguments of mmengine's ``BaseDataset``.

    Raises:
        FileNotFoundError: When the folder, the table or all pictures that it names are
            missing.
        ValueError: When an argument is out of range, a picture's name does not fit
            the pattern, there is no picture, or some pictures tell their camera and
            some do not.
    """

    METAINFO: dict = dict(dataset='own pictures', version='')

    def __init__(
        self,
        data_root: str | os.PathLike | None = None,
        pattern: str | None = None,
        table: str | os.PathLike | None = None,
        camera_from: str | None = None,
        check: bool = True,
        cache: str | None = None,
        metainfo: Mapping[str, Any] | None = None,
        pipeline: Sequence = (),
        **kwargs: Any,
    ) -> None:
        check_choice('camera_from', camera_from, CAMERAS_FROM)
        _check_sources(data_root, pattern, table, camera_from)
        self.pattern = None if pattern is None else compile_unlabelled(pattern)
        self.table = None if table is None else os.path.expanduser(os.fspath(table))
        self.camera_from, self.check = camera_from, check
        self.camera_names: dict[int, str] = {}
        super().__init__(
            metainfo=metainfo,
            data_root=self._find_root(data_root),
            pipeline=pipeline,
            cache=cache,
            **kwargs,
        )

    def _find_root(self, data_root: str | os.PathLike | None) -> str:
        """Return the folder that paths belong to."""
        if data_root is not None:
            root = os.path.expanduser(os.fspath(data_root))
        else:
            assert self.table is not None  # otherwise the folder must be given
            root = os.path.dirname(os.path.abspath(self.table))
        require_utf8([root])
        return root

    def load_data_list(self) -> list[dict]:
        """Read the pictures and what is told of them.

        Returns:
            list[dict]: The records, in the order of the names or of the table.
        """
        try:
            rows = self._read()
            records = make_unlabelled_records(rows)
            clock = find_clock(row.clock for row in rows)
        except (FileNotFoundError, ValueError) as error:
            kind = FileNotFoundError if isinstance(error, OSError) else ValueError
            raise kind(
                f'{type(self).__name__}: {str(error).rstrip(".")}. data_root '
                f'{describe_folder(self.data_root)}.'
            ) from error
        if clock is not None:
            self._metainfo.setdefault('clock', clock)
        self.camera_names = name_cameras(rows, records)
        if not self.camera_names:
            self._metainfo['cameras'] = False
        numbers = dict(num_images=len(records), num_cams=len(self.camera_names))
        self._metainfo.update(numbers)
        return records

    def _read(self) -> list[Row]:
        """Read the rows of the table or of the folder."""
        if self.table is not None:
            rows = read_unlabelled_table(self.table, self.data_root, self.check)
            require_pictures(self.table, [rows])
            return rows
        return read_unlabelled_folder(
            self.data_root, self.pattern, self.check, self.camera_from is not None
        )


def _check_sources(data_root: Any, pattern: Any, table: Any, camera_from: Any) -> None:
    """Raise unless there is a folder or a table, and one thing alone tells labels."""
    if data_root is None and table is None:
        raise ValueError(
            'data_root, the folder of the pictures, must be given, or a table.'
        )
    if table is not None and pattern is not None:
        raise ValueError(
            f'Give a pattern or a table, not both, got "{pattern}" and {table}.'
        )
    told_twice = table is not None or '(?P<camera>' in (pattern or '')
    if camera_from is not None and told_twice:
        raise ValueError(
            f'Cameras are told once: by camera_from={camera_from!r}, or by a table or '
            f'a group of the pattern, got "{pattern if table is None else table}".'
        )
