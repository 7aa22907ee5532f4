"""IANet's interaction-and-aggregation: SIA, CIA and the block of both.

``ia`` is the way in: the block that a backbone plugs in, with its normalisations.
``sia`` relates positions, by the equations in ``relations``; ``cia`` relates channels.
The block builds its parts through the registry.
"""

from mmreid.models.necks.interaction.cia import CIA
from mmreid.models.necks.interaction.ia import IABlock
from mmreid.models.necks.interaction.sia import SIA

__all__ = ['CIA', 'SIA', 'IABlock']
