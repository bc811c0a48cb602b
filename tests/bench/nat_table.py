# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of results, and what may be read from them."""

import statistics

import figures

# Which of a run's columns the table shows, by the work's name; all others have one, value.
COLUMNS = {"latency": (("p50", "us"), ("p99", "us")), "reload-10000": (("ms", "ms"), ("lost", "packets"))}
AGAINST = ("nftables", "bare")


def columns(work):
    return COLUMNS.get(work.name, (("value", work.unit),))


def values(runs, column):
    return [run[column] for run in runs]


def short(value):
    """Three digits or so, with k or M behind them."""
    if value >= 1e6:
        return f"{value / 1e6:.2f} M"
    if value >= 1e4:
        return f"{value / 1e3:.0f} k"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def lost_share(runs):
    """Of the frames that were sent while it was measured, those that did not come as they should."""
    loads = [run["load"] for run in runs if "load" in run]
    sent = sum(load["sent"] for load in loads)
    return 1 - sum(load["right"] for load in loads) / sent if sent else 0.0


def against(by_contender, contender, column):
    """{other: text of the ratio to it}"""
    ours = values(by_contender[contender], column)
    return {other: figures.ratio_text(ours, values(by_contender[other], column))
            for other in AGAINST if other in by_contender and other != contender}


def rows(work, by_contender):
    for column, unit in columns(work):
        for contender, runs in by_contender.items():
            found = values(runs, column)
            yield {"work": work.name if column == "value" else f"{work.name} {column}", "contender": contender, "unit": unit,
                   "median": statistics.median(found), "least": min(found), "most": max(found), "lost": lost_share(runs),
                   "against": against(by_contender, contender, column)}


HEAD = f"{'work':<20}{'contender':<11}{'median':>9} {'unit':<10}{'least':>9}{'most':>9}  {'to nftables':<20} {'to bare':<20}"


def row_text(row):
    ratios = [row["against"].get(other, "") for other in AGAINST]
    text = f"{row['work']:<20}{row['contender']:<11}{short(row['median']):>9} {row['unit']:<10}{short(row['least']):>9}{short(row['most']):>9}"
    lost = f"lost {row['lost']:.2%}" if row["lost"] >= 0.00005 else ""
    return f"{text}  {ratios[0]:<20} {ratios[1]:<20} {lost}".rstrip()


BEGIN, END = "<!-- results, written by tests/bench/nat.py --page -->", "<!-- end of results -->"


def page_rows(rows):
    yield "| work | contender | median | least | most | to nftables | to bare | lost |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in rows:
        ratios = " | ".join(row["against"].get(other, "") for other in AGAINST)
        lost = f"{row['lost']:.2%}" if row["lost"] >= 0.00005 else ""
        yield (f"| {row['work']} | {row['contender']} | {short(row['median'])} {row['unit']} | {short(row['least'])} | {short(row['most'])} "
               f"| {ratios} | {lost} |")


def page_put(page, head, rows):
    """The page with these results in the place of those that it had."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("the page has no place for results")
    return "\n".join([before + BEGIN, "", head, "", *page_rows(rows), "", END]) + after
