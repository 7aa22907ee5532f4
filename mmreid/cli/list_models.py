"""List the models that have a name, and where their weights are from."""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.command import answer, command, short_errors


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='A name is taken by init_model, "mmreid test" and whatever takes a '
        'checkpoint; docs/how_to/weights.md tells how.',
    )
    parser.add_argument('word', nargs='*', help='names with all these in them')
    parser.add_argument(
        '--all', action='store_true', help='also those without published weights'
    )
    parser.add_argument(
        '--markdown',
        action='store_true',
        help='as the table of docs/reference/models.md',
    )
    flags.add_json(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """List."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid.apis.model_names import (
        explain_no_match,
        format_models,
        list_models,
    )
    from mmreid.deploy import is_exported

    with short_errors(parser, args, OSError, ValueError):
        models = [
            model
            for model in list_models().values()
            if (args.all or model.has_weights)
            and all(word.lower() in model.name.lower() for word in args.word)
        ]
        for word in args.word:
            if is_exported(word):
                raise ValueError(
                    f'{word} is a file, and models are listed by words of their names; '
                    'give the file to what takes a MODEL, such as "mmreid embed".'
                )
        if args.word and not models:
            raise ValueError(explain_no_match(args.word, args.all))
    if args.json:
        answer([model.to_dict() for model in models])
    else:
        print(format_models(models, args.markdown))
