"""Market-1501."""

from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS


@DATASETS.register_module()
class Market1501(ReIDDataset):
    """Market-1501, and any data set in its layout (SynthReID).

    Zheng et al., `Scalable Person Re-identification: A Benchmark
    <https://zheng-lab.cecs.anu.edu.au/Project/project_reid.html>`_, ICCV 2015.

    ``data_root`` holds ``bounding_box_train`` (751 identities), ``query`` and
    ``bounding_box_test`` (750 others) with names such as
    ``0002_c1s1_000451_03.jpg``: person, camera, sequence, frame, box. Person 0 is a
    distractor, -1 junk. Takes the arguments of :class:`ReIDDataset`.
    """

    METAINFO: dict = dict(dataset='Market-1501', version='15.09.15')
    FOLDERS = dict(
        train='bounding_box_train', query='query', gallery='bounding_box_test'
    )
    PATTERN = r'(?P<person>-1|\d+)_c(?P<camera>\d)s\d_(?P<frame>\d+)_\d+'
    COUNTS = dict(
        train=dict(images=12936, ids=751, cams=6),
        query=dict(images=3368, ids=750, cams=6),
        gallery=dict(images=19732, ids=750, cams=6),
    )
    SOURCE = (
        'unpack Market-1501-v15.09.15.zip from '
        'https://zheng-lab.cecs.anu.edu.au/Project/project_reid.html'
    )
