"""Learn when persons seen by one camera are seen by another, for mmreid evaluate."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors

EPILOG = """
examples:
  mmreid time-prior configs/bot/bot_r50_market.py --out prior.json
  mmreid time-prior my_pictures/list.csv --bin-width 2 --out prior.json
  mmreid evaluate features.npz --time-prior prior.json

No picture is read, and no model is needed. A prior holds for the cameras that it was
learned on, and for no others.
"""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'source',
        help='a config, whose training data are taken; a table of pictures, whose rows '
        'of split train; or features of pictures for training',
    )
    parser.add_argument(
        '--out', type=Path, required=True, metavar='FILE.json', help='where to write it'
    )
    parser.add_argument(
        '--bin-width',
        type=float,
        default=100,
        metavar='TIME',
        help='width of a bin, in the unit of the times (default: %(default)s, which is '
        'for frames)',
    )
    flags.add_count(parser, '--num-bins', 5000, 'larger differences take no part')
    parser.add_argument(
        '--sigma',
        type=float,
        default=50,
        metavar='BINS',
        help='of the Gaussian that smooths (default: %(default)s)',
    )
    flags.add_cfg_options(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Learn, write, print."""
    parser = make_parser()
    args = parser.parse_args()
    if args.out.suffix != '.json':
        parser.error(f'--out is a .json file, got {args.out}')
    from mmreid.apis.evaluate.time_priors import describe_prior, learn_from
    from mmreid.evaluation.features.time_prior_file import save_time_prior

    with short_errors(parser, args, OSError, ValueError, ImportError):
        prior = learn_from(
            args.source,
            args.cfg_options,
            bin_width=args.bin_width,
            num_bins=args.num_bins,
            sigma=args.sigma,
        )
        save_time_prior(args.out, prior)
    print(describe_prior(prior))
