"""What the page of a gallery asks for and what it gets, as an ASGI application."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mmreid.files import parse_json, to_json
from mmreid.optional import import_optional
from mmreid.report.browse.access import Access
from mmreid.report.browse.desk import Desk
from mmreid.report.browse.uploads import LARGEST
from mmreid.report.templates import read_asset, render_linked
from mmreid.search import Filter
from mmreid.search.filters import read_field

_TYPES = {'js': 'text/javascript', 'css': 'text/css'}
_MOST = 200
# The last one begins.
_SCRIPTS = (
    'browse_conditions.js',
    'browse_threshold.js',
    'browse_answers.js',
    'browse.js',
)
_MARK_BYTES = 4096


def make_application(desk: Desk, access: Access, name: str) -> Any:
    """Make the application that serves a gallery's page.

    Args:
        desk (Desk): The gallery.
        access (Access): Who may ask.
        name (str): What the gallery is called.

    Returns:
        starlette.applications.Starlette: The application.

    Raises:
        ImportError: starlette or jinja2 is not installed.
    """
    use = 'Browsing a gallery'
    applications = import_optional('starlette.applications', use)
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.requests import ClientDisconnect
    from starlette.routing import Route

    page, names = render_linked('browse.html', _SCRIPTS, name=name, connect="'self'")
    served = _Served(desk, page, {each: read_asset(each) for each in names})
    return applications.Starlette(
        routes=[
            Route('/', served.page),
            Route('/assets/{name}', served.asset),
            Route('/gallery', served.gallery),
            Route('/pictures/{number:int}', served.picture),
            Route('/uploads/{name}', served.upload),
            Route('/search', served.search, methods=['POST']),
            Route('/any-entry', served.entry),
            Route('/marks', served.mark, methods=['POST']),
        ],
        exception_handlers=dict.fromkeys(
            (LookupError, ValueError, OSError, ClientDisconnect), _explain
        ),
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=access.middleware)],
    )


class _Served:
    """The answers to requests."""

    def __init__(self, desk: Desk, page: str, assets: Mapping[str, str]) -> None:
        self._desk, self._page, self._assets = desk, page, assets

    async def page(self, request: Any) -> Any:
        from starlette.responses import HTMLResponse

        return HTMLResponse(self._page)

    async def asset(self, request: Any) -> Any:
        from starlette.responses import Response

        name = request.path_params['name']
        if name not in self._assets:
            return _say('There is no such file.', 404)
        kind = _TYPES[name.rsplit('.', 1)[1]]
        return Response(self._assets[name], media_type=kind)

    async def gallery(self, request: Any) -> Any:
        return _give(await self._desk.do(self._desk.tell))

    async def picture(self, request: Any) -> Any:
        return _jpeg(await self._desk.picture(request.path_params['number']))

    async def upload(self, request: Any) -> Any:
        return _jpeg(await self._desk.upload(request.path_params['name']))

    async def search(self, request: Any) -> Any:
        asked, desk = request.query_params, self._desk
        where, k = read_conditions(asked.multi_items()), read_count(asked.get('k'))
        if (entry := asked.get('entry')) is not None:
            if not (entry.isascii() and entry.isdecimal()):
                raise ValueError(f'An entry is named by its number, got {entry!r}.')
            return _give(await desk.do(desk.search_entry, int(entry), where, k))
        content = await _body(request, LARGEST)
        return _give(await desk.do(desk.search, content, where, k))

    async def entry(self, request: Any) -> Any:
        return _give(await self._desk.do(self._desk.any_entry))

    async def mark(self, request: Any) -> Any:
        asked = parse_json((await _body(request, _MARK_BYTES)).decode(), 'the mark')
        if not isinstance(asked, Mapping):
            raise ValueError('A mark must be an object.')
        return _give(await self._desk.do(self._desk.mark, asked))


async def _explain(request: Any, error: Exception) -> Any:
    """Answer by an error's sentence."""
    kinds = ((LookupError, 404), (ValueError, 422))
    status = next((each for kind, each in kinds if isinstance(error, kind)), 500)
    # A KeyError's text is the name alone, in quotation marks.
    text = error.args[0] if isinstance(error, LookupError) and error.args else error
    return _say(str(text), status)


def read_conditions(asked: list[tuple[str, str]]) -> Filter | None:
    """Make a filter of a request's parameters.

    Args:
        asked (list[tuple[str, str]]): Names and values: ``camera`` and ``not_camera``,
            as often as wanted, ``from`` and ``to`` in seconds, ``field`` as
            ``NAME=VALUE``.

    Returns:
        Filter | None: None where nothing is asked for.

    Raises:
        ValueError: A condition that nothing could be compared with.
    """
    given: dict[str, Any] = {}
    fields: dict[str, list[Any]] = {}
    for name, value in asked:
        if name in ('camera', 'not_camera'):
            given.setdefault(f'{name}s', []).append(value)
        elif name == 'field' and value:
            field, readings = read_field(value)
            fields.setdefault(field, []).extend(readings)
    limits = [_seconds(dict(asked).get(name)) for name in ('from', 'to')]
    if limits != [None, None]:
        given['time'] = tuple(limits)
    if fields:
        given['fields'] = fields
    return Filter(**given) if given else None


def read_count(text: str | None) -> int:
    """Read how many answers are wanted.

    Args:
        text (str | None): Digits; None for 30.

    Raises:
        ValueError: It is no number from 1 to 200.
    """
    with suppress(ValueError):
        if 1 <= (number := int(text or 30)) <= _MOST:
            return number
    raise ValueError(f'Answers must be from 1 to {_MOST}, got {text!r}.')


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f'A time must be seconds, got {text!r}.') from error


async def _body(request: Any, most: int) -> bytes:
    """Read what was sent, as far as it may be."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise ValueError(f'At most {most:,} bytes may be sent.')
        pieces.append(piece)
    return b''.join(pieces)


def _give(value: Any) -> Any:
    from starlette.responses import JSONResponse

    return JSONResponse(to_json(value, str))


def _say(text: str, status: int) -> Any:
    from starlette.responses import JSONResponse

    return JSONResponse(dict(error=text), status)


def _jpeg(content: bytes | None) -> Any:
    from starlette.responses import Response

    if content is None:  # which a browser does not complain of
        return Response(status_code=204)
    return Response(content, media_type='image/jpeg')
