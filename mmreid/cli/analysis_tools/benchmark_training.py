"""Measure how fast a config trains, and what the framework costs."""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Blocks of steps alternate in one process: training on what the data '
        'loader gives, training on batches in memory, and a plain torch loop with the '
        'same network, losses, optimizer and batches. Medians are printed. On the CPU '
        'the loops are compared by the time that cores worked for this process.',
    )
    flags.add_config(parser)
    parser.add_argument(
        '--steps', type=int, default=10, help='of a block (default: %(default)s)'
    )
    parser.add_argument(
        '--repeat', type=int, default=10, help='blocks of a kind (default: %(default)s)'
    )
    parser.add_argument(
        '--synthetic',
        action='store_true',
        help="train on noise of the config's size, where its data is not at hand",
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    flags.add_cfg_options(
        parser, 'change the config, e.g. compile=True train_dataloader.num_workers=8'
    )
    flags.add_verbose(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Measure and print."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid import engine
    from mmreid.apis import config_path
    from mmreid.apis.cost.training_speed import describe_speed, measure_training

    with short_errors(parser, args, OSError, ValueError):
        cfg = engine.read_config(config_path(args.config), args.cfg_options)
        if args.amp:
            engine.use_autocast(cfg)
        speed = measure_training(
            cfg, args.steps, args.repeat, args.synthetic, args.verbose
        )
    print(f'{args.config}, {speed.images // speed.steps} pictures a step')
    print(describe_speed(speed))
