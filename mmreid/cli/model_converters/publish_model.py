"""Write a checkpoint's weights to a file for others, with what they are."""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors
from mmreid.errors import CheckpointError


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Left out: optimizer, schedulers, log and random states. Kept: the '
        "config's text, the training's epoch, seed and data. Moving averages (EMAHook) "
        "are taken where there are any. The first digits of the file's SHA-256 become "
        'part of its name, which is printed.',
    )
    parser.add_argument('checkpoint', help='what training has saved')
    parser.add_argument('out', help='NAME.pth or NAME.safetensors')
    parser.add_argument(
        '--results',
        metavar='JSON',
        help='store the metrics and protocol that tools/test.py --out has written',
    )
    parser.add_argument(
        '--threshold',
        metavar='JSON',
        help='let the threshold of "mmreid threshold --out" travel with the weights',
    )
    parser.add_argument(
        '--small',
        action='store_true',
        help='write what an embedding needs in float16, about half the bytes, if it '
        'ranks a test set as the checkpoint does; its results are stored',
    )
    parser.add_argument(
        '--data',
        metavar='DATA',
        help="that test set: a folder, a table or 'synthreid-mini' (default: the "
        "config's, where it is there)",
    )
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Publish."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid.apis import publish_checkpoint

    with short_errors(parser, args, OSError, ValueError, CheckpointError):
        published = publish_checkpoint(
            args.checkpoint,
            args.out,
            args.results,
            args.threshold,
            args.small,
            args.data,
        )
        text = published.explain()
    print(text)
