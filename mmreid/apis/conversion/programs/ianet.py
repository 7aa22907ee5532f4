"""Weights of IANet's authors.

Names and networks were read in https://github.com/blue-blue272/ImgReID-IAnet, files
IA.py, IAResnet.py and resnets1.py of models.
"""

from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts

_CONFIG = 'ianet/ianet-released_r50_market.py'
# Their blocks are elements of the stages themselves, behind these residual blocks.
_BLOCKS = {'layer2': 3, 'layer3': 5}
_NORMS = {'W1': 'sia_norm', 'W2': 'cia_norm'}
_PLAIN = ('conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'layer4')


def convert_ianet(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename the weights of IANet's authors.

    Args:
        tensors (Mapping[str, Tensor]): Their state dict.
        facts (Facts): ``last_stride``, an argument of their network.

    Returns:
        Conversion: For ``ianet/ianet-released_r50_market.py``.

    Raises:
        UnknownLayoutError: It is another network, such as their IAUnet.
    """
    if any('.IAU' in f'.{name}' for name in tensors):
        raise UnknownLayoutError("this is the authors' IAUnet, not their IANet.")
    entries = Entries(tensors, "the authors' IANet with ResNet-50")
    weights = {}
    for layer, block in _BLOCKS.items():
        for theirs, ours in _NORMS.items():
            norm = entries.take_batch_norm(f'{layer}.{block + 1}.{theirs}.')
            for name, value in norm.items():
                weights[f'backbone.{layer}.{block}.after.{ours}.{name}'] = value
    for part in _PLAIN:
        for name, value in entries.take_group(f'{part}.').items():
            weights[f'backbone.{part}.{name}'] = value
    branch = 'head.branches.whole'
    for name, value in entries.take_batch_norm('bn.').items():
        weights[f'{branch}.bn_neck.{name}'] = value
    left_out = []
    if 'classifier.weight' in entries.tensors:
        weights[f'{branch}.classifier.weight'] = entries.take('classifier.weight')[None]
        # Behind a batch norm, mmreid's classifier has none.
        entries.take('classifier.bias')
        left_out.append('classifier.bias')
    entries.finish()
    stride = facts.settle('last_stride', '1')
    options = (f'model.backbone.strides=1,2,2,{stride}',)
    return Conversion(weights, _CONFIG, options, left_out=tuple(left_out))
