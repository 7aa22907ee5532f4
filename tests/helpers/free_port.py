"""Ports for groups of processes, so that trainings beside each other do not meet."""

import socket


def free_port() -> str:
    """Find a port of this machine that nobody listens on, for an environment."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return str(free.getsockname()[1])
