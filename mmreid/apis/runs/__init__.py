"""Runs of training and test: their plan, their files, their logs, their summary.

``plan.py`` says which runs a config is repeated in, ``repetition.py`` makes them and
``summary.py`` averages them. ``evaluation_files.py`` writes what a test leaves behind,
``training_logs.py`` reads what a training has logged, ``config_differences.py`` what
the configs of several differ in.
"""
