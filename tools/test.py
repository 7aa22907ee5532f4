"""Evaluate a model on the test data of a config file."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def output_file(name: str) -> Path:
    """Accept what ``--out`` can write."""
    if not name.endswith(('.json', '.npz', '.safetensors')):
        raise argparse.ArgumentTypeError(
            f'{name} must end in .json (metrics), .npz or .safetensors (embeddings)'
        )
    return Path(name)


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        'checkpoint', nargs='?', help='without it the network is tested as initialised'
    )
    parser.add_argument(
        '--work-dir', help='for logs and features (default: work_dirs/CONFIG)'
    )
    parser.add_argument(
        '--out',
        type=output_file,
        action='append',
        default=[],
        metavar='FILE',
        help='FILE.json: metrics, protocol and the values of single queries; FILE.npz '
        'or FILE.safetensors: embeddings and labels (FILE_SET.npz for each of several '
        'test sets); may be given several times',
    )
    parser.add_argument(
        '--show-dir',
        type=Path,
        metavar='DIR',
        help='draw queries with their first answers here (embeddings go to work-dir)',
    )
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        metavar='KEY=VALUE',
        help='change the config, e.g. model.flip_test=True',
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
    """Test."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import apis, engine

    engine.expand_home(vars(args))
    kinds = (OSError, ValueError, ImportError, MemoryError, engine.CheckpointError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        cfg = engine.read_config(args.config, args.cfg_options, args.work_dir)
        # The weights are loaded below, by a stricter rule than the runner's.
        cfg.load_from, cfg.resume = None, False
        outputs = apis.Outputs(cfg, args.out, args.show_dir)
        outputs.prepare()
        # A test reads no training data: it has the checkpoint's classifiers, or none.
        engine.fill_num_classes(cfg, args.checkpoint)
        engine.set_up_processes(cfg, args.launcher, args.local_rank)
        runner = engine.build_runner(cfg)
        # Read the data now: later on, errors are not about the user's files.
        _ = runner.test_loop
    known = (OSError, engine.CheckpointError)
    with engine.short_errors(parser.exit, *known, debug=args.debug):
        if args.checkpoint is None:
            engine.initialize_model(runner)
        else:
            engine.load_weights(runner.model, args.checkpoint)
        outputs.sign(runner)
        outputs.write(runner.test())
    engine.leave_processes()


if __name__ == '__main__':
    main()
