"""Occluded-Duke."""

from mmreid.datasets.dukemtmc_reid import DukeMTMCReID
from mmreid.registry import DATASETS


@DATASETS.register_module()
class OccludedDuke(DukeMTMCReID):
    """Occluded-Duke: DukeMTMC-reID divided anew, so that every query is occluded.

    Miao et al., `Pose-Guided Feature Alignment for Occluded Person Re-Identification
    <https://github.com/lightas/Occluded-DukeMTMC-Dataset>`_, ICCV 2019. Folders and
    names are those of :class:`DukeMTMCReID`, and so is what is said there of its
    withdrawal and of times. Takes the arguments of :class:`ReIDDataset`.
    """

    METAINFO: dict = dict(dataset='Occluded-Duke', version='')
    # The paper, and the docstrings of fast-reid's and a torchreid fork's class of it.
    COUNTS = dict(
        train=dict(images=15618, ids=702, cams=8),
        query=dict(images=2210, ids=519, cams=8),
        gallery=dict(images=17661, ids=1110, cams=8),
    )
    ARCHIVES = {}
    SOURCE = (
        'made of DukeMTMC-reID.zip with the lists and convert_duke_to_occduke.py of '
        'https://github.com/lightas/Occluded-DukeMTMC-Dataset'
    )
