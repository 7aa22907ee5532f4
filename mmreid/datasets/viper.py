"""VIPeR."""

from mmreid.datasets.random_splits import RandomSplitDataset
from mmreid.registry import DATASETS


@DATASETS.register_module()
class VIPeR(RandomSplitDataset):
    """VIPeR: 632 persons, a picture each from two cameras.

    Gray, Brennan, Tao, `Evaluating Appearance Models for Recognition, Reacquisition,
    and Tracking <https://vision.soe.ucsc.edu/node/178>`_, PETS 2007.

    ``data_root`` holds ``cam_a`` and ``cam_b`` with names such as ``000_45.bmp``:
    person, angle of view. Persons are numbered from 0 with gaps, here from 1. Results
    are means over ten random divisions (``split_index`` 0 to 9) into 316 persons for
    training and 316 for testing, searched from camera a in camera b; papers draw their
    own divisions, so that single ones are not comparable, but for those that they
    published (``division``). Takes the arguments of :class:`RandomSplitDataset`.
    """

    METAINFO: dict = dict(dataset='VIPeR', version='v1.0')
    PATTERN = r'cam_(?P<camera>[ab])/(?P<person>\d+)_\d+[\w.-]*'
    # The paper has 632 pairs; toolboxes, such as open-reid, divide them in halves.
    COUNTS = dict(
        train=dict(images=632, ids=316, cams=2),
        query=dict(images=316, ids=316, cams=1),
        gallery=dict(images=316, ids=316, cams=1),
    )
    PERSON_OFFSET = 1
    QUERY_CAMERAS = ('a',)
    # As open-reid checks it.
    ARCHIVES = {'VIPeR.v1.0.zip': 'md5:1c2d9fc1cc800332567a0da25a1ce68c'}
    SOURCE = (
        'unpack VIPeR.v1.0.zip, see https://vision.soe.ucsc.edu/node/178; data_root is '
        'the folder with cam_a and cam_b'
    )
