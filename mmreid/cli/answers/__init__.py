"""Commands that answer with a trained model: from pictures to vectors and persons.

A file for each command of ``mmreid``, named in the table of ``mmreid/cli/main.py``; the
work is done in ``mmreid.apis``, ``mmreid.search`` and ``mmreid.datasets``. A model, its
device and ``--json`` are declared in ``mmreid/cli/flags.py``.
"""
