"""What a file of weights cannot tell of its network; knows nothing but Python.

Converters settle it, and their command lines ask for it before anything heavy is
imported.
"""

from typing import NamedTuple


class Fact(NamedTuple):
    """Something of a network that has no weights.

    Attributes:
        saying (str): A sentence with ``{}`` for the value.
        choices (tuple[str, ...]): The values.
        text (str): What is asked, for a command's ``--help``.
    """

    saying: str
    choices: tuple[str, ...]
    text: str


FACTS = {
    'pool': Fact(
        'the last map is pooled by {}',
        ('avg', 'max', 'avg+max', 'gem'),
        'how the last map is pooled',
    ),
    'last_stride': Fact(
        'the last stage has stride {}', ('1', '2'), 'the stride of the last stage'
    ),
    'stem_pool': Fact(
        'the first pooling, of 3 x 3, is {}',
        ('padded', 'ceil'),
        "how the stem's max pooling treats the edge",
    ),
    'stem_relu': Fact(
        'a ReLU behind the first normalisation: {}',
        ('yes', 'no'),
        "whether the stem of the authors' BoT has a ReLU",
    ),
    # The networks are alike; pictures of 384 x 128 or of 256 x 128.
    'recipe': Fact(
        "the test pictures' size is that of fast-reid's {}",
        ('sbs', 'agw'),
        "which of fast-reid's, with non-local blocks",
    ),
    # By which pictures have their size and shape.
    'data_set': Fact(
        'the data set is {}',
        ('market', 'duke', 'msmt17', 'veri776', 'cuhk03'),
        'what it was trained on: the size of its pictures',
    ),
    'anti_aliasing': Fact(
        'anti-aliasing before strides: {}',
        ('none', 'blur', 'average'),
        'what filters maps before strides',
    ),
    'neck': Fact(
        'vectors are compared as they are {} the BN neck',
        ('before', 'after'),
        'which side of the BN neck vectors are compared on',
    ),
    'shift': Fact(
        "the jigsaw's first patch is number {}",
        ('5', '8'),
        "the number of the jigsaw's first patch",
    ),
    'side_scale': Fact(
        'side information is multiplied by {}',
        ('3.0', '1.0', '1.5', '2.0', '2.5'),
        'what side information is multiplied by',
    ),
}


def flag_of(name: str) -> str:
    """Write a fact as the option of the converters that tells it.

    Args:
        name (str): One of :data:`FACTS`.

    Returns:
        str: Such as ``'--last-stride'``.
    """
    return f'--{name.replace("_", "-")}'
