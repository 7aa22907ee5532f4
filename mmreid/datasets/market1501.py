"""Market-1501."""

import re

from mmreid.datasets.reading.file_names import match_end
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.records.published_counts import read_manifest
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS

# Highest frame of each sequence of each camera, from sequence 1 on, in
# https://github.com/Wanggcong/Spatial-Temporal-Re-identification, prepare.py.
_LAST_FRAMES = {
    1: (72681, 74546, 74881, 74661, 74891, 54346),
    2: (163691, 164677, 98102),
    3: (161708, 161769, 104469),
    4: (72107, 72373, 74810, 74541, 74910, 50616),
    5: (161095, 161724, 103487),
    6: (87551, 131268, 95817, 30952),
}


@DATASETS.register_module()
class Market1501(ReIDDataset):
    """Market-1501, and any data set in its layout (SynthReID).

    Zheng et al., `Scalable Person Re-identification: A Benchmark
    <https://zheng-lab-anu.github.io/Project/project_reid.html>`_, ICCV 2015.

    ``data_root`` holds ``bounding_box_train`` (751 identities), ``query`` and
    ``bounding_box_test`` (750 others) with names such as
    ``0002_c1s1_000451_03.jpg``: person, camera, sequence, frame, box. Person 0 is a
    distractor, -1 junk. The suffix of 24 names is doubled in the archive itself, such
    as ``1488_c1s6_023021_00.jpg.jpg``.

    ``split='test+500k'`` adds the 500,000 distractors that were published with it to
    the gallery; ``distractors_500k.zip``, unpacked in ``data_root``, makes a folder
    ``images`` with names such as ``0000_c1s1_000004_02.jpg``: nobody. They are a part
    of their own, ``distractors``, so that ``folders=dict(distractors=...)`` finds them
    elsewhere.

    Frames (25 a second) count from 1 in each sequence. A picture's ``time`` is its
    frame after all sequences of the camera before its own, whose lengths st-ReID (AAAI
    2019) took to be the highest frame in a name: "rough", as its author `says
    <https://github.com/Wanggcong/Spatial-Temporal-Re-identification/issues/10>`_, so
    that each camera has a clock of its own. Another data set in this layout, which
    ``manifest.json`` tells, has no times: SynthReID draws its frames at random.

    Takes the arguments of :class:`ReIDDataset`.
    """

    METAINFO: dict = dict(dataset='Market-1501', version='15.09.15')
    SPLITS = {
        'train': ('train',),
        'test': ('query', 'gallery'),
        'test+500k': ('query', 'gallery', 'distractors'),
    }
    FOLDERS = dict(
        train='bounding_box_train',
        query='query',
        gallery='bounding_box_test',
        distractors='images',
    )
    PATTERN = (
        r'(?i)(?P<person>-1|\d+)_c(?P<camera>\d+)s(?P<sequence>\d+)_(?P<frame>\d+)_'
        r'[\w.-]+'
    )
    # readme.txt of the archive; torchreid's docstring, whose 15,913 for the gallery
    # leave out 3,819 of junk; and triplet-reid's lists, which name every picture. Of
    # the distractors, the paper alone.
    COUNTS = dict(
        train=dict(images=12936, ids=751, cams=6),
        query=dict(images=3368, ids=750, cams=6),
        gallery=dict(images=19732, ids=750, cams=6),
        distractors=dict(images=500000, ids=0),
    )
    # As several who downloaded it note.
    ARCHIVES = {
        'Market-1501-v15.09.15.zip': (
            'sha256:416bb77b5a2449b32e936f623cbee58becf1a9e7e936f36380cb8f9ab928fe96'
        )
    }
    SOURCE = (
        'unpack Market-1501-v15.09.15.zip (distractors_500k.zip for test+500k) from '
        'https://zheng-lab-anu.github.io/Project/project_reid.html'
    )

    def place_in_time(self, rows: list[Row], pattern: re.Pattern[str]) -> list[Row]:
        """Put the sequences of a camera one after another.

        Args:
            rows (list[Row]): Pictures whose names ``PATTERN`` has read.
            pattern (re.Pattern[str]): ``PATTERN``.

        Returns:
            list[Row]: The same pictures, without times where this is another data set.
        """
        if read_manifest(self.data_root, self.folders):
            return [row._replace(time=None, clock=None) for row in rows]
        return [_join_sequences(row, pattern) for row in rows]


def _join_sequences(row: Row, pattern: re.Pattern[str]) -> Row:
    """Count frames over all sequences; without time where the sequence is unknown."""
    match = match_end(pattern, row.path)
    assert match is not None  # else there would be no row
    assert row.time is not None
    camera, sequence = int(match['camera']), int(match['sequence'])
    last = _LAST_FRAMES.get(camera, ())
    if not 1 <= sequence <= len(last):
        return row._replace(time=None, clock=None)
    return row._replace(time=row.time + sum(last[: sequence - 1]))
