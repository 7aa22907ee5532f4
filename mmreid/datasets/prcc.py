"""PRCC, persons who change their clothes."""

import os
import re

from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS

# The camera is the first letter of a name for training, and a folder for testing.
_CAMERA = re.compile(r'/([ABC])(?:_[^/]*|/[^/]*/[^/]*)$', re.IGNORECASE)


@DATASETS.register_module()
class PRCC(ReIDDataset):
    """PRCC: 221 persons in the same clothes before cameras A and B, in others before C.

    Yang, Wu, Zheng, `Person Re-identification by Contour Sketch under Moderate Clothing
    Change <https://arxiv.org/abs/2002.02295>`_, TPAMI 2021.

    ``data_root`` holds ``rgb/train`` and ``rgb/val`` (the same 150 identities) with
    names such as ``092/A_cropped_rgb010.jpg``: person, camera, number; and
    ``rgb/test/A``, ``B`` and ``C`` (71 others) with ``001/cropped_rgb010.jpg``.

    - ``split='train'`` is ``rgb/train`` alone; ``'train+val'`` has both.
    - ``split='test'`` searches A for the persons of C, who changed their clothes;
      ``'test-same-clothes'`` for those of B, who did not.

    Query and gallery are of different cameras, so that the standard rule ignores
    nothing. The paper draws one gallery picture a person, ten times
    (``protocol='single-shot'`` of the metric is the mean over all draws); later work
    also ranks the whole gallery (``'market'``). The numbers of images are those that
    public code lists; they add up to the 33,698 of the paper. Takes the arguments of
    :class:`ReIDDataset`.
    """

    METAINFO: dict = dict(dataset='PRCC', version='')
    SPLITS = {
        'train': ('train',),
        'train+val': ('train', 'val'),
        'test': ('query', 'gallery'),
        'test-same-clothes': ('query_same', 'gallery'),
    }
    FOLDERS = dict(
        train='rgb/train',
        val='rgb/val',
        query='rgb/test/C',
        query_same='rgb/test/B',
        gallery='rgb/test/A',
    )
    PATTERN = r'(?P<person>\d+)/[\w.-]+'
    # Two public toolboxes count B and C alike; of training, validation and the sum for
    # testing, 10,800, their docstrings tell the same, and all add up to the paper's.
    COUNTS = dict(
        train=dict(images=17896, ids=150, cams=3),
        val=dict(images=5002, ids=150, cams=3),
        query=dict(images=3543, ids=71, cams=1),
        query_same=dict(images=3873, ids=71, cams=1),
        gallery=dict(images=3384, ids=71, cams=1),
    )
    SOURCE = 'ask its authors, see http://www.isee-ai.cn/~yangqize/clothing.html'

    def read_part(self, part: str) -> list[Row]:
        """Read a part; tell the cameras, 1 to 3, and clothes apart by A, B and C.

        Args:
            part (str): One of the parts of ``SPLITS``.

        Returns:
            list[Row]: A row for each picture.
        """
        return [_tell_camera(row) for row in super().read_part(part)]


def _tell_camera(row: Row) -> Row:
    """Read the camera, and with it the clothes, from a path in PRCC's layout."""
    match = _CAMERA.search(row.path.replace(os.sep, '/'))
    if row.camera is not None or not match:
        return row
    letter = match[1].upper()
    clothes = 2 if letter == 'C' else 1
    return row._replace(camera='ABC'.index(letter) + 1, clothes=clothes)
