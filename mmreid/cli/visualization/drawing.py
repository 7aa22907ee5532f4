"""Arguments and the ending of the commands that draw what a network looks at."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from mmreid.cli import flags, words
from mmreid.cli.command import short_errors
from mmreid.errors import CheckpointError

# Arguments that are read here.
_OWN = (
    *('config', 'checkpoint', 'out', 'out_name', 'cfg_options', 'debug'),
    *('weights_file', 'accept_licence'),
)
# Instead of a checkpoint.
_WORDS = ('none', 'pretrained')


def add_network(parser: ArgumentParser) -> None:
    """Declare the network: its config and its checkpoint.

    Args:
        parser (ArgumentParser): Is given ``config`` and ``checkpoint``.
    """
    flags.add_config(parser)
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help="weights: a file, a model's name, 'pretrained' for the published ones of "
        "the model that is named first, or 'none' for untrained ones; left out where "
        'a checkpoint that holds its config stands first',
    )


def add_source(parser: ArgumentParser) -> None:
    """Declare the pictures that the network looks at.

    Args:
        parser (ArgumentParser): Is given ``source``.
    """
    parser.add_argument(
        'source',
        nargs='?',
        help='a picture or a folder of pictures (default: queries of the test set)',
    )


def add_out(parser: ArgumentParser, name: str) -> None:
    """Declare the file that is drawn.

    Args:
        parser (ArgumentParser): Is given ``out``.
        name (str): Its name in the work folder where none is given.
    """
    parser.add_argument('--out', help=f'.jpg or .png (default: {name} in the work-dir)')
    parser.set_defaults(out_name=name)


def add_points(parser: ArgumentParser) -> None:
    """Declare the points of a picture whose attention is drawn.

    Args:
        parser (ArgumentParser): Is given ``points``.
    """
    parser.add_argument(
        '--points',
        type=words.point,
        nargs='+',
        default=(),
        metavar='X,Y',
        help='pixels of the picture (default: five, where the map answers most)',
    )


def add_count(parser: ArgumentParser, default: int) -> None:
    """Declare how many pictures are shown.

    Args:
        parser (ArgumentParser): Is given ``count``.
        default (int): How many without it.
    """
    parser.add_argument(
        '--count',
        type=int,
        default=default,
        help=f'pictures at most (default: {default})',
    )


def draw(parser: ArgumentParser, function: str) -> None:
    """Read the command line, draw, and print where the drawing is.

    Args:
        parser (ArgumentParser): With a network and a file to draw; what else it
            declares are arguments of the function.
        function (str): Of ``mmreid.apis``, whose first arguments are config,
            checkpoint and ``out_file``.
    """
    flags.add_weights(parser)
    flags.add_cfg_options(parser)
    flags.add_debug(parser)
    args = parser.parse_args()
    _find_words(parser, args)
    options = {name: value for name, value in vars(args).items() if name not in _OWN}
    from mmreid import apis, engine

    with short_errors(parser, args, OSError, ValueError, CheckpointError):
        apis.refuse_exported('looked into', args.config, args.checkpoint)
        named = apis.load_named(
            args.config,
            None if args.checkpoint in _WORDS else args.checkpoint,
            args.checkpoint == 'pretrained',
            args.weights_file,
            args.accept_licence,
        )
        changes = [*named.options, *args.cfg_options]
        cfg = engine.read_config(named.config, changes)
        checkpoint = named.checkpoint and named.checkpoint.source
        out_file = args.out or Path(cfg.work_dir, args.out_name)
        drawn = getattr(apis, function)(cfg, checkpoint, out_file=out_file, **options)
    print(drawn)


def _find_words(parser: ArgumentParser, args: Namespace) -> None:
    """Take a checkpoint that stands first for config and weights."""
    from mmreid.deploy import is_exported

    is_alone = args.config.endswith(('.pth', '.safetensors'))
    is_alone = is_alone and Path(args.config).expanduser().is_file()
    is_alone |= is_exported(args.config)  # which is refused by a better sentence
    if not is_alone and args.checkpoint is None:
        parser.error('a config must be followed by its checkpoint')
    if is_alone and args.checkpoint not in (None, *_WORDS) and 'source' in args:
        # What was read as the checkpoint is the next word.
        if args.source is not None:
            parser.error(f'{args.config} stands for a config; give its file instead')
        args.source, args.checkpoint = args.checkpoint, None
