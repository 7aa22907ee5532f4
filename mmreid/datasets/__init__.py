"""Data sets as lists of records, their samplers and transforms.

A new data set is a file here: a subclass of ``ReIDDataset`` that states folders, the
pattern of its file names and the published counts, as ``market1501.py`` does; it
overrides ``read_part`` only where labels are told in another way (``prcc.py``). The
machinery lies in rooms: ``reading`` (files to rows), ``records`` (rows to numbered
records), ``unlabelled`` (nobody is named), ``divisions``, ``loading``, ``transforms``,
``samplers``, ``checking``, ``conversion`` and ``synthetic`` (SynthReID is drawn there).
Registered names, ``__all__`` and the numbers of persons stay as they are: configs,
checkpoints and results depend on them.
"""

from mmreid.datasets.cuhk03 import CUHK03
from mmreid.datasets.dukemtmc_reid import DukeMTMCReID
from mmreid.datasets.ltcc import LTCC
from mmreid.datasets.market1501 import Market1501
from mmreid.datasets.mars import MARS
from mmreid.datasets.msmt17 import MSMT17
from mmreid.datasets.occluded_duke import OccludedDuke
from mmreid.datasets.prcc import PRCC
from mmreid.datasets.random_splits import RandomSplitDataset
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.datasets.samplers import ClusterSampler, IdentitySampler
from mmreid.datasets.transforms import LoadImage
from mmreid.datasets.union import ReIDUnion
from mmreid.datasets.unlabelled import ClusteredDataset, UnlabelledFolder
from mmreid.datasets.veri776 import VeRi776
from mmreid.datasets.viper import VIPeR

__all__ = [
    'CUHK03',
    'LTCC',
    'MARS',
    'MSMT17',
    'PRCC',
    'ClusterSampler',
    'ClusteredDataset',
    'DukeMTMCReID',
    'IdentitySampler',
    'LoadImage',
    'Market1501',
    'OccludedDuke',
    'RandomSplitDataset',
    'ReIDDataset',
    'ReIDUnion',
    'UnlabelledFolder',
    'VIPeR',
    'VeRi776',
]
