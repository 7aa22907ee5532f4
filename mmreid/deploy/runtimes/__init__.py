"""Exported files, run by what they were made for; neither torch nor mmengine is needed.

``open_exported`` in ``opening.py`` is the way in. ``exported_model.py`` is what all
files have in common, ``onnx_runtime.py``, ``openvino_runtime.py`` and
``torch_runtime.py`` are the runtimes, ``resizing.py`` makes pictures of any size into
those that a file takes.
"""

from mmreid.deploy.runtimes.exported_model import ExportedModel
from mmreid.deploy.runtimes.opening import is_exported, open_exported, open_once

__all__ = ['ExportedModel', 'is_exported', 'open_exported', 'open_once']
