"""Models as files that run without the training stack.

``facts.py`` is what such a file tells of itself. ``runtimes/`` opens and runs files
(``open_exported`` is the way in) and imports neither torch nor mmengine; ``export/``
makes them of a network, ``precision/`` in fewer bits, and ``gate/`` judges them by how
they rank. Of the makers, ``openvino_saving.py`` writes OpenVINO's files for both, and
``quiet.py`` keeps from the terminal what their libraries print.
``mmreid.apis.export_model`` puts all of it together.
"""

from mmreid.deploy.facts import ExportedFacts, ExportedFileError
from mmreid.deploy.runtimes import ExportedModel, is_exported, open_exported

__all__ = [
    'ExportedFacts',
    'ExportedFileError',
    'ExportedModel',
    'is_exported',
    'open_exported',
]
