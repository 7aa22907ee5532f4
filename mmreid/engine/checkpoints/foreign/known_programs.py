"""The programs whose weights are converted, and how they name them."""

from typing import NamedTuple

# Where training programs put the weights among other things.
PLACES = (
    *('state_dict', 'model', 'net', 'network', 'model_state_dict'),
    *('teacher', 'student'),  # of DINO and its heirs, which publish the teacher
)


class Family(NamedTuple):
    """Weights with the names that one program gives them.

    Attributes:
        layout (str): What the converters call it.
        owner (str): Whose they are, in words.
        signs (tuple[str, ...]): Patterns; the beginning of some name must match each.
    """

    layout: str
    owner: str
    signs: tuple[str, ...]


# The first that matches is meant: a family stands before those that have fewer signs.
FAMILIES = (
    Family(
        'miewid',
        'MiewID',
        (r'backbone\.conv_stem\.', r'pooling\.p$', r'bn\.running_mean'),
    ),
    Family(
        'megadescriptor',
        "MegaDescriptor, or of another Swin of timm's",
        (r'patch_embed\.norm\.', r'layers\.0\.blocks\.0\.attn\.qkv\.', r'layers\.3\.'),
    ),
    # Fine-tuned, and the teacher's trunk.
    Family(
        'solider',
        'SOLIDER-REID',
        (r'base\.patch_embed\.projection\.', r'base\.stages\.0\.', r'bottleneck\.'),
    ),
    Family(
        'solider',
        'SOLIDER',
        (r'patch_embed\.projection\.', r'stages\.0\.blocks\.', r'semantic_embed_w\.'),
    ),
    Family('rrid', "RRID's authors", (r'base\.conv1\.', r'local_\d+_conv_list\.')),
    Family('ianet', "IANet's authors", (r'layer2\.\d+\.W1\.', r'layer2\.\d+\.W2\.')),
    # Also of TransReID-SSL, PersonViT and PASS; their other networks are refused.
    Family(
        'transreid',
        'TransReID, TransReID-SSL, PersonViT or PASS',
        (r'base\.(blocks\.0\.attn|layers\.0\.blocks\.0\.attn)\.', r'bottleneck\.'),
    ),
    Family(
        'lightmbn',
        "LightMBN's authors",
        (r'back(b)?one\.0\.', r'global_branch\.0\.', r'reduction_ch_0\.bn\.'),
    ),
    Family(
        'fast-reid',
        'fast-reid',
        (r'backbone\.conv1\.', r'backbone\.layer1\.', r'heads\.'),
    ),
    Family(
        'clip-reid',
        'CLIP-ReID or PCL-CLIP',
        (r'image_encoder\.', r'bottleneck_proj\.', r'bottleneck\.'),
    ),
    Family(
        'clip',
        'CLIP, as OpenAI and open_clip name them',
        (r'visual\.conv1\.', r'visual\.(class_embedding|attnpool\.)'),
    ),
    Family(
        'clip',
        "CLIP's image tower, as OpenAI and open_clip name it",
        (r'class_embedding', r'ln_pre\.', r'transformer\.resblocks\.0\.attn\.'),
    ),
    Family(
        'clip',
        "CLIP's ResNet, as OpenAI and open_clip name it",
        (r'attnpool\.positional_embedding', r'layer4\.0\.', r'conv3\.'),
    ),
    Family(
        'clip',
        'CLIP, as Hugging Face names them',
        (r'vision_model\.embeddings\.class_embedding', r'vision_model\.pre_layrnorm\.'),
    ),
    Family(
        'fast-reid',
        "fast-reid's MGN",
        (r'backbone\.0\.weight', r'b1\.0\.0\.', r'b3\.1\.0\.', r'b1_head\.'),
    ),
    Family(
        'strong-baseline',
        "the authors' BoT or AGW",
        (
            *(r'base\.conv1\.weight', r'base\.layer1\.0\.conv1\.'),
            *(r'bottleneck\.running_mean', r'classifier\.weight'),
        ),
    ),
    Family(
        'luperson',
        "LUPerson-NL's ResNets",
        (r'conv1\.weight', r'layer4\.0\.', r'fc1\.weight', r'fc2\.weight'),
    ),
    # OSNet, AIN too; PCB; the models of its own that are refused by their names.
    Family(
        'torchreid',
        'torchreid',
        (r'conv1\.conv\.', r'conv2\.0\.conv2(a|\.0\.layers)\.', r'conv5\.conv\.'),
    ),
    Family('torchreid', 'torchreid', (r'layer4\.0\.', r'conv5\.layers\.0\.')),
    Family(
        'torchreid',
        'torchreid',
        (
            r'ha1\.|fc_s\.|block1\.conv1\.conv\.|conv9\.conv\.|fc_fusion\.',
            r'classifier(_global)?\.weight',
        ),
    ),
    Family(
        'torchreid',
        'torchreid',
        (r'conv1\.weight', r'layer1\.0\.', r'layer4\.0\.', r'classifier\.weight'),
    ),
    Family(
        'ibn-a',
        'an IBN-a network of ImageNet',
        (r'conv1\.weight', r'layer1\.0\.bn1\.IN\.', r'layer4\.0\.'),
    ),
    Family(
        'vit',
        'a vision transformer of ImageNet or of pictures of persons',
        (r'cls_token', r'pos_embed', r'blocks\.0\.attn\.qkv\.', r'patch_embed\.proj\.'),
    ),
    Family(
        'vit',
        "torchvision's vision transformer",
        (r'class_token', r'conv_proj\.', r'encoder\.layers\.encoder_layer_0\.'),
    ),
    Family(
        'torchvision',
        "torchvision's or timm's ResNets",
        (r'conv1\.', r'layer1\.0\.', r'layer4\.0\.'),
    ),
)
