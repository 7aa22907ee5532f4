"""A server of this machine, for what is really fetched."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Answer(NamedTuple):
    """What the server sends for a path."""

    content: bytes
    kind: str = 'application/octet-stream'
    announced: int | None = None  # bytes; None for as many as there are


class Server(NamedTuple):
    """A running server: answers by path, and the paths that were asked for."""

    address: str
    answers: dict[str, Answer]
    asked: list[str]


@contextmanager
def serve() -> Iterator[Server]:
    """Serve while the context lasts."""
    answers: dict[str, Answer] = {}
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = answers.get(self.path)
            if answer is None:
                self.send_error(404)
                return
            size = answer.announced
            self.send_response(200)
            self.send_header('Content-Type', answer.kind)
            self.send_header('Content-Length', str(size or len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Server(f'http://127.0.0.1:{server.server_port}', answers, asked)
    finally:
        server.shutdown()
        server.server_close()
