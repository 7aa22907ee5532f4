"""Print a model's parameters and multiply-adds, part by part."""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors
from mmreid.errors import CheckpointError


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='MACs: multiply-adds of convolutions, linear layers and matrix '
        'products, for one picture. thop-like: the same plus 2 operations per '
        'batch-norm element.',
    )
    flags.add_config(parser)
    parser.add_argument(
        '--shape',
        type=int,
        nargs=2,
        metavar=('H', 'W'),
        help="picture size; by default the config's test pipeline tells",
    )
    parser.add_argument(
        '--training',
        action='store_true',
        help='count the training network, with all branches and the classifiers',
    )
    parser.add_argument(
        '--pooling',
        action='store_true',
        help='count average pooling too, a multiply-add an element',
    )
    flags.add_cfg_options(parser, 'change the config, e.g. model.head.num_classes=767')
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Count the config's model and print the table."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid import apis, engine
    from mmreid.apis.cost.complexity import count_config, format_costs

    with short_errors(parser, args, OSError, ValueError, CheckpointError):
        apis.refuse_exported('counted', args.config)
        named = apis.load_named(args.config)
        options = [*named.options, *args.cfg_options]
        cfg = engine.read_config(named.config, options)
        size = tuple(args.shape) if args.shape else None
        table = format_costs(count_config(cfg, size, args.training, args.pooling))
    print(table)
