"""Show a gallery in the browser: drop a picture, see who it is, mark what is right."""

import socket
import webbrowser
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from mmreid.cli import flags
from mmreid.cli.answers.models import make_inferencer
from mmreid.cli.command import command, short_errors

_EPILOG = """
Ctrl-C ends it. Marks are kept in NAME.marks.csv beside the gallery, pairs that
"mmreid threshold" takes, and the persons of marked pictures in NAME.marks.persons.csv,
a table that a data set takes. docs/how_to/report.md tells more."""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'gallery',
        metavar='GALLERY',
        help='a file of mmreid gallery, or an address in Milvus',
    )
    parser.add_argument('model', nargs='?', help='if the model is elsewhere now')
    parser.add_argument('checkpoint', nargs='?', help='of a config')
    parser.add_argument(
        '--marks', type=Path, metavar='CSV', help='where marks are kept'
    )
    _add_address(parser)
    flags.add_weights(parser)
    flags.add_device(parser)
    flags.add_debug(parser)
    return parser


def _add_address(parser: ArgumentParser) -> None:
    """Declare where it is served."""
    group = parser.add_argument_group('address')
    group.add_argument(
        '--host',
        default='127.0.0.1',
        help='any but the default can be reached by others: only who has the link with '
        'the random token that is printed may ask then, unencrypted '
        '(default: %(default)s)',
    )
    group.add_argument(
        '--port',
        type=_port,
        default=8765,
        metavar='N',
        help='0: any (default: %(default)s)',
    )
    group.add_argument('--open', action='store_true', help='open the browser')


def _port(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and int(word) < 2**16):
        raise ArgumentTypeError(f'{word!r} must be a port, 0 to 65535')
    return int(word)


@command
def main() -> None:
    """Open everything, say where the page is, serve it."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid.apis.report.browsing import open_desk
    from mmreid.errors import CheckpointError
    from mmreid.optional import import_optional
    from mmreid.report.browse import Access, make_application

    with short_errors(parser, args, OSError, ValueError, ImportError, CheckpointError):
        uvicorn = import_optional('uvicorn', 'Serving a page')
        listening = _listen(args.host, args.port)
        port = listening.getsockname()[1]
        access = Access.of(args.host, port)

        def load(words: list[str]) -> Any:
            args.checkpoint = args.checkpoint or (words[1] if len(words) > 1 else None)
            return make_inferencer(args, words[0])

        desk = open_desk(args.gallery, load, args.model, args.marks)
        application = make_application(desk, access, Path(args.gallery).name)
    link = f'http://{_in_address(args.host)}:{port}/'
    link += '' if access.token is None else f'?token={access.token}'
    print(
        f'{args.gallery}: {link}\nmarks: {desk.marks.path} (Ctrl-C ends it)', flush=True
    )
    if args.open:
        webbrowser.open(link)
    try:
        _serve(uvicorn, application, listening)
    except KeyboardInterrupt:
        kept = f'{len(desk.marks)} marks are kept in {desk.marks.path}'
        raise KeyboardInterrupt(f'{kept}.') from None
    finally:
        desk.close()


def _serve(uvicorn: Any, application: Any, listening: socket.socket) -> None:
    """Serve until Ctrl-C."""
    config = uvicorn.Config(
        application,
        log_level='warning',
        access_log=False,
        ws='none',
        lifespan='off',
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        # Thousands of cameras in a condition make a long address.
        h11_max_incomplete_event_size=2**20,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Take a port, before anything slow is done."""
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (UnicodeError, TypeError) as error:  # IDNA knows no such name
        raise ValueError(f'host must be a name or an address, got {host!r}.') from error
    except OSError as error:
        remedy = 'Give another one, or 0 for any (--port).'
        reason = f'{error.strerror or error}. {remedy}'
        raise type(error)(error.errno, reason, f'{host}:{port}') from error


def _in_address(host: str) -> str:
    """Write a host as a link has it; all addresses at once are this machine's name."""
    if host in ('0.0.0.0', '::', ''):
        return socket.gethostname()
    return f'[{host}]' if ':' in host else host
