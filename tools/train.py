"""Train a model from a config file."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmengine.runner import Runner

ROOT = Path(__file__).resolve().parents[1]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--work-dir', help='for logs and checkpoints (default: work_dirs/CONFIG)'
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='continue from a checkpoint; without a path, or with "auto", from the '
        'newest in work-dir that can be read. A restarted job does so by itself.',
    )
    parser.add_argument(
        '--amp', action='store_true', help='mixed precision (AutocastOptimWrapper)'
    )
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        metavar='KEY=VALUE',
        help='change the config, e.g. optim_wrapper.optimizer.lr=0.01 '
        'model.backbone.init_cfg=None',
    )
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Train."""
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path[:0] = [str(ROOT), str(ROOT / 'tools')]
    import early_signals

    parser = make_parser()
    args = parser.parse_args()
    early_signals.listen(several=args.launcher != 'none')
    from mmreid import engine

    engine.expand_home(vars(args))
    runner = prepare(parser, args)
    if not isinstance(runner.train_loop, engine.ResumableTrainLoop):
        early_signals.unlisten()
    known = (
        OSError,
        engine.CheckpointError,
        engine.InconsistentConfigError,
        engine.NonFiniteError,
    )
    with engine.short_errors(parser.exit, *known, debug=args.debug):
        try:
            runner.train()
        except engine.TrainingStoppedError as stopped:
            runner.logger.warning(f'{stopped} Continue with --resume.')
            engine.leave_processes()
            sys.exit(early_signals.stopped_status())
        except KeyboardInterrupt:
            parser.exit(
                130, 'interrupted; continue from the last checkpoint with --resume.\n'
            )
    engine.leave_processes()
    early_signals.unlisten()


def prepare(parser: argparse.ArgumentParser, args: argparse.Namespace) -> 'Runner':
    """Read config and data, and take the work folder.

    Args:
        parser (argparse.ArgumentParser): Ends the program where they are wrong.
        args (argparse.Namespace): The command line.

    Returns:
        Runner: Ready to train.
    """
    from mmreid import engine

    kinds = (OSError, ValueError, MemoryError, engine.CheckpointError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        cfg = engine.read_config(args.config, args.cfg_options, args.work_dir)
        notes = engine.take_folder(cfg, args.launcher)
        resume = args.resume or (engine.was_restarted() and 'auto')
        notes += engine.use_checkpoint(cfg, resume) if resume else []
        if args.amp:
            engine.use_autocast(cfg)
        engine.set_up_processes(cfg, args.launcher, args.local_rank)
        runner = engine.build_runner(cfg)
        # Read the data now: later on, errors are not about the user's files.
        _ = runner.train_loop, runner.val_loop
    for note in notes:
        runner.logger.warning(note)
    return runner


if __name__ == '__main__':
    main()
