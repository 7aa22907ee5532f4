"""Many pictures at once: threads that read them, memory that holds them.

``ReIDDataset(cache='ram')`` is the way in: ``cached_dataset.py`` is the half of that
class which fills a cache (``picture_cache.py``) as far as memory lasts
(``free_memory.py``). How one picture is read is a transform,
``mmreid.datasets.transforms.LoadImage``.
"""
