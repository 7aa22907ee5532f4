"""Arguments that several commands have; each is declared here once."""

from argparse import ArgumentParser, _ActionsContainer
from pathlib import Path

from mmreid.cli import words

# Those of mmreid.apis and mmreid.evaluation, which are not imported yet.
PRECISIONS = ('auto', 'float32', 'bfloat16', 'float16', 'int8')
LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')
PROTOCOLS = ('market', 'single-shot', 'cloth-changing', 'same-clothes')
TASKS = ('identification', 'verification')


def add_config(parser: ArgumentParser) -> None:
    """Declare the config file, which is read by ``mmreid.engine.read_config``.

    Args:
        parser (ArgumentParser): Is given ``config``.
    """
    parser.add_argument('config', help='config file, or the name of a model')


def add_weights(parser: ArgumentParser) -> None:
    """Declare how the published weights of a model's name are taken.

    Args:
        parser (ArgumentParser): Is given ``weights_file`` and ``accept_licence``.
    """
    group = parser.add_argument_group('published weights, where a name is given')
    group.add_argument(
        '--weights-file',
        metavar='FILE',
        help='take this file, as its program has written it, instead of fetching it',
    )
    group.add_argument(
        '--accept-licence',
        action='store_true',
        help='you have the agreement that some weights need',
    )


def add_cfg_options(parser: ArgumentParser, text: str = 'change the config') -> None:
    """Declare changes of the config, which may be given several times.

    Args:
        parser (ArgumentParser): Is given ``cfg_options``, a list of ``KEY=VALUE``.
        text (str): What they change. Defaults to ``'change the config'``.
    """
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help=text,
    )


def add_debug(parser: ArgumentParser) -> None:
    """Declare that errors are shown whole; the last argument of every command.

    Args:
        parser (ArgumentParser): Is given ``debug``.
    """
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )


def add_verbose(parser: ArgumentParser) -> None:
    """Declare how much of a run's log is shown.

    Args:
        parser (ArgumentParser): Is given ``verbose``.
    """
    parser.add_argument(
        '--verbose',
        action='store_true',
        help='show the whole log, with environment, config and hooks, and not only in '
        'its file',
    )


def add_launcher(parser: ArgumentParser) -> None:
    """Declare how the processes of a run are started.

    Args:
        parser (ArgumentParser): Is given ``launcher`` and ``local_rank``.
    """
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def add_model(parser: ArgumentParser) -> None:
    """Declare the model, as :func:`mmreid.apis.init_model` takes it.

    Args:
        parser (ArgumentParser): Is given ``model``, ``checkpoint``, ``weights_file``
            and ``accept_licence``.
    """
    parser.add_argument(
        'model',
        metavar='MODEL',
        help='the name of a model, a config, a checkpoint that holds its config '
        '(.safetensors of "mmreid publish", .pth of a training), or a file of "mmreid '
        'export" (.onnx, .xml, .pt2)',
    )
    parser.add_argument(
        '--checkpoint',
        metavar='FILE',
        help="weights for a config or instead of a name's: a file, an exported one "
        "too, or a model's name",
    )
    add_weights(parser)


def add_device(parser: ArgumentParser) -> None:
    """Declare where and how a network computes.

    Args:
        parser (ArgumentParser): Is given ``device``, ``batch_size`` and ``precision``.
    """
    parser.add_argument(
        '--device',
        default='auto',
        help='such as cpu, cuda or cuda:1 (default: cuda where there is one)',
    )
    add_count(parser, '--batch-size', 64, 'pictures computed at once')
    parser.add_argument(
        '--precision',
        choices=PRECISIONS,
        default='auto',
        help='numbers the network computes with (default: what the device is fast at; '
        "of an exported file they are the file's)",
    )


def add_count(parser: _ActionsContainer, name: str, default: int, text: str) -> None:
    """Declare a whole number above zero.

    Args:
        parser (_ActionsContainer): A parser or a group of one; is given the number.
        name (str): Such as ``'--every'``.
        default (int): The number where none is given.
        text (str): What it counts.
    """
    parser.add_argument(
        name,
        type=words.positive,
        default=default,
        metavar='N',
        help=f'{text} (default: {default})',
    )


def add_embedding(parser: ArgumentParser) -> None:
    """Declare what every command that computes vectors has, and has last.

    Args:
        parser (ArgumentParser): Is given what :func:`add_device`, :func:`add_json` and
            :func:`add_debug` declare.
    """
    add_device(parser)
    add_json(parser)
    add_debug(parser)


def add_json(parser: ArgumentParser) -> None:
    """Declare that the answer is printed as JSON; see ``answer_alone`` and ``answer``.

    Args:
        parser (ArgumentParser): Is given ``json``.
    """
    parser.add_argument(
        '--json',
        action='store_true',
        help='print one JSON document, and all else to standard error',
    )


def add_out(parser: ArgumentParser) -> None:
    """Declare a JSON file for the printed result.

    Args:
        parser (ArgumentParser): Is given ``out``.
    """
    parser.add_argument('--out', type=Path, metavar='JSON', help='write it as JSON too')
