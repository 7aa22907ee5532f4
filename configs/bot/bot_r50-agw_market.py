# The former name of ../agw/agw-fastreid_r50_market.py.
_base_ = '../agw/agw-fastreid_r50_market.py'
