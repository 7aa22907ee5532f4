"""Turn weights of other programs' networks into ones of ours."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.model_converters.converting import (
    EPILOG,
    add_files,
    add_options,
    convert,
)

# Those of mmreid.apis.conversion, which is not imported yet.
LAYOUTS = ('torchvision', 'timm', 'ibn-a', 'torchreid', 'fast-reid', 'ianet')
# What a file cannot tell, with the values that it may have.
FACTS = {
    'pool': (('avg', 'max', 'avg+max', 'gem'), 'how the last map is pooled'),
    'last_stride': (('1', '2'), 'the stride of the last stage'),
    'stem_pool': (('padded', 'ceil'), "how the stem's max pooling treats the edge"),
    'recipe': (('sbs', 'agw'), "which of fast-reid's, with non-local blocks"),
    'anti_aliasing': (('none', 'blur', 'average'), 'what filters maps before strides'),
}


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    add_files(parser)
    parser.add_argument(
        '--layout',
        choices=LAYOUTS,
        required=True,
        help='whose weights they are; the first three are trunks to train from',
    )
    facts = parser.add_argument_group(
        'what a file cannot tell',
        'Where an option is left out, its value is assumed, and the report says so.',
    )
    for name, (choices, text) in FACTS.items():
        facts.add_argument(f'--{name.replace("_", "-")}', choices=choices, help=text)
    add_options(parser)
    return parser


@command
def main() -> None:
    """Convert."""
    parser = make_parser()
    args = parser.parse_args()
    given = {name: getattr(args, name) for name in FACTS}
    facts = {name: value for name, value in given.items() if value is not None}
    convert(parser, args, args.layout, facts)
