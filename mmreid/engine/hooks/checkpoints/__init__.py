"""Hooks around checkpoints: what is written, in which order, and what is resumed.

``atomic_checkpoint_hook`` writes, ``plain_checkpoint_hook`` has plain values written,
``trained_on_hook`` notes the training data, and ``resume_hook`` decides what of a
checkpoint holds for the training that goes on: ``resumed_settings`` (learning rates
and schedules) and ``own_files`` (which files may be replaced).
"""
