"""Write a model as a file for another runtime, proven by its ranking."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from mmreid.cli import flags
from mmreid.cli.command import answer, answering, command

# Those of mmreid.deploy, which is not imported yet.
_KINDS = ('onnx', 'openvino', 'torch')
_PRECISIONS = ('float32', 'bfloat16', 'int8')
# What is asked of a file that is to be written.
_OF_WRITING = (
    *('to', 'out', 'precision', 'channels', 'calibration', 'results', 'threshold'),
    *('triton', 'overwrite'),
)


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='The file is run by its own runtime on a test set, and gets its name '
        'only if it ranks as the model does. Status 0: it is written; 1: it was '
        'refused, and the table says why; 2: an error. docs/how_to/export.md tells '
        'what is in the file.',
    )
    flags.add_model(parser)
    _add_file(parser)
    _add_gate(parser)
    flags.add_cfg_options(parser, 'change the config, where MODEL is one')
    flags.add_json(parser)
    flags.add_debug(parser)
    return parser


def _add_file(parser: ArgumentParser) -> None:
    """Declare what the file is to be."""
    group = parser.add_argument_group('the file')
    group.add_argument(
        '--to',
        choices=_KINDS,
        default='onnx',
        help='.onnx for ONNX Runtime, .xml and .bin for OpenVINO, .pt2 for torch '
        '(default: %(default)s)',
    )
    group.add_argument(
        '--out', metavar='FILE', help="its name, or a folder (default: the model's)"
    )
    group.add_argument(
        '--precision',
        choices=_PRECISIONS,
        default='float32',
        help='numbers it computes with (default: %(default)s)',
    )
    group.add_argument(
        '--channels',
        choices=('bgr', 'rgb'),
        default='bgr',
        help='order of channels that it takes: bgr as OpenCV reads (default), or rgb',
    )
    group.add_argument(
        '--results',
        metavar='JSON',
        help='let the scores of "mmreid test --out" travel with it',
    )
    group.add_argument(
        '--threshold',
        metavar='JSON',
        help='let the threshold of "mmreid threshold --out" travel with it',
    )
    group.add_argument(
        '--triton', metavar='DIR', help='also write a model repository for Triton'
    )
    group.add_argument(
        '--overwrite', action='store_true', help='replace files that are there'
    )


def _add_gate(parser: ArgumentParser) -> None:
    """Declare how it is judged."""
    group = parser.add_argument_group('the comparison of rankings')
    group.add_argument(
        '--judge',
        metavar='FILE',
        help='write nothing: judge this file of the model, as on another machine',
    )
    group.add_argument(
        '--data',
        metavar='PATH',
        help="pictures to rank: a folder in the layout of the config's data set or of "
        'Market-1501, a table (path, person, camera, split), or synthreid-mini '
        "(default: the config's test set, else synthreid-mini)",
    )
    group.add_argument(
        '--tolerance',
        type=float,
        metavar='POINTS',
        help='largest change of mAP that is borne (default: 0.1, of bfloat16 0.5, of '
        'int8 1.0)',
    )
    flags.add_count(group, '--most-pictures', 3000, 'draw persons of larger test sets')
    flags.add_count(
        group, '--calibration', 300, 'of int8, pictures that tell the ranges'
    )


def _options(args: Namespace) -> dict[str, Any]:
    """Collect what is asked for by the names of ``ExportOptions``."""
    return dict(
        to=args.to,
        out=args.out,
        precision=args.precision,
        channels=args.channels,
        data=args.data,
        tolerance=args.tolerance,
        most_pictures=args.most_pictures,
        num_calibration=args.calibration,
        results=args.results,
        threshold=args.threshold,
        triton=args.triton,
        overwrite=args.overwrite,
    )


def _model(args: Namespace) -> dict[str, Any]:
    """Collect what tells of the model, by the names of both functions of the API."""
    return dict(
        checkpoint=args.checkpoint,
        weights_file=args.weights_file,
        accept_licence=args.accept_licence,
        cfg_options=args.cfg_options,
    )


@command
def main() -> None:
    """Export."""
    parser = make_parser()
    args = parser.parse_args()
    _check_judge(parser, args)
    with answering(parser, args):
        passed, value, text = _judge(args) if args.judge else _export(args)
    if args.json:
        answer(value)
    else:
        print(text)
    sys.exit(0 if passed else 1)


def _check_judge(parser: ArgumentParser, args: Namespace) -> None:
    """Refuse beside ``--judge`` what is asked of a file that is to be written."""
    given = [
        f'--{name}'
        for name in _OF_WRITING
        if getattr(args, name) != parser.get_default(name)
    ]
    if args.judge and given:
        parser.error(
            f'--judge writes nothing, and what it judges is a file as it is: leave out '
            f'{", ".join(given)}'
        )


def _export(args: Namespace) -> tuple[bool, object, str]:
    """Write a file, and say whether it was, in plain Python and as text."""
    from mmreid.apis import ExportOptions, export_model
    from mmreid.progress import ProgressBar

    options = ExportOptions(**_options(args))
    done = export_model(args.model, options, **_model(args), progress=ProgressBar)
    return done.path is not None, done.to_dict(), done.explain()


def _judge(args: Namespace) -> tuple[bool, object, str]:
    """Judge a file that is there, likewise."""
    from mmreid.apis import judge_file
    from mmreid.progress import ProgressBar

    found = judge_file(
        args.judge,
        args.model,
        **_model(args),
        data=args.data,
        tolerance=args.tolerance,
        most_pictures=args.most_pictures,
        progress=ProgressBar,
    )
    return found.passed, found.to_dict(), found.explain()
