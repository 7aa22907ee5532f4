"""Measure how fast a model computes vectors, by PyTorch, ONNX Runtime and OpenVINO."""

import sys
from argparse import ArgumentParser

from mmreid.cli import flags, words
from mmreid.cli.command import answer, answering, command

# Those of mmreid.apis.cost.runtimes, which is not imported yet.
WAYS = (
    *('eager', 'torchreid', 'inferencer-float32', 'inferencer', 'compiled', 'torch'),
    *('onnx', 'onnx-int8', 'openvino', 'openvino-bfloat16', 'openvino-int8'),
)


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='All ways get the same pictures and take turns in one process; medians '
        'are printed, and ratios to the first row. '
        '"per core" counts pictures by the time that processors worked for this '
        'process, which other programs disturb little. Cosines are those to the '
        'vectors that PyTorch computes in float32; "ready" counts the seconds until '
        'the first vectors, and "memory" by what the process grew at most until then. '
        'int8 files have all in int8 that the library can, whatever that does to the '
        'ranking: "mmreid export --precision int8" finds out.',
    )
    parser.add_argument(
        'model',
        nargs='?',
        default='bot_r50_market',
        metavar='MODEL',
        help='a config, by path or name, or a checkpoint that holds its config '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--checkpoint',
        metavar='FILE',
        help='weights for a config (default: random ones, which are as fast)',
    )
    parser.add_argument(
        '--ways',
        nargs='+',
        choices=WAYS,
        default=WAYS,
        metavar='WAY',
        help=f'what to measure, the yardstick first (default: {" ".join(WAYS)})',
    )
    _add_numbers(parser)
    flags.add_cfg_options(parser)
    flags.add_out(parser)
    flags.add_json(parser)
    flags.add_debug(parser)
    return parser


def _add_numbers(parser: ArgumentParser) -> None:
    """Declare how much is measured."""
    parser.add_argument(
        '--batch-size',
        nargs='+',
        type=words.positive,
        default=(1, 32),
        metavar='N',
        help='pictures at once, one size or several (default: 1 32)',
    )
    parser.add_argument(
        '--threads',
        type=words.positive,
        metavar='N',
        help='how many compute (default: one for each processor)',
    )
    flags.add_count(parser, '--pictures', 64, 'of a turn, at most')
    parser.add_argument(
        '--folder',
        metavar='DIR',
        help='of pictures, which each way reads and resizes as its users have it '
        '(default: drawn pictures, in memory and of the right size)',
    )
    flags.add_count(parser, '--repeat', 5, 'turns')


@command
def main() -> None:
    """Measure and print."""
    parser = make_parser()
    args = parser.parse_args()
    with answering(parser, args):
        from mmreid.apis.cost.runtimes import measure_runtimes
        from mmreid.apis.cost.runtimes.loading import load_measured
        from mmreid.files import to_json, write_json

        network, name = load_measured(args.model, args.checkpoint, args.cfg_options)
        speeds = measure_runtimes(
            network,
            name,
            ways=args.ways,
            batches=args.batch_size,
            threads=args.threads,
            pictures=args.pictures,
            repeat=args.repeat,
            folder=args.folder,
            progress=lambda text: print(text, file=sys.stderr, flush=True),
        )
        if args.out is not None:
            write_json(args.out, to_json(speeds.to_dict()))
    if args.json:
        answer(speeds.to_dict())
    else:
        print(speeds.explain())
