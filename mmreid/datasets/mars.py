"""MARS, tracklets of persons."""

import os
from collections.abc import Mapping

import numpy as np

from mmreid.datasets.reading.rows import Row, require_pictures
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS

# A name such as 00-1C1T0001F001.jpg; of persons the first number has four digits.
_PATTERN = r'(?P<person>\d{4}|00-1)C(?P<camera>\d)T(?P<tracklet>\d{4})F(?P<frame>\d+)'


@DATASETS.register_module()
class MARS(ReIDDataset):
    """MARS: tracklets of 1,261 persons before 6 cameras, by a detector and a tracker.

    Zheng et al., `MARS: A Video Benchmark for Large-Scale Person Re-Identification
    <https://zheng-lab-anu.github.io/Project/project_mars.html>`_, ECCV 2016.

    ``data_root`` holds ``bbox_train`` (625 persons) and ``bbox_test`` (636 others) with
    a folder a person, names such as ``0001/0001C1T0001F001.jpg`` (person, camera,
    tracklet, frame within the tracklet: not a time), and ``info`` of https://github.com/liangzheng06/MARS-evaluation:
    ``train_name.txt`` and ``test_name.txt`` list the pictures,
    ``tracks_train_info.mat`` and ``tracks_test_info.mat`` which of their lines are a
    tracklet (first, last, person, camera), ``query_IDX.mat`` which tracklets are
    queries. Person -1 (``00-1``) is junk, 0 a distractor.

    As in that code all tracklets for testing are the gallery, the 1,980 queries too;
    140 queries have no right answer without them. The metric pools the frames of a
    tracklet, see ``tracklets`` of ``ReIDMetric``. Takes the arguments of
    :class:`ReIDDataset`.

    Raises:
        FileNotFoundError: When a list, or what it lists, is missing.
        ValueError: When the lists disagree.
    """

    METAINFO: dict = dict(dataset='MARS', version='')
    FOLDERS = dict(train='bbox_train', query='bbox_test', gallery='bbox_test')
    PATTERN = _PATTERN
    # As several toolboxes count the lists of MARS-evaluation; persons for training as
    # the paper does, too.
    COUNTS = dict(
        train=dict(images=509914, ids=625, cams=6),
        gallery=dict(images=681089, cams=6),
    )
    TRACKLETS: Mapping[str, int] = dict(train=8298, query=1980, gallery=12180)
    SOURCE = (
        'unpack bbox_train.zip and bbox_test.zip from '
        'https://zheng-lab-anu.github.io/Project/project_mars.html, and info of '
        'https://github.com/liangzheng06/MARS-evaluation'
    )

    def read_part(self, part: str) -> list[Row]:
        """Read the tracklets of a part, in the order of the lists.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture.
        """
        if self.pattern is None:
            return super().read_part(part)
        half = 'train' if part == 'train' else 'test'
        rows = self.read_once(self._read_tracklets, half, self.folders[part])
        if part == 'query':
            queries = self._read_array('query_IDX', 'query_IDX').ravel()
            rows = [self._take(rows, number) for number in queries.tolist()]
        if self.check and len(rows) != self.TRACKLETS[part]:
            raise ValueError(
                f'expected {self.TRACKLETS[part]:,} tracklets of {part}, found '
                f'{len(rows):,}; to use a partial copy: check=False'
            )
        return [row for tracklet in rows for row in tracklet]

    def _read_tracklets(self, half: str, folder: str) -> list[list[Row]]:
        """Read the rows of each tracklet."""
        file = os.path.join(self.data_root, 'info', f'{half}_name.txt')
        with open(file, encoding='utf-8') as text:
            names = text.read().split()
        tracks = self._read_array(f'tracks_{half}_info', f'track_{half}_info')
        if tracks.ndim != 2 or tracks.shape[1] != 4:
            raise ValueError(
                f'tracks_{half}_info.mat must have four columns, got {tracks.shape}'
            )
        rows = [
            [self._read_name(folder, name, track) for name in names[first - 1 : last]]
            for first, last, *track in tracks.tolist()
        ]
        for number, (own, track) in enumerate(zip(rows, tracks, strict=True), 1):
            if not 1 <= track[0] <= track[1] or len(own) != track[1] - track[0] + 1:
                raise ValueError(
                    f'tracks_{half}_info.mat: tracklet {number} is of the lines '
                    f'{track[0]} to {track[1]}, but {file!r} has {len(names)}'
                )
        require_pictures(file, rows)
        return rows

    def _read_name(self, folder: str, name: str, track: list[int]) -> Row:
        """Read what a name tells, and compare it with the tracklet's line."""
        assert self.pattern is not None  # where this is called
        match = self.pattern.fullmatch(os.path.splitext(name)[0])
        if match is None:
            raise ValueError(f'{name!r} does not fit {self.pattern.pattern!r}')
        person = -1 if match['person'] == '00-1' else int(match['person'])
        if [person, int(match['camera'])] != track:
            raise ValueError(f'{name!r} is in a tracklet of person and camera {track}')
        path = os.path.join(self.data_root, folder, match['person'], name)
        return Row(path, person, int(match['camera']), tracklet=int(match['tracklet']))

    def _read_array(self, file: str, key: str) -> np.ndarray:
        """Read the array of a file of ``info``."""
        path = os.path.join(self.data_root, 'info', f'{file}.mat')
        from scipy.io import loadmat

        content = loadmat(path)
        if key not in content:
            raise ValueError(f'{path!r} lacks the array {key!r}')
        return content[key].astype(np.int64)

    def _take(self, rows: list[list[Row]], number: int) -> list[Row]:
        if not 1 <= number <= len(rows):
            raise ValueError(
                f'query_IDX.mat names tracklet {number}, but there are {len(rows)}'
            )
        return rows[number - 1]
