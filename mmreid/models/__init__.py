"""Networks: image -> embedding.

``person_reid.py`` puts one together: a data preprocessor, a backbone (with ``necks/``
plugged into its blocks) and a head with its losses.
"""

from mmreid.models import backbones, data_preprocessors, heads, losses, necks
from mmreid.models.person_reid import PersonReID

__all__ = [
    'PersonReID',
    'backbones',
    'data_preprocessors',
    'heads',
    'losses',
    'necks',
]
