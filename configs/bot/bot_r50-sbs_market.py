# The former name of ../sbs/sbs_r50_market.py.
_base_ = '../sbs/sbs_r50_market.py'
