"""What a camera of a scene records: a video and tables of boxes."""

from pathlib import Path

import cv2
import numpy as np

from mmreid.datasets.synthetic.video.detections import Detection, detect_persons
from mmreid.datasets.synthetic.video.frame import TrueBox
from mmreid.datasets.synthetic.video.itinerary import Itinerary
from mmreid.datasets.synthetic.video.tracker import track_boxes
from mmreid.files import whole_file

_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 92]
# As of MOTChallenge: a pedestrian, who counts.
_PEDESTRIAN = 1
TABLES = ('gt/gt.txt', 'det/det.txt', 'tracks.txt', 'seqinfo.ini')


def camera_name(camera: int) -> str:
    """Return what a camera is called, numbered from 1."""
    return f'cam{camera}'


class CameraWriter:
    """Writes what one camera records.

    Args:
        root (Path): The scene's folder.
        plan (Itinerary): The scene.
        camera (int): Number of the camera, from 1.
        pictures (bool): Whether frames are written as pictures too.
    """

    def __init__(
        self, root: Path, plan: Itinerary, camera: int, pictures: bool
    ) -> None:
        self.plan, self.camera = plan, camera
        self.place = root / camera_name(camera)
        self.pictures = self.place / 'img1' if pictures else None
        for folder in (self.place / 'gt', self.place / 'det', self.pictures):
            if folder is not None:
                folder.mkdir(parents=True)
        self.truth: list[list[TrueBox]] = []
        self.found: list[list[Detection]] = []
        video = root / f'{camera_name(camera)}.mp4'
        size = (plan.size.width, plan.size.height)
        code = cv2.VideoWriter.fourcc(*'mp4v')
        self.video = cv2.VideoWriter(str(video), code, plan.size.fps, size)
        if not self.video.isOpened():
            raise OSError(
                f'{video} cannot be written: is the disk full, or has this OpenCV '
                'no codec mp4v?'
            )

    def add(self, picture: np.ndarray, truth: list[TrueBox]) -> None:
        """Take the next frame."""
        number = len(self.truth) + 1
        self.video.write(picture)
        if self.pictures is not None:
            path = self.pictures / f'{number:06d}.jpg'
            if not cv2.imwrite(str(path), picture, _QUALITY):
                raise OSError(f'{path} cannot be written; is the disk full?')
        self.truth.append(truth)
        self.found.append(detect_persons(self.plan, self.camera, number, truth))

    def finish(self) -> None:
        """Write the tables, and make sure that the video is whole."""
        self.video.release()
        self._write(
            'gt/gt.txt',
            [
                f'{frame},{one.person},{_ltwh(one.box)},1,{_PEDESTRIAN},{one.visibility:.4f}'
                for frame, boxes in enumerate(self.truth, start=1)
                for one in boxes
            ],
        )
        self._write(
            'det/det.txt',
            [
                f'{frame},-1,{_ltwh(one.box)},{one.score:.4f},-1,-1,-1'
                for frame, boxes in enumerate(self.found, start=1)
                for one in boxes
            ],
        )
        tracks = track_boxes(self.found)
        self._write(
            'tracks.txt',
            [
                f'{frame},{track},{_ltwh(one.box)},{one.score:.4f},-1,-1,-1'
                for frame, boxes in enumerate(self.found, start=1)
                for one, track in zip(boxes, tracks[frame - 1], strict=True)
                if track
            ],
        )
        self._write('seqinfo.ini', self._describe())
        self._check_video(self.place.with_suffix('.mp4'))

    def _describe(self) -> list[str]:
        """Describe the sequence, in the lines of MOTChallenge's file."""
        size = self.plan.size
        return [
            '[Sequence]',
            f'name={camera_name(self.camera)}',
            'imDir=img1',
            f'frameRate={size.fps:g}',
            f'seqLength={size.frames}',
            f'imWidth={size.width}',
            f'imHeight={size.height}',
            'imExt=.jpg',
        ]

    def _write(self, name: str, lines: list[str]) -> None:
        text = ''.join(f'{line}\n' for line in lines)
        with whole_file(self.place / name) as unfinished:
            unfinished.write_text(text, encoding='utf-8')

    def _check_video(self, path: Path) -> None:
        """Refuse a video of which the disk kept a part: OpenCV's writer is silent."""
        video, count = cv2.VideoCapture(str(path)), 0
        while video.grab():
            count += 1
        video.release()
        if count != self.plan.size.frames:
            raise OSError(
                f'{path} has {count} of {self.plan.size.frames} frames; is the disk '
                'full?'
            )


def _ltwh(box: tuple[float, float, float, float]) -> str:
    left, top, right, bottom = box
    return f'{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f}'
