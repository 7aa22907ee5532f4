"""Commands that measure: features, results, logs, models.

A file for each command, of the same name in ``tools/analysis_tools``; the work is done
in ``mmreid.apis.evaluate``, ``cost`` and ``runs``. ``ranking_flags.py`` and
``analysis_flags.py`` have flags and what they ask for.
"""
