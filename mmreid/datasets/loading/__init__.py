"""Many pictures at once: threads that read them, memory that holds them.

``ReIDDataset(cache='ram')`` is the way in; how one picture is read is a transform,
``mmreid.datasets.transforms.LoadImage``.
"""
