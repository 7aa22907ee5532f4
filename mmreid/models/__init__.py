"""Networks: image -> embedding."""

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
