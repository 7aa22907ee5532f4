"""The command line: parsers and printing, a file for each command.

``tools/X.py`` runs ``mmreid.cli.X``, ``tools/dist_train.sh`` and its like
``mmreid.cli.processes``. What commands share is in ``flags.py`` (arguments),
``words.py`` (their types) and ``command.py`` (an error ends a command with status 2, in
words that ``mmreid/errors.py`` finds); ``processes/early_signals.py`` hears signals
before a training has begun. A command that computes more than it prints belongs in
``mmreid.apis``.

Files here import nothing but Python's own library, and files of mmreid that do so too,
until the arguments are read: ``--help`` answers at once and a signal is heard from the
first moment.
"""
