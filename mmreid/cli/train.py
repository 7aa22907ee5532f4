"""Train a model from a config file."""

import sys
import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors
from mmreid.cli.processes import early_signals

if TYPE_CHECKING:
    from mmengine.runner import Runner


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    flags.add_config(parser)
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
    flags.add_cfg_options(
        parser,
        'change the config, e.g. optim_wrapper.optimizer.lr=0.01 '
        'model.backbone.init_cfg=None',
    )
    flags.add_launcher(parser)
    flags.add_verbose(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Train."""
    parser = make_parser()
    args = parser.parse_args()
    early_signals.listen(several=args.launcher != 'none')
    from mmreid import engine

    runner = prepare(parser, args)
    if not isinstance(runner.train_loop, engine.ResumableTrainLoop):
        early_signals.unlisten()
    kinds = (
        OSError,
        engine.CheckpointError,
        engine.ClusteringError,
        engine.InconsistentConfigError,
        engine.NonFiniteError,
    )
    with short_errors(parser, args, *kinds):
        started = time.monotonic()
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
    runner.logger.info(engine.describe_end(runner, time.monotonic() - started))
    engine.leave_processes()
    early_signals.unlisten()


def prepare(parser: ArgumentParser, args: Namespace) -> 'Runner':
    """Read config and data, and take the work folder.

    Args:
        parser (ArgumentParser): Ends the program where they are wrong.
        args (Namespace): The command line.

    Returns:
        Runner: Ready to train.
    """
    from mmreid import engine
    from mmreid.apis import config_path, refuse_exported  # and names for load_from

    kinds = (OSError, ValueError, MemoryError, engine.CheckpointError)
    with short_errors(parser, args, *kinds):
        refuse_exported('trained', args.config, args.resume)
        path = config_path(args.config)
        cfg = engine.read_config(path, args.cfg_options, args.work_dir)
        refuse_exported('trained', cfg, cfg.get('load_from'))
        notes = engine.take_folder(cfg, args.launcher)
        resume = args.resume or (engine.was_restarted() and 'auto')
        notes += engine.use_checkpoint(cfg, resume) if resume else []
        if args.amp:
            engine.use_autocast(cfg)
        engine.set_up_processes(cfg, args.launcher, args.local_rank)
        runner = engine.build_runner(cfg, args.verbose)
        # Read the data now: later on, errors are not about the user's files.
        _ = runner.train_loop, runner.val_loop
    runner.logger.info(engine.describe_run(runner, args.cfg_options))
    for note in notes:
        runner.logger.warning(note)
    return runner
