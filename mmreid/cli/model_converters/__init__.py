"""Commands that take checkpoints from other programs and give ours to others.

A file for each command, of the same name in ``tools/model_converters``; the work is
done in ``mmreid.apis.conversion`` and ``publish``. ``converting.py`` has what the
converters share.
"""
