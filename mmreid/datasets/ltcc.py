"""LTCC, persons who change their clothes."""

from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS


@DATASETS.register_module()
class LTCC(ReIDDataset):
    """LTCC: 152 persons over two months, 91 of them in more than one outfit.

    Qian et al., `Long-Term Cloth-Changing Person Re-identification
    <https://naiq.github.io/LTCC_Perosn_ReID.html>`_, ACCV 2020.

    ``data_root`` holds ``train`` (77 identities), ``query`` and ``test`` (75 others;
    the gallery) with names such as ``094_1_c9_015833.png``: person, outfit, camera (of
    12), frame. Frames are of videos of several days, which no name tells, and so no
    time. Persons are numbered from 0, here from 1: ``person_id`` 95 in the
    example.

    Its two settings differ in what ranking ignores, ``protocol`` of the metric:
    ``'market'`` is the standard one (the query's person in the query's camera),
    ``'cloth-changing'`` the other (the query's person in the query's camera or
    clothes). The numbers of images are the paper's. Takes the arguments of
    :class:`ReIDDataset`.
    """

    METAINFO: dict = dict(dataset='LTCC', version='')
    FOLDERS = dict(train='train', query='query', gallery='test')
    PATTERN = r'(?i)(?P<person>\d+)_(?P<clothes>\d+)_c(?P<camera>\d+)_\d+[\w.-]*'
    # The paper, and the docstrings of public toolboxes for changing clothes.
    COUNTS = dict(
        train=dict(images=9576, ids=77),
        query=dict(images=493, ids=75),
        gallery=dict(images=7050, ids=75),
    )
    PERSON_OFFSET = 1
    SOURCE = 'ask its authors, see https://naiq.github.io/LTCC_Perosn_ReID.html'
