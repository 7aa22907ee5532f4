"""From rows to records, whose persons, cameras and clothes are numbers.

The way in is :func:`mmreid.datasets.records.making.make_records`. ``label_numbers.py``
gives the numbers, the same in every process; ``same_places.py`` joins cameras;
``distractors.py`` says what becomes of persons 0 and -1; ``corrections.py`` reads
tables of wrong labels, by which ``correcting.py`` changes rows; ``published_counts.py``
compares with what was published. Checkpoints and results depend on the numbers: do not
change how they are given.
"""
