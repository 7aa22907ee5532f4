"""Find the distance below which two pictures pass for one person, at an error rate."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from mmreid.cli import flags
from mmreid.cli.command import answer, answering, command

# Those of mmreid.search, which is not imported yet.
_CALIBRATIONS = ('logistic', 'isotonic')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Status 1: done, but some pictures gave no vector; they are listed. '
        'docs/how_to/thresholds.md tells what the numbers mean.',
    )
    parser.add_argument(
        'source',
        metavar='SOURCE',
        help='features of "mmreid test" or "mmreid embed --labels"; a gallery whose '
        'persons are known, which keeps the threshold; or, with --pairs of pictures, '
        'a model: its name, config or checkpoint',
    )
    _add_rate(parser)
    _add_calibration(parser)
    parser.add_argument(
        '--out', type=Path, metavar='JSON', help='write the threshold to a file'
    )
    parser.add_argument(
        '--checkpoint', metavar='FILE', help='weights, where SOURCE is a config'
    )
    flags.add_weights(parser)
    flags.add_embedding(parser)
    return parser


def _add_rate(parser: ArgumentParser) -> None:
    """Declare the rate, and what it is counted on."""
    parser.add_argument(
        '--rate',
        type=float,
        default=0.001,
        metavar='SHARE',
        help='false accept rate to keep (default: 0.001, which is 0.1 %%)',
    )
    parser.add_argument(
        '--guarantee',
        type=float,
        metavar='SHARE',
        help='have the rate hold for other persons with this probability, such as '
        '0.95 (default: it holds for the persons of SOURCE)',
    )
    parser.add_argument(
        '--pairs',
        type=Path,
        metavar='CSV',
        help='pairs that you have labelled: columns a, b (pictures, or rows of the '
        'features) and same (1 or 0)',
    )
    parser.add_argument(
        '--task',
        choices=flags.TASKS,
        help='rate of pairs, or of searches for somebody who is not in the gallery '
        '(default: identification for a gallery, else verification)',
    )


def _add_calibration(parser: ArgumentParser) -> None:
    """Declare how distances become probabilities."""
    parser.add_argument(
        '--calibration',
        choices=_CALIBRATIONS,
        default='logistic',
        help='curve of the probabilities (default: %(default)s)',
    )
    parser.add_argument(
        '--prior',
        type=float,
        default=0.5,
        metavar='SHARE',
        help='probability of one person before looking (default: %(default)s)',
    )


@command
def main() -> None:
    """Fit."""
    parser = make_parser()
    args = parser.parse_args()
    with answering(parser, args):
        from mmreid.search import save_operating_point
        from mmreid.search.decisions.wording import describe_point, warn_of

        point, failures = _fit(args)
        if args.out:
            save_operating_point(args.out, point)
        text = describe_point(point)
    for picture, reason in failures:
        print(f'failed: {picture}: {reason}', file=sys.stderr)
    if args.json:
        answer(
            dict(
                point.to_dict(),
                warnings=warn_of(point),
                failures=[dict(source=name, reason=why) for name, why in failures],
            )
        )
    else:
        print(text)
    if failures:
        sys.exit(1)


def _fit(args: Namespace) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """Fit to whatever the source is."""
    from mmreid.apis import decisions

    options = dict(
        rate=args.rate,
        guarantee=args.guarantee,
        calibration=args.calibration,
        prior=args.prior,
        task=args.task or 'verification',
    )
    kind = decisions.find_kind(args.source)
    if args.pairs is not None:
        return _fit_pairs(args, kind, options)
    if kind == 'model':
        raise ValueError(
            f'SOURCE must be features or a gallery, got {args.source}; for a model '
            'give labelled pairs of pictures: --pairs CSV with a, b, same.'
        )
    if kind == 'gallery':
        options['task'] = args.task or 'identification'
        return decisions.fit_gallery(args.source, **options), ()
    return decisions.fit_features(args.source, **options), ()


def _fit_pairs(
    args: Namespace, kind: str, options: dict[str, Any]
) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """Fit to pairs that were labelled."""
    from mmreid.apis import decisions
    from mmreid.search import fit_operating_point

    if kind == 'gallery':
        raise ValueError(
            f'pairs must be of pictures or features, got the gallery {args.source}; '
            'its own persons are its labels: leave --pairs out.'
        )
    if kind == 'features':
        measured = decisions.measure_features(args.source, args.pairs)
    else:
        from mmreid.cli.answers.models import make_inferencer
        from mmreid.progress import ProgressBar

        inferencer = make_inferencer(args, args.source)
        progress = ProgressBar('embedding')
        measured = decisions.measure_pictures(inferencer, args.pairs, progress)
    point = fit_operating_point(
        measured.pairs,
        model_key=measured.model_key,
        dataset=str(args.pairs),
        **options,
    )
    return point, measured.failures
