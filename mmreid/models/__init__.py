"""Networks: image -> embedding."""

from mmreid.models import backbones, heads, losses, necks
from mmreid.models.person_reid import PersonReID

__all__ = [
    'PersonReID',
    'backbones',
    'heads',
    'losses',
    'necks',
]
