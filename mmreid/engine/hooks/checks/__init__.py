"""Hooks that end a training which would go wrong, or warn of it.

``training_check_hook`` compares data, sampler and model before the first step, by the
checks in ``consistency``; ``schedule_check_hook`` compares schedules with the length
of the training; ``finite_check_hook`` watches the losses. Each is a file that nothing
else here needs.
"""
