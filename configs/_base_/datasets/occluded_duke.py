# Where Occluded-Duke lies.
_occluded_duke = dict(type='OccludedDuke', data_root='data/occluded_duke')
