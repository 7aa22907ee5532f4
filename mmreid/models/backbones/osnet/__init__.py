"""OSNet, the small trunk that sees several scales in every block.

``osnet.py`` is the way in: the trunk of any width, plain, with instance norms (IBN,
AIN) or with copies of its last stages; ``block.py`` is its residual block, which heads
use as a stage, too, made of the ``layers.py``. Parameters have torchreid's names.
"""

from mmreid.models.backbones.osnet.block import OSBlock
from mmreid.models.backbones.osnet.osnet import OSNet

__all__ = ['OSBlock', 'OSNet']
