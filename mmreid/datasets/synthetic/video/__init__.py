"""A small scene: the persons of SynthReID walk past several cameras, as videos.

``render_scene`` (``scene_folder.py``) is the way in: ``itinerary.py`` decides who walks
where and when (``walk.py``), ``drawing.py`` has processes draw frames (``frame.py``; a
person is a ``cutout.py``, things before persons are ``obstacles.py``) and how much of
whom is visible, ``detections.py`` and ``tracker.py`` make of that truth what a detector
and a tracker of one camera give, ``camera_files.py`` and ``scene_facts.py`` write it
down. The same seed gives the same frames.
"""

from mmreid.datasets.synthetic.video.itinerary import SceneSize
from mmreid.datasets.synthetic.video.scene_folder import render_scene

__all__ = ['SceneSize', 'render_scene']
