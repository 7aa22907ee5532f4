"""Evaluate a model on the test data of a config file."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors
from mmreid.errors import CheckpointError


def output_file(name: str) -> Path:
    """Accept what ``--out`` can write."""
    if not name.endswith(('.json', '.npz', '.safetensors')):
        raise ArgumentTypeError(
            f'{name} must end in .json (metrics), .npz or .safetensors (embeddings)'
        )
    return Path(name)


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    flags.add_config(parser)
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='a file or the name of a model; without it the network is tested as '
        'initialised, a model by name with its published weights; a checkpoint of the '
        'converters may stand alone, for it names its config, and so may a file of '
        '"mmreid export" (.onnx, .xml, .pt2)',
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
    flags.add_cfg_options(parser, 'change the config, e.g. model.flip_test=True')
    flags.add_weights(parser)
    flags.add_launcher(parser)
    flags.add_verbose(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Test."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid import apis, engine

    kinds = (OSError, ValueError, ImportError, MemoryError, CheckpointError)
    with short_errors(parser, args, *kinds):
        named = apis.load_for_command(
            args.config, args.checkpoint, args.weights_file, args.accept_licence
        )
        options = [*named.options, *args.cfg_options]
        cfg = engine.read_config(named.config, options, args.work_dir)
        is_file = apis.is_run_by_file(cfg)
        if is_file:
            apis.check_recipe(cfg)
        # The weights are loaded below, by a stricter rule than the runner's.
        cfg.load_from, cfg.resume = None, False
        outputs = apis.Outputs(cfg, args.out, args.show_dir)
        outputs.prepare()
        weights = named.checkpoint
        # A test reads no training data: it has the checkpoint's classifiers, or none.
        engine.fill_num_classes(cfg, weights)
        engine.set_up_processes(cfg, args.launcher, args.local_rank)
        runner = engine.build_runner(cfg, args.verbose)
        # Read the data now: later on, errors are not about the user's files.
        _ = runner.test_loop
    source = cfg.model.file if is_file else getattr(weights, 'source', weights)
    runner.logger.info(engine.describe_run(runner, args.cfg_options, source))
    with short_errors(parser, args, OSError, CheckpointError):
        if weights is None and not is_file:
            engine.initialize_model(runner)
        elif weights is not None:
            engine.load_weights(runner.model, weights)
        del weights, named  # the model has copies
        outputs.sign(runner)
        outputs.write(runner.test())
    if files := [*args.out, *filter(None, [args.show_dir])]:
        runner.logger.info(f'written: {", ".join(map(str, files))}')
    engine.leave_processes()
