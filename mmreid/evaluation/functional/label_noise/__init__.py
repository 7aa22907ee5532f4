"""Which labels of persons are wrong, and how many: mathematics of vectors and labels.

``finding.find_label_noise`` is the way in, of vectors without what they tell of the
camera (``distances/camera_bias.py``). ``cosines.py`` compares pictures with pictures
and ``person_scores.py`` with all persons, ``likely_persons.py`` makes probabilities of
that and ``confident_learning.py`` of these how many labels are wrong. ``near_pairs.py``
finds pictures that are nearly one.
"""
