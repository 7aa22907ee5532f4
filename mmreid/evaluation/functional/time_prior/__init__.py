"""When somebody seen by one camera is seen by another: st-ReID's prior of times.

Wang et al., Spatial-Temporal Person Re-identification, AAAI 2019
(https://github.com/Wanggcong/Spatial-Temporal-Re-identification). ``learning.py``
counts differences of times of persons who are known, ``prior.py`` holds the counts and
the probabilities made of them, ``joint.py`` joins these with cosines, and
``joint_re_ranking.py`` re-ranks by the joint distance. The file of a prior is
:mod:`mmreid.evaluation.features.time_prior_file`.
"""
