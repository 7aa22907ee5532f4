"""A model as a file for another runtime, proven by its ranking.

``exporting.py`` is the way in, ``options.py`` what may be asked of it and ``source.py``
the network it begins with. ``judging.py`` compares both on ``compared_pictures.py`` of
a test set that ``finding_data.py`` finds, ``carried_facts.py`` collects what the file
tells of itself, ``reducing.py`` makes it compute in less than float32 and ``timing.py``
measures what that is worth, ``placing.py`` gives it its name, and ``outcome.py`` tells
what became of it. What knows neither configs nor data sets is in ``mmreid.deploy``.
"""

from mmreid.apis.export.exporting import export_model
from mmreid.apis.export.judging import judge_file
from mmreid.apis.export.options import ExportOptions
from mmreid.apis.export.outcome import Exported

__all__ = ['ExportOptions', 'Exported', 'export_model', 'judge_file']
