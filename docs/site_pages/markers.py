"""The comments of pages that the site fills in."""

import functools
import re
from collections.abc import Callable

from site_pages import api, choosing, commands, configs, data_sets

#: The first word of a comment -> what gives the Markdown in its place.
GENERATORS: dict[str, Callable[..., str]] = {
    'choose': choosing.format_page,
    'commands': commands.format_commands,
    'configs': configs.format_configs,
    'data_sets': data_sets.format_data_sets,
    'package': api.format_package,
    'registry': api.format_registry,
}
_MARKER = re.compile(r'^<!-- site: (.*?) -->$', re.MULTILINE)


def fill_in(text: str) -> str:
    """Replace each comment of a page by what it asks for.

    Args:
        text (str): The page in Markdown.

    Returns:
        str: The page, without such comments.

    Raises:
        ValueError: There is nothing of the name.
    """
    return _MARKER.sub(lambda match: _generated(match[1]), text)


@functools.cache
def _generated(asked: str) -> str:
    """What stands in the place of a comment; made once, however often it is read."""
    name, *words = asked.split()
    if name not in GENERATORS:
        raise ValueError(
            f'<!-- site: {asked} -->: there is no {name!r}, but {", ".join(GENERATORS)}'
        )
    return GENERATORS[name](*words)
