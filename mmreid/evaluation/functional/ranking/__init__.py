"""Who answers a query, at which rank, and what that is worth.

``relevance.py`` says which gallery images are right, wrong or ignored: a new protocol
begins there. ``exact_ranking.py`` ranks a whole gallery and has mAP, mINP and CMC;
``given_distances.py`` ranks what somebody else has computed, ``single_shot.py``
galleries of one picture per person, ``camera_pairs.py`` one camera against another.
``first_answers.py`` names the answers, ``multi_query.py`` pools queries.
"""
