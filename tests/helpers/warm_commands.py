"""Shell scripts whose Python programs begin with mmreid imported.

A process that has imported it copies itself for each program, which takes a hundredth
of the time of a new interpreter. The shell finds small programs named ``mmreid`` and
``python`` first, which hand their words, folder, variables and open files to it.
"""

import contextlib
import multiprocessing
import os
import runpy
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
_FORK = multiprocessing.get_context('fork')
_LARGEST = 200_000  # bytes of a request
_CLIENT = f"""#!{sys.executable} -SEs
import os, socket, sys
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
warm = name == 'mmreid' or words[:1] == ['-m'] or words and words[0].endswith('.py')
if not warm:
    os.execv({sys.executable!r}, [{sys.executable!r}, *words])
parts = [os.getcwd(), str(1 + len(words)), name, *words]
parts += [f'{{key}}={{value}}' for key, value in os.environ.items()]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect(os.environ['WARM_COMMANDS'])
    socket.send_fds(server, ['\\0'.join(parts).encode()], [0, 1, 2])
    sys.exit(int(server.recv(9)))
"""


@contextlib.contextmanager
def warm_shell(folder: Path) -> Iterator[dict[str, str]]:
    """Serve commands; the process must have imported mmreid and have no threads.

    Args:
        folder (Path): For the small programs and the socket.

    Yields:
        dict[str, str]: Variables for a shell.
    """
    programs = folder / 'bin'
    programs.mkdir(parents=True)
    for name in ('mmreid', 'python', 'python3'):
        (programs / name).write_text(_CLIENT, 'utf-8')
        (programs / name).chmod(0o755)
    address = f'{folder}/commands'
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen()
        server = _FORK.Process(target=_serve, args=(listener,))
        server.start()
        path = os.pathsep.join(
            [str(programs), str(Path(sys.executable).parent), os.environ['PATH']]
        )
        try:
            yield {'PATH': path, 'WARM_COMMANDS': address, 'PYTHONPATH': str(ROOT)}
        finally:
            server.kill()
            server.join()


def _serve(listener: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _answer(connection)
        connection.close()


def _answer(connection: socket.socket) -> None:
    """Run a command in a process of its own, tell how it ended, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        request, files, _, _ = socket.recv_fds(connection, _LARGEST, 3)
        folder, count, *parts = request.decode().split('\0')
        command, variables = parts[: int(count)], parts[int(count) :]
        environment = dict(variable.split('=', 1) for variable in variables)
        program = _FORK.Process(target=_run, args=(folder, command, environment, files))
        program.start()
        program.join()
        code = program.exitcode
        connection.send(str(code if code >= 0 else 128 - code).encode())
    finally:
        os._exit(0)


def _run(
    folder: str, command: list[str], environment: dict[str, str], files: list[int]
) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    torch.set_num_threads(1)
    name, *words = command
    sys.path[:0] = [str(ROOT), folder]
    if name == 'mmreid':
        words = [str(ROOT / 'mmreid/__main__.py'), *words]
    if words[0] == '-m':
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name='__main__', alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name='__main__')
