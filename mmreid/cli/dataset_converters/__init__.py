"""Commands that make data sets and check them.

A file for each command, of the same name in ``tools/dataset_converters``; the work is
done in ``mmreid.datasets``.
"""
