"""Who may ask: this machine alone, or whoever has the token."""

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

# Host and port; addresses of version 6 stand in brackets.
_HOST = re.compile(r'(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::\d+)?')
# What browsers say of a request that a page of another origin has made.
_ELSEWHERE = ('cross-site', 'same-site')
_HEADERS = {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'X-Frame-Options': 'DENY',
    'Content-Security-Policy': "frame-ancestors 'none'",
}


@dataclass(frozen=True)
class Access:
    """Who may ask a page that is served.

    A page of another site, open in the same browser, can send requests here too. It is
    told by what the browser says of it: requests for another host than this one, and
    changes asked for from elsewhere, are refused.

    Attributes:
        hosts: Names that the header ``Host`` may say, with any port, since ports are
            forwarded (``ssh -L``); empty for anything, where a token tells.
        token: What every request must bring; None where nothing is asked for.
        port: That is listened on, which tells cookies of several servers apart.
    """

    hosts: frozenset[str]
    token: str | None = None
    port: int = 0

    @classmethod
    def of(cls, host: str, port: int) -> 'Access':
        """Decide by the address that is listened on.

        Args:
            host (str): Of the loopback (``'127.0.0.1'``, ``'::1'``, ``'localhost'``):
                no token is needed. Any other: a random token is.
            port (int): The port.
        """
        if not is_loopback(host):
            return cls(frozenset(), secrets.token_urlsafe(24), port)
        own = f'[{host}]' if ':' in host else host
        return cls(frozenset(('127.0.0.1', 'localhost', '[::1]', own)), None, port)

    def refuse(self, request: Any) -> tuple[int, str] | None:
        """Say why a request is refused.

        Args:
            request (starlette.requests.Request): The request.

        Returns:
            tuple[int, str] | None: Status and sentence; None where it is not.
        """
        host = request.headers.get('host', '').lower()
        name = _HOST.fullmatch(host)
        if self.hosts and (name is None or name[1] not in self.hosts):
            return 421, 'This server is asked by another name than its own.'
        is_link = request.url.path == '/' and request.method == 'GET'
        if self.token is not None:
            brought = request.cookies.get(self._cookie)
            if is_link and 'token' in request.query_params:
                brought = request.query_params['token']
            told = (brought or '').encode('utf-8', 'surrogateescape')
            if not secrets.compare_digest(told, self.token.encode()):
                return 403, 'Open the link that mmreid browse has printed.'
        reading = request.method in ('GET', 'HEAD')
        origin = request.headers.get('origin')
        own = origin is None or origin in (f'http://{host}', f'https://{host}')
        if not reading and (not own or request.headers.get('x-mmreid') != '1'):
            return 403, 'Changes are taken from the page of this server alone.'
        if not is_link and request.headers.get('sec-fetch-site') in _ELSEWHERE:
            return 403, 'Pictures are shown by the page of this server alone.'
        return None

    @property
    def _cookie(self) -> str:
        return f'mmreid_token_{self.port}'

    async def middleware(
        self, request: Any, call_next: Callable[[Any], Awaitable[Any]]
    ) -> Any:
        """Answer a request, or refuse it; starlette's ``http`` middleware.

        Args:
            request (starlette.requests.Request): The request.
            call_next (Callable): What answers it.
        """
        from starlette.responses import PlainTextResponse

        refusal = self.refuse(request)
        if refusal is not None:
            response: Any = PlainTextResponse(refusal[1], refusal[0])
        else:
            response = await call_next(request)
            if self.token is not None and 'token' in request.query_params:
                # Not by another address: a browser that comes from elsewhere, such as
                # a mail, would not bring the cookie there. The script takes the token
                # out of the address.
                response.set_cookie(
                    self._cookie, self.token, httponly=True, samesite='strict'
                )
        response.headers.update(_HEADERS)
        return response


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone.

    Args:
        host (str): A name or an address.
    """
    try:
        return host == 'localhost' or ip_address(host).is_loopback
    except ValueError:
        return False
