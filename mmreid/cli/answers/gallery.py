"""Keep vectors of persons, in a file or in Milvus, and find who is among them.

mmreid gallery create PATH MODEL            then add PATH SOURCES, search PATH QUERIES
"""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from mmreid.cli import flags, words
from mmreid.cli.answers import gallery_work as work
from mmreid.cli.answers.gallery_texts import tell
from mmreid.cli.answers.gallery_words import field_word, limit_word, option_word
from mmreid.cli.command import answer, answering, command

_HELP = dict(
    create='make an empty gallery for a model',
    add='add pictures, or the vectors of a features file',
    search='find the nearest entries of pictures, "unknown" where none is near enough',
    remove='remove entries, by number or by what is known of them',
    update='change what is known of entries',
    info='tell what is in it',
    compact='give back the space of what was removed',
    reindex='search exactly, or faster and approximately',
    export='write numbers and labels as CSV',
    copy='add all entries to another gallery, which is made if it is not there',
)
_PLACE = 'a file, milvus:FILE.db, or http://host:19530 of a Milvus server; #NAME behind'
_EPILOG = """
The status is 0 if all is done, 1 if some pictures failed or a query is unknown, 2 if
nothing was done. docs/how_to/search.md tells more."""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest='action', required=True, metavar='ACTION')
    for name, text in _HELP.items():
        one = kinds.add_parser(name, help=text, description=text)
        one.add_argument('gallery', metavar='PATH', help=_PLACE)
        _DECLARE.get(name, lambda _: None)(one)
        flags.add_json(one)
        flags.add_debug(one)
    return parser


def _create(parser: ArgumentParser) -> None:
    flags.add_model(parser)
    flags.add_device(parser)
    parser.add_argument('--dtype', choices=('float32', 'float16'), default='float32')


def _sources(parser: ArgumentParser, name: str) -> None:
    parser.add_argument(
        'sources', nargs='*', metavar=name, help='pictures, folders, patterns'
    )
    parser.add_argument(
        '--features', type=Path, metavar='FILE', help='take vectors of this file'
    )
    parser.add_argument(
        '--half',
        choices=('all', 'query', 'gallery'),
        help='of that file (default: all)',
    )
    parser.add_argument('--model', help='if the model is elsewhere now')
    parser.add_argument('--checkpoint', help='of --model')
    flags.add_weights(parser)
    flags.add_device(parser)


def _add(parser: ArgumentParser) -> None:
    _sources(parser, 'SOURCES')
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        '--table',
        type=Path,
        metavar='CSV',
        help='path, person, camera, time; other columns become fields',
    )
    group.add_argument(
        '--pattern',
        help="what file names tell, whole: '(?P<person>[0-9]+)_c(?P<camera>[0-9]).*'",
    )


def _conditions(parser: ArgumentParser) -> None:
    group = parser.add_argument_group('only entries')
    for name in ('camera', 'not-camera', 'person', 'not-person'):
        group.add_argument(f'--{name}', nargs='+', metavar='NAME')
    group.add_argument(
        '--time',
        nargs=2,
        type=limit_word,
        metavar=('FROM', 'TO'),
        help='seconds; - for no limit',
    )
    group.add_argument(
        '--field',
        nargs='+',
        type=field_word,
        default=[],
        metavar='NAME=VALUE',
        help='text or numbers',
    )


def _search(parser: ArgumentParser) -> None:
    _sources(parser, 'QUERIES')
    _conditions(parser)
    parser.add_argument('-k', type=words.positive, default=10, help='answers (10)')
    parser.add_argument(
        '--rerank', action='store_true', help='order by k-reciprocal neighbours'
    )
    parser.add_argument('--show', type=Path, metavar='JPG', help='draw the answers')


def _remove(parser: ArgumentParser) -> None:
    parser.add_argument('ids', nargs='*', type=int, metavar='ID')
    _conditions(parser)


def _update(parser: ArgumentParser) -> None:
    parser.add_argument('ids', nargs='+', type=int, metavar='ID')
    for name in ('person', 'camera', 'time', 'path'):
        parser.add_argument(f'--{name}', metavar='VALUE')


def _reindex(parser: ArgumentParser) -> None:
    parser.add_argument('--kind', choices=('exact', 'ivf', 'hnsw'), default='exact')
    parser.add_argument(
        '--option',
        nargs='+',
        type=option_word,
        default=[],
        metavar='NAME=N',
        help='such as probes=32',
    )
    parser.add_argument('--queries', type=words.positive, default=100, metavar='N')
    parser.add_argument('-k', type=words.positive, default=10, help='of the recall')


def _export(parser: ArgumentParser) -> None:
    parser.add_argument('out', type=Path, metavar='CSV')
    _conditions(parser)


def _copy(parser: ArgumentParser) -> None:
    parser.add_argument('target', metavar='TARGET', help=_PLACE)


_DECLARE = dict(
    create=_create,
    add=_add,
    search=_search,
    remove=_remove,
    update=_update,
    reindex=_reindex,
    export=_export,
    copy=_copy,
)


@command
def main() -> None:
    """Do it, and say what was done."""
    parser = make_parser()
    args = parser.parse_args()
    if fault := _find_fault(args):
        parser.error(fault)
    with answering(parser, args):
        result = work.ACTIONS[args.action](args)
    _print(args, result)
    for failure in result.get('failures', ()):
        print(f'failed: {failure["source"]}: {failure["reason"]}', file=sys.stderr)
    if result.get('failures') or result.get('unknown'):
        sys.exit(1)


def _find_fault(args: Namespace) -> str:
    """Say what is wrong with the arguments, '' where nothing is."""
    if args.action in ('add', 'search') and (fault := _find_source_fault(args)):
        return fault
    if args.action == 'remove' and bool(args.ids) == bool(work.conditions(args)):
        return 'give numbers or conditions such as --camera, one of them'
    if args.action == 'update' and not work.changes(args):
        return 'give what to change: --person, --camera, --time or --path'
    return ''


def _find_source_fault(args: Namespace) -> str:
    """Say what is wrong with the source of vectors, '' where nothing is."""
    if bool(args.sources) == bool(args.features):
        return 'give pictures or --features, one of them'
    if args.checkpoint and not args.model:
        return '--checkpoint goes with --model'
    if args.features and args.model:
        return '--model goes with pictures; --features has vectors already'
    if args.sources and args.half:
        return '--half goes with --features'
    return ''


def _print(args: Namespace, result: dict[str, Any]) -> None:
    if args.json:
        answer(result)
    else:
        print(tell(args.action, result))
