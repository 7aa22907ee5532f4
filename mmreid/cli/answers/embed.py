"""Compute the vectors of pictures, or of boxes in a video, and write them to a file."""

import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from mmreid.cli import flags
from mmreid.cli.command import answer, answering, command


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Ends with status 0; 1 if some pictures failed, which are listed; 130 '
        'after Ctrl-C. What is done is kept in FILE.shards, and the same command goes '
        'on. Several processes share the work: torchrun --nproc-per-node 2 -m mmreid '
        'embed ...; docs/how_to/inference.md tells more.',
    )
    flags.add_model(parser)
    parser.add_argument(
        'sources',
        nargs='+',
        metavar='SOURCES',
        help='pictures, folders with all below them, or patterns; or one video, or '
        'with --boxes one folder of frames',
    )
    parser.add_argument(
        '--out',
        type=Path,
        required=True,
        metavar='FILE',
        help='.npz, .safetensors or .csv',
    )
    parser.add_argument(
        '--boxes',
        metavar='TABLE',
        help='embed these boxes: MOT, YOLO, CVAT or CSV (see docs)',
    )
    _add_labels(parser)
    _add_run(parser)
    flags.add_embedding(parser)
    return parser


def _add_labels(parser: ArgumentParser) -> None:
    """Declare where labels come from."""
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument(
        '--labels',
        metavar='TABLE',
        help='CSV or JSON with the columns path, person and perhaps camera, split',
    )
    labels.add_argument(
        '--pattern',
        help=r"what names tell, such as '(?P<person>\d+)_c(?P<camera>\d+).*'",
    )


def _add_run(parser: ArgumentParser) -> None:
    """Declare how the work is done."""
    parser.add_argument(
        '--restart',
        action='store_true',
        help='begin anew instead of going on where an earlier run was stopped',
    )
    parser.add_argument(
        '--merge',
        action='store_true',
        help='write the file of what is done, and tell what is missing',
    )
    parser.add_argument(
        '--compile', action='store_true', help='have torch.compile make it faster'
    )
    parser.add_argument(
        '--workers',
        type=int,
        metavar='N',
        help='threads that read pictures (default: as many as processors, 8 at most)',
    )


@command
def main() -> None:
    """Embed."""
    parser = make_parser()
    args = parser.parse_args()
    # Whoever ends the processes of a group sends this.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    rank, world = _processes()
    if world > 1 and args.restart:
        parser.error('--restart is for one process; remove FILE.shards instead')
    with answering(parser, args, MemoryError):
        from mmreid.apis import embedding_files as files
        from mmreid.cli.answers.models import make_inferencer
        from mmreid.progress import ProgressBar

        work = files.find_work(args.sources, args.boxes)
        file = files.EmbeddingFile(
            args.out,
            work,
            make_inferencer(
                args, args.model, compile=args.compile, num_workers=args.workers
            ),
            args.labels,
            args.pattern,
            args.restart,
        )
        if args.merge:
            result = file.merge(partly=True)
        else:
            progress = ProgressBar('embedding') if rank == 0 else None
            result = files.embed_to_file(file, rank, world, progress)
    _report(args, file, result, f'process {rank} of {world}' if world > 1 else '')


def _processes() -> tuple[int, int]:
    """Return the number of this process and how many there are, as torchrun tells."""
    return int(os.environ.get('RANK', '0')), int(os.environ.get('WORLD_SIZE', '1'))


def _report(args: Namespace, file: Any, result: Any, process: str) -> None:
    """Print what came out, and end with its status."""
    for failure in result.failures:
        print(f'failed: {failure}', file=sys.stderr)
    for start, stop in result.missing if result.out else ():
        print(
            f'missing: pictures {start} to {stop - 1} of {len(file.work)}',
            file=sys.stderr,
        )
    if args.json:
        answer(
            dict(
                out=result.out,
                count=result.count,
                dim=file.inferencer.dim,
                model=file.inferencer.name,
                model_key=file.inferencer.model_key,
                precision=file.inferencer.precision,
                kept=result.kept,
                failures=[
                    dict(index=f.index, source=f.source, reason=f.reason)
                    for f in result.failures
                ],
                missing=[[*pair] for pair in result.missing],
            )
        )
    elif result.out is None:
        print(f'{process}: its part is done; the last process writes {args.out}')
    else:
        print(f'{result.out}: {result.count} vectors of {file.inferencer.dim} numbers')
    if result.failures or (result.missing and result.out is not None):
        sys.exit(1)
