"""How the numbers of a study's page are computed, in words."""

from collections.abc import Sequence

from mmreid.apis.study.findings import TESTED, Finding
from mmreid.apis.study.writing.table import PERSONS_ALONE, format_p


def tell_computing(findings: Sequence[Finding]) -> str:
    """Tell in Markdown how intervals, p values and the rest are computed.

    Args:
        findings (Sequence[Finding]): The comparisons that are told of.
    """
    level = f'{100 * findings[0].tested.confidence:.0f} %' if findings else '95 %'
    paragraphs = [
        _SCORES,
        _INTERVALS.format(level=level, tested=TESTED, alone=PERSONS_ALONE),
        _tell_p_values(findings),
        _NEEDED,
        _VERDICTS.format(tested=TESTED),
        _ORDER.format(level=level),
    ]
    return '\n\n'.join(paragraphs)


_SCORES = """\
A score is the mean of the values of all queries; ± is the standard deviation over
seeds (n - 1), and minutes are the median over seeds of training and test."""
_INTERVALS = """\
A difference is the mean over the seeds of one method minus that of the other, in
points of {tested}. Its interval ({level}) is a bootstrap at two levels: the persons of
the test set are drawn with replacement, each with all queries, and the runs of each
method by themselves. What few runs tell too narrowly is widened, by sqrt(S / (S - 1))
for S runs and by Student's quantile, and what is between runs and persons counts once.
Where a method has a single seed, which tells nothing of other seeds, persons are drawn
alone: such rows say *{alone}*, and hold for these two networks, not for their
methods."""
_NEEDED = """\
Seeds needed is the smallest number for each method with which the interval would
leave zero out if the difference and its errors are as measured; *more persons* means
that no number of seeds would do, *?* that nothing is known of seeds."""
_VERDICTS = """\
The verdict goes by the interval of {tested}, which is not corrected: *open* means
that it holds zero, *with* and *against the paper* on which side of what is printed on
most real data sets the difference lies. Papers print it of large networks on real
pictures, so that only its sign is compared; *about* is a pair that is not quite the
one here."""
_ORDER = """\
The order of methods is compared by Kendall's tau-b, 1 for the same order and -1 for
the opposite one, with an interval ({level}) over methods and, for the scores here,
over seeds, as proposed by Kang (https://arxiv.org/abs/2209.05047): a synthetic data
set is worth a real one where its taus with real ones are not below those of real ones
with each other, the bar.
Methods count whose recipe in print is that of the config here, on CUHK03 with
detected boxes in the new protocol."""


def _tell_p_values(findings: Sequence[Finding]) -> str:
    """Tell how p values come about, and what they cannot fall below."""
    text = (
        'A p value is of a randomisation at both levels: persons change the sign of '
        'their differences, and runs their methods. It is corrected by the method of '
        'Holm for all comparisons of one method, which are those of one paper.'
    )
    bounds = {f.tested.runs[::-1]: f.tested.least_p_value for f in findings}
    bounds = {runs: least for runs, least in bounds.items() if min(runs) > 1}
    if not bounds:
        return text
    told = [f'{a} and {b} seeds: {format_p(p)}' for (a, b), p in sorted(bounds.items())]
    return f'{text} What it cannot fall below before that, by seeds: {"; ".join(told)}.'
