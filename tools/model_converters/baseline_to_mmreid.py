"""Turn weights of other programs' networks into ones of ours."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = ('torchvision', 'timm', 'ibn-a', 'torchreid', 'fast-reid', 'ianet')
# What a file cannot tell, with the values that it may have.
FACTS = {
    'pool': (('avg', 'max', 'avg+max', 'gem'), 'how the last map is pooled'),
    'last_stride': (('1', '2'), 'the stride of the last stage'),
    'stem_pool': (('padded', 'ceil'), "how the stem's max pooling treats the edge"),
    'recipe': (('sbs', 'agw'), "which of fast-reid's, with non-local blocks"),
    'anti_aliasing': (('none', 'blur', 'average'), 'what filters maps before strides'),
}


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Nothing in the file is run: its tensors are read, and whatever else '
        'it asks for is refused and named.',
    )
    parser.add_argument('source', help='the file to convert')
    parser.add_argument('target', help='the checkpoint to write')
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
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='change the config that the weights are for, if widths differ',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Convert."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis import convert_checkpoint

    engine.expand_home(vars(args))
    given = {name: getattr(args, name) for name in FACTS}
    told = {name: value for name, value in given.items() if value is not None}
    kinds = (OSError, ValueError, engine.CheckpointError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        print(
            convert_checkpoint(
                args.layout, args.source, args.target, args.cfg_options, told
            )
        )


if __name__ == '__main__':
    main()
