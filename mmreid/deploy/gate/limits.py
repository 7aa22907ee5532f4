"""How far the vectors of a file may be from the network's, by precision."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a file has to keep.

    Attributes:
        tolerance: Points of mAP; the whole interval of the difference lies within it,
            on both sides.
        cosine: The lowest cosine of a picture's two vectors; None where none is asked.
        deviation: Of the vectors' directions, as a share of what tells the pictures
            apart: the root of the mean squared distance of a picture's two directions,
            over that of the network's directions from their mean.
        length: How much the ratio of a picture's two lengths may be, either way.
        every_length: Whether that holds for every picture, or for the median of them.
        variance: How much the ratio of the total variances may be, either way.
        collapsed: The share of components that may have stopped to vary.
        strangers: The share of pictures that may have got a vector of something else:
            their two vectors are further apart than pictures from their mean, and five
            times as far as is usual. A few do not show in mAP.
    """

    tolerance: float
    cosine: float | None
    deviation: float
    length: float
    every_length: bool
    variance: float
    collapsed: float
    strangers: float


# Float32: another runtime sums up in another order, which changes vectors by about
# 1e-6 of their length. What differs by more than 0.999 of a cosine is another network
# or another preparation, even where few rankings tell. 0.1 points is the last digit
# that papers print: below it nobody would see two models.
# bfloat16 has eight bits, so that cosines of 0.999 are usual and 0.99 is the least. Its
# rounding swaps answers that are nearly as far: on sixty persons the interval is wider
# than 0.1 points where not one vector differs by more than a cosine of 0.9999. Half a
# point is half of what int8 may cost.
# int8 is a trade of accuracy for speed. A point is what a second training of the same
# config with another seed may give, and no cosine is asked for: the ranking is the
# judge. The other limits are wide, and refuse what is no longer the network's vectors:
# those of other pictures (unrelated directions have a deviation of 1.4), or of which
# little varies. Of a picture in five hundred an activation may have been cut off that
# no calibration picture had.
LIMITS = dict(
    float32=Limits(0.1, 0.999, 0.05, 1.01, True, 1.1, 0.0, 0.0),
    bfloat16=Limits(0.5, 0.99, 0.25, 1.1, True, 1.25, 0.0, 0.0),
    int8=Limits(1.0, None, 1.0, 2.0, False, 4.0, 0.1, 0.002),
)
# The bootstrap draws persons. With fewer, a fault that shows on a quarter of all
# persons is missed altogether in one test set of twenty; of one person the interval
# has no width, whatever the fault.
MIN_PERSONS = 10
# Of the queries, for whose rank the order of the files may decide.
MAX_TIED = 0.05
