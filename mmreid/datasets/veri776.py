"""VeRi-776, vehicles."""

from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS


@DATASETS.register_module()
class VeRi776(ReIDDataset):
    """VeRi-776: 776 vehicles before 20 cameras along the roads of a city.

    Liu et al., `A Deep Learning-Based Approach to Progressive Vehicle Re-identification
    for Urban Surveillance <https://vehiclereid.github.io/VeRi/>`_, ECCV 2016.

    ``data_root`` holds ``image_train`` (576 vehicles), ``image_query`` and
    ``image_test`` (200 others) with names such as ``0001_c001_00016450_0.jpg``:
    vehicle, camera, frame in the camera's video (its ``time``; nothing published says
    that the videos began together), number. Every query is in the gallery too; the rule
    that ignores the query's vehicle in the query's camera keeps it out of the ranking,
    and agrees with the junk that the data set lists in ``jk_index.txt``. The numbers of
    images are those of its ``ReadMe.txt``. Takes the arguments of
    :class:`ReIDDataset`.
    """

    METAINFO: dict = dict(dataset='VeRi-776', version='')
    FOLDERS = dict(train='image_train', query='image_query', gallery='image_test')
    PATTERN = r'(?i)(?P<person>\d+)_c(?P<camera>\d+)_(?P<frame>\d+)[\w.-]*'
    # ReadMe.txt of the archive, and the docstring of fast-reid's class; the list of
    # vehiclereid_baseline labels the vehicles for training from 0 to 575.
    COUNTS = dict(
        train=dict(images=37778, ids=576, cams=20),
        query=dict(images=1678, ids=200),
        gallery=dict(images=11579, ids=200),
    )
    SOURCE = 'ask its authors, see https://vehiclereid.github.io/VeRi/'
