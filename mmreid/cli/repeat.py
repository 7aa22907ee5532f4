"""Train and test a config several times and print mean and standard deviation.

Every split of a data set that is divided in several ways, every seed, or both. Each
run has a folder of its own; what is finished is not repeated, what was interrupted
continues.
"""

import subprocess
from argparse import ArgumentParser
from pathlib import Path

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors

TOOLS = Path(__file__).resolve().parents[2] / 'tools'


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    flags.add_config(parser)
    parser.add_argument(
        '--splits', help="splits of the data: 'all', or numbers such as '0-4,7'"
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[], help='seeds, e.g. 0 1 2'
    )
    parser.add_argument(
        '--checkpoint', help='test these weights in every run, without training'
    )
    parser.add_argument(
        '--work-dir', type=Path, help='default: work_dirs/CONFIG_repeated'
    )
    parser.add_argument('--gpus', type=int, default=1, help='processes of a run')
    parser.add_argument('--slurm', metavar='PARTITION', help='run as jobs of Slurm')
    parser.add_argument(
        '--parallel',
        type=int,
        help='runs at the same time (default: 1; with --slurm all, which queues them)',
    )
    flags.add_cfg_options(parser, 'change the config of all runs')
    flags.add_verbose(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Run, average, print."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid import apis, engine
    from mmreid.apis.runs.repetition import Repetition
    from mmreid.files import write_json

    kinds = (OSError, ValueError, subprocess.CalledProcessError)
    with short_errors(parser, args, *kinds):
        args.config = apis.config_path(args.config)
        cfg = engine.read_config(args.config, args.cfg_options)
        repetition = Repetition(
            args.config,
            cfg.pretty_text,
            args.work_dir or Path(f'{cfg.work_dir}_repeated'),
            TOOLS,
            has_training=cfg.get('train_cfg') is not None,
            checkpoint=args.checkpoint,
            options=args.cfg_options,
            gpus=args.gpus,
            partition=args.slurm,
            verbose=args.verbose,
        )
        runs = apis.plan_runs(cfg, args.splits, args.seeds)
        parallel = args.parallel or (len(runs) if args.slurm else 1)
        try:
            results = repetition.run_all(runs, parallel)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                'finished runs are kept; the same command goes on.'
            ) from None
        summary = apis.summarize(results)
        out = repetition.work_dir / 'summary.json'
        write_json(out, summary)
    print(f'\n{apis.format_summary(summary)}\n\nwritten to {out}')
