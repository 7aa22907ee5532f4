"""Market-1501."""

from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS


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
    elsewhere. Takes the arguments of :class:`ReIDDataset`.
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
    PATTERN = r'(?i)(?P<person>-1|\d+)_c(?P<camera>\d+)s\d+_\d+_[\w.-]+'
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
