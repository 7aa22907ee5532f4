"""Train a step and embed with many trunks of timm, one after the other."""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='From random weights, on noise of the size that the config tests with. '
        'Nothing but model.backbone.model_name is changed.',
    )
    parser.add_argument(
        'names',
        nargs='*',
        help="timm's names; by default small members of many families",
    )
    parser.add_argument(
        '--config',
        default='bot/bot_timm_market.py',
        help='whose backbone is a TimmBackbone (default: %(default)s)',
    )
    flags.add_cfg_options(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Try each and print the table."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid import engine
    from mmreid.apis import config_path
    from mmreid.apis.trunks import SAMPLES, format_trials, try_trunk

    with short_errors(parser, args, OSError, ValueError):
        cfg = engine.read_config(config_path(args.config), args.cfg_options)
        trials = []
        for name in args.names or SAMPLES:
            trials.append(try_trunk(cfg, name))
            print(f'{name}: {trials[-1].result}', flush=True)
    print(format_trials(trials))
