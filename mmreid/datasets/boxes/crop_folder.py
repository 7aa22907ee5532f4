"""A data set of crops: pictures, and the table that tells who they show."""

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from mmreid.arguments import check_choice, check_number
from mmreid.datasets.boxes.box_table import BoxTable
from mmreid.datasets.boxes.crop_choice import CropChoice
from mmreid.datasets.boxes.crop_parts import Crop, divide
from mmreid.datasets.boxes.frames import Frames
from mmreid.datasets.boxes.whole_folder import whole_folder
from mmreid.files import write_json, write_rows

#: Whether equal track numbers of two cameras are one person.
IDENTITIES = ('shared', 'separate')
_COLUMNS = ('path', 'person', 'camera', 'tracklet', 'frame', 'split')


@dataclass(frozen=True)
class Camera:
    """Frames of one camera and the boxes in them.

    Attributes:
        name: A word; a folder of this name holds the crops.
        frames: The frames.
        table: Their boxes.
    """

    name: str
    frames: Frames
    table: BoxTable


@dataclass(frozen=True)
class CropReport:
    """What was written, and what was not.

    Attributes:
        parts: The number of crops of each part.
        num_persons: How many persons there are.
        num_tracklets: How many tracklets there are.
        left_out: Boxes that were not asked for, by the reason.
        faults: Boxes that could not be cut out: camera, row, and why.
        assumed: What had to be assumed of numbers of frames, by camera.
    """

    parts: dict[str, int]
    num_persons: int
    num_tracklets: int
    left_out: dict[str, int]
    faults: list[tuple[str, int, str]]
    assumed: dict[str, str]


def write_crops(
    cameras: Sequence[Camera],
    out: str | os.PathLike,
    choice: CropChoice | None = None,
    *,
    identities: str = 'separate',
    test_share: float = 0,
    seed: int = 0,
    quality: int = 95,
    progress: Callable[[int, int], None] | None = None,
) -> CropReport:
    """Cut boxes out and write them as a data set; all of it, or nothing.

    The folder has ``table.csv`` (path, person, camera, tracklet, frame, split) for
    ``ReIDDataset(table=...)``, the pictures as JPEG, ``faults.csv`` with the boxes that
    could not be cut out, if there are any, and ``crops.json``, which tells how it was
    made.

    Args:
        cameras (Sequence[Camera]): Frames and boxes.
        out (str | os.PathLike): The folder, which must be new or empty.
        choice (CropChoice, optional): What is asked of a box. Defaults to None: a
            track.
        identities (str): ``'shared'``: track n is one person in all cameras, as in a
            ground truth; ``'separate'``: each camera counts by itself, as trackers do.
            Defaults to 'separate'.
        test_share (float): Share of the persons for testing, see
            :func:`mmreid.datasets.boxes.crop_parts.divide`. Defaults to 0: all crops
            are for training.
        seed (int): Of that division. Defaults to 0.
        quality (int): Of the JPEG pictures, 1 to 100. Defaults to 95.
        progress (Callable, optional): Called with boxes done and in all. Defaults to
            None.

    Returns:
        CropReport: What was written.

    Raises:
        ValueError: An argument is out of range, two cameras have one name, or no box
            can be cut out.
        FileExistsError: The folder has files.
        OSError: It cannot be written.
    """
    _check(cameras, identities, quality, test_share)
    with whole_folder(out) as unfinished:
        writer = _CropWriter(unfinished, identities, quality, progress)
        return writer.write(cameras, choice or CropChoice(), test_share, seed)


def _check(
    cameras: Sequence[Camera], identities: str, quality: int, test_share: float
) -> None:
    check_choice('identities', identities, IDENTITIES)
    check_number('quality', quality, above=0, below=101)
    check_number('test_share', test_share, above=-1e-9, below=1)
    names = Counter(camera.name for camera in cameras)
    if not names:
        raise ValueError('cameras must hold at least one, got none.')
    for name, count in names.items():
        if count > 1 or not re.fullmatch(r'\w[\w.-]*', name):
            raise ValueError(
                'The name of a camera must be a word of letters, digits, _ - and ., '
                f'and of one camera only, got {name!r} {count} time(s). Give each '
                'its own (--camera).'
            )


class _CropWriter:
    """Writes crops into a folder.

    Args:
        folder (Path): Where.
        identities (str): As of :func:`write_crops`.
        quality (int): As there.
        progress (Callable, optional): As there.
    """

    def __init__(
        self,
        folder: Path,
        identities: str,
        quality: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.folder, self.identities, self.quality = folder, identities, quality
        self.progress = progress or (lambda done, whole: None)
        self.crops: list[Crop] = []
        self.faults: list[tuple[str, int, str]] = []
        self.left_out: Counter[str] = Counter()

    def write(
        self, cameras: Sequence[Camera], choice: CropChoice, share: float, seed: int
    ) -> CropReport:
        """Write the crops of all cameras and the tables."""
        chosen = [choice.choose(camera.table) for camera in cameras]
        whole = sum(len(rows) for rows, _ in chosen)
        assumed = {}
        for camera, (rows, counts) in zip(cameras, chosen, strict=True):
            self.left_out.update(counts)
            if said := camera.frames.locate(camera.table)[1]:
                assumed[camera.name] = said
            self._write_camera(camera, rows, choice.min_size, whole)
        if not self.crops:
            why = self.faults[0][2] if self.faults else f'{dict(self.left_out)}'
            raise ValueError(f'No box could be cut out of {whole} chosen: {why}.')
        parts = divide(self.crops, share, seed)
        report = CropReport(
            parts=dict(Counter(parts)),
            num_persons=len({crop.person for crop in self.crops}),
            num_tracklets=len({(c.camera, c.tracklet) for c in self.crops}),
            left_out=dict(self.left_out),
            faults=self.faults,
            assumed=assumed,
        )
        lines = [(*crop, part) for crop, part in zip(self.crops, parts, strict=True)]
        write_rows(self.folder / 'table.csv', _COLUMNS, lines)
        if self.faults:
            columns = ('camera', 'row', 'reason')
            write_rows(self.folder / 'faults.csv', columns, self.faults)
        told = dict(
            sources={camera.name: camera.frames.source for camera in cameras},
            choice=asdict(choice),
            identities=self.identities,
            test_share=share,
            seed=seed,
            jpeg_quality=self.quality,
            **{k: v for k, v in asdict(report).items() if k != 'faults'},
            num_faults=len(self.faults),
        )
        write_json(self.folder / 'crops.json', told)
        return report

    def _write_camera(
        self, camera: Camera, rows: np.ndarray, min_size: tuple[int, int], whole: int
    ) -> None:
        """Write the crops of a camera."""
        table = camera.table.select(rows)
        seen: set[tuple[int, int]] = set()
        start = '' if self.identities == 'shared' else f'{camera.name}_'

        def report(row: int, reason: str) -> None:
            place = camera.table.describe(int(rows[row]))
            self.faults.append((camera.name, int(rows[row]), f'{place}: {reason}'))

        for row, crop in camera.frames.crops(table, on_fault=report):
            track, frame = int(table.track[row]), int(table.frame[row])
            if crop.shape[1] < min_size[0] or crop.shape[0] < min_size[1]:
                self.left_out[f'smaller than {min_size[0]} x {min_size[1]}'] += 1
            elif (track, frame) in seen:
                report(row, 'the track has another box in this frame')
            else:
                seen.add((track, frame))
                path = f'{camera.name}/p{track}/{frame:06d}.jpg'
                self._write_picture(path, crop)
                person = f'{start}p{track}'
                self.crops.append(Crop(path, person, camera.name, track, frame))
            self.progress(len(self.crops) + len(self.faults), whole)

    def _write_picture(self, path: str, crop: np.ndarray) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        _, content = cv2.imencode(
            '.jpg', crop, [cv2.IMWRITE_JPEG_QUALITY, self.quality]
        )
        file.write_bytes(content.tobytes())
