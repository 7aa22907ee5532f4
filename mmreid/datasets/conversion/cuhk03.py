"""CUHK03 from its published files to pictures and tables."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmreid.datasets.conversion.cuhk03_files import (
    BOXES,
    CUHK03_PROTOCOLS,
    images_folder,
    read_marker,
    table_name,
    write_marker,
)
from mmreid.datasets.conversion.cuhk03_pictures import export_pictures, list_slots
from mmreid.datasets.conversion.cuhk03_release import (
    CONFIG_FILE,
    CONFIG_SOURCE,
    MAT_FILE,
    Slot,
    find_file,
    number_persons,
    read_new_protocol,
    read_pairs,
)
from mmreid.datasets.conversion.cuhk03_tables import (
    Table,
    check_pictures,
    check_tables,
    classic_tables,
    new_table,
)
from mmreid.datasets.conversion.mat_file import MatFile, open_mat
from mmreid.datasets.reading.folders import list_pictures
from mmreid.datasets.reading.tables import write_table


def convert_cuhk03(
    release: str | os.PathLike,
    out_dir: str | os.PathLike,
    boxes: Sequence[str] = BOXES,
    protocols: Sequence[str] = CUHK03_PROTOCOLS,
    configs: str | os.PathLike | None = None,
    check: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Write the pictures of CUHK03, and a table of each split, to a folder.

    Only one picture is in memory at a time. A run that was interrupted goes on where
    it stopped: pictures are written whole or not at all, those that are there are not
    read again, and ``conversion.json``, without which
    :class:`mmreid.datasets.CUHK03` refuses the folder, is written last. Where it
    already tells of all that is asked for, nothing is done.

    Args:
        release (str | os.PathLike): ``cuhk-03.mat`` or the folder that holds it.
        out_dir (str | os.PathLike): Where ``images_labeled``, ``images_detected`` and
            the tables go; may be the release's folder.
        boxes (Sequence[str]): ``'labeled'`` (drawn by hand), ``'detected'`` or both.
            Defaults to both.
        protocols (Sequence[str]): ``'new'`` (767 / 700 identities), ``'classic'``
            (twenty splits of 1,367 / 100) or both. Defaults to both.
        configs (str | os.PathLike, optional): Folder with
            ``cuhk03_new_protocol_config_{labeled,detected}.mat``. Defaults to None:
            the release's folder, the one above it, or ``out_dir``.
        check (bool): Compare with the published numbers of images and identities.
            Defaults to True.
        progress (Callable, optional): Called with the kind of boxes, how many places
            for pictures are done and how many there are.

    Returns:
        dict: ``{boxes: dict(images=..., ids=..., protocols=[...])}``, of all that is
        in the folder.

    Raises:
        FileNotFoundError: A published file is missing.
        ValueError: One is truncated, damaged or another one, or a number differs from
            what was published.
        OSError: ``out_dir`` cannot be written to.
    """
    _require('boxes', boxes, BOXES)
    _require('protocols', protocols, CUHK03_PROTOCOLS)
    root = os.fspath(out_dir)
    wanted = {kind: _unfinished(root, kind, protocols) for kind in boxes}
    wanted = {kind: missing for kind, missing in wanted.items() if missing}
    if not wanted:
        return read_marker(root)
    job = _Conversion(_Sources(os.fspath(release), root, configs), root, check)
    for kind, missing in wanted.items():
        if 'new' in missing:  # lest all is exported before a file turns out missing
            read_new_protocol(job.sources.find_config(kind))
    with open_mat(job.sources.mat_file) as mat:
        for kind, missing in wanted.items():
            job.run(mat, kind, missing, progress)
    return read_marker(root)


def _require(name: str, values: Sequence[str], known: Sequence[str]) -> None:
    if isinstance(values, str) or not values or set(values) - set(known):
        raise ValueError(f'{name} must be some of {[*known]}, got {values!r}.')


def _unfinished(root: str, boxes: str, protocols: Sequence[str]) -> list[str]:
    """Return the protocols that are still to be converted."""
    done = read_marker(root).get(boxes, {})
    folder = os.path.join(root, images_folder(boxes))
    if not done or not os.path.isdir(folder):
        return [*protocols]
    if len(list_pictures(folder)) != done['images']:  # some were deleted since
        return sorted({*protocols, *done['protocols']})
    return [
        protocol
        for protocol in protocols
        if protocol not in done['protocols']
        or not os.path.isfile(os.path.join(root, table_name(boxes, protocol)))
    ]


class _Sources:
    """Where the published files are."""

    def __init__(
        self, release: str, root: str, configs: str | os.PathLike | None
    ) -> None:
        inside = os.path.join(release, 'cuhk03_release')
        remedy = 'unpack cuhk03_release.zip and name its folder'
        self.mat_file = release
        if not os.path.isfile(release):
            self.mat_file = find_file(MAT_FILE, [release, inside], remedy)
        folder = os.path.dirname(os.path.abspath(self.mat_file))
        self._places = [folder, os.path.dirname(folder), root]
        if configs is not None:
            self._places = [os.fspath(configs)]

    def find_config(self, boxes: str) -> str:
        """Find the new protocol's file, or say where to get it."""
        remedy = f'get it from {CONFIG_SOURCE}, or convert the classic protocol only'
        return find_file(CONFIG_FILE.format(boxes), self._places, remedy)


@dataclass(frozen=True)
class _Conversion:
    """What is read, where it is written, and whether it must be all."""

    sources: _Sources
    root: str
    check: bool

    def run(
        self,
        mat: MatFile,
        boxes: str,
        protocols: Sequence[str],
        progress: Callable[[str, int, int], None] | None,
    ) -> None:
        """Convert one kind of boxes."""
        pairs = read_pairs(mat, boxes)
        folder = os.path.join(self.root, images_folder(boxes))
        os.makedirs(folder, exist_ok=True)
        for done, total in export_pictures(pairs, folder):
            if progress is not None:
                progress(boxes, done, total)
        slots = list_slots(self.root, boxes)
        if self.check:
            check_pictures(slots, boxes)
        for protocol in protocols:
            if protocol == 'new':
                config = self.sources.find_config(boxes)
                tables = [new_table(slots, read_new_protocol(config), config)]
            else:
                tables = classic_tables(slots, number_persons(pairs), mat)
            self._write(tables, boxes, protocol)
        self._finish(slots, boxes, protocols)

    def _write(self, tables: Sequence[Table], boxes: str, protocol: str) -> None:
        if self.check:
            check_tables(tables, boxes, protocol)
        for index, table in enumerate(tables):
            name = table_name(boxes, protocol, index)
            write_table(os.path.join(self.root, name), table)

    def _finish(
        self, slots: Mapping[Slot, str], boxes: str, protocols: Sequence[str]
    ) -> None:
        """Note that this kind of boxes is complete."""
        done = read_marker(self.root)
        earlier = done.get(boxes, {}).get('protocols', [])
        done[boxes] = dict(
            images=len(slots),
            ids=len({(slot.pair, slot.person) for slot in slots}),
            protocols=sorted({*earlier, *protocols}),
        )
        write_marker(self.root, done)
