"""SynthReID: a procedural pedestrian data set in the layout of Market-1501.

``build.py`` is the way in: ``plan.py`` decides which pictures there are, ``shot.py``
draws one of them, of somebody (``persons/``) who is drawn (``figure/``) in a place
before a camera (``places/``) and cut out as by a detector (``detector.py``).
``rendering.py`` says how hard it is, ``manifest.py`` whether a folder is complete. The
same seed gives the same pictures, as long as ``VERSION`` stays. ``video/`` draws the
same persons as they walk past several cameras.
"""

from mmreid.datasets.synthetic.build import render_synthreid
from mmreid.datasets.synthetic.manifest import folder_checksum
from mmreid.datasets.synthetic.plan import SIZES, DatasetSize
from mmreid.datasets.synthetic.rendering import Rendering
from mmreid.datasets.synthetic.sheet import contact_sheet
from mmreid.datasets.synthetic.video import SceneSize, render_scene

__all__ = [
    'SIZES',
    'DatasetSize',
    'Rendering',
    'SceneSize',
    'contact_sheet',
    'folder_checksum',
    'render_scene',
    'render_synthreid',
]
