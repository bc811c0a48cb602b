# SPDX-License-Identifier: GPL-2.0-or-later
"""What may be said of single measurements that vary."""

import statistics

NO_DIFFERENCE = "no difference shown"


def spread(values):
    """Half of what lies between the least and the most, as a part of the median."""
    middle = statistics.median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


def ratio(ours, theirs):
    """Of the medians; None where the measurements vary more than it differs from 1, or nothing is there to compare with."""
    below = statistics.median(theirs)
    if not below:
        return None
    found = statistics.median(ours) / below
    return found if abs(1 - found) > spread(ours) + spread(theirs) else None


def ratio_text(ours, theirs):
    found = ratio(ours, theirs)
    return NO_DIFFERENCE if found is None else f"{found:.2f}"
