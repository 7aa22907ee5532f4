"""SynthReID: a procedural pedestrian data set in the layout of Market-1501."""

from mmreid.datasets.synthetic.build import render_synthreid
from mmreid.datasets.synthetic.manifest import folder_checksum
from mmreid.datasets.synthetic.plan import SIZES, DatasetSize
from mmreid.datasets.synthetic.sheet import contact_sheet

__all__ = [
    'SIZES',
    'DatasetSize',
    'contact_sheet',
    'folder_checksum',
    'render_synthreid',
]
