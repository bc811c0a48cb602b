#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make bench` says of measurements that are given: medians, ratios, and no ratio that they do not show."""

import sys
import time
import unittest

sys.dont_write_bytecode = True
import figures  # noqa: E402
import nat_picture  # noqa: E402
import nat_table  # noqa: E402
import nat_works  # noqa: E402

WORK = next(work for work in nat_works.WORKS if work.name == "steady-1000")
LATENCY = next(work for work in nat_works.WORKS if work.name == "latency")


def runs(*rates, right=1000):
    return [{"value": rate, "load": {"sent": 1000, "right": right, "wrong": {}}} for rate in rates]


class Figures(unittest.TestCase):
    def test_the_spread_is_half_of_the_range_by_the_median(self):
        self.assertEqual(figures.spread([90, 100, 130]), 0.2)
        self.assertEqual(figures.spread([5]), 0)
        self.assertEqual(figures.spread([0, 0]), 0)

    def test_a_ratio_is_that_of_the_medians(self):
        self.assertEqual(figures.ratio_text([200, 210, 190], [100, 101, 99]), "2.00")

    def test_what_varies_more_than_it_differs_shows_no_difference(self):
        self.assertIsNone(figures.ratio([110, 90, 140], [100, 80, 120]))
        self.assertEqual(figures.ratio_text([110, 90, 140], [100, 80, 120]), figures.NO_DIFFERENCE)

    def test_a_difference_below_one_is_one_as_well(self):
        self.assertEqual(figures.ratio([50, 49, 51], [100, 99, 101]), 0.5)

    def test_equal_is_no_difference(self):
        self.assertIsNone(figures.ratio([100, 100], [100, 100]))

    def test_there_is_no_ratio_to_nothing(self):
        self.assertIsNone(figures.ratio([1, 2], [0, 0]))


class Table(unittest.TestCase):
    def setUp(self):
        self.found = {"bare": runs(8e6, 8e6, 8e6), "nftables": runs(1e6, 1.1e6, 0.9e6), "tc": runs(2e6, 2.1e6, 1.9e6),
                      "xdp": runs(1.05e6, 1.2e6, 0.8e6, right=990)}
        self.rows = {row["contender"]: row for row in nat_table.rows(WORK, self.found)}

    def test_a_row_has_the_median_and_what_lies_around(self):
        self.assertEqual([self.rows["tc"][key] for key in ("median", "least", "most")], [2e6, 1.9e6, 2.1e6])

    def test_nobody_is_compared_with_itself(self):
        self.assertEqual(self.rows["nftables"]["against"], {"bare": "0.12"})
        self.assertEqual(self.rows["tc"]["against"], {"nftables": "2.00", "bare": "0.25"})

    def test_the_refusal_stands_in_the_table_with_both_medians(self):
        self.assertEqual(self.rows["xdp"]["against"]["nftables"], figures.NO_DIFFERENCE)
        self.assertIn("1.05 M", nat_table.row_text(self.rows["xdp"]))
        self.assertIn("1.00 M", nat_table.row_text(self.rows["nftables"]))
        self.assertIn(figures.NO_DIFFERENCE, nat_table.row_text(self.rows["xdp"]))

    def test_what_was_lost_is_told(self):
        self.assertTrue(nat_table.row_text(self.rows["xdp"]).endswith("lost 1.00%"))
        self.assertNotIn("lost", nat_table.row_text(self.rows["tc"]))

    def test_a_work_with_two_columns_has_a_row_for_each(self):
        rows = list(nat_table.rows(LATENCY, {"tc": [{"p50": 7, "p99": 20}, {"p50": 9, "p99": 40}]}))
        self.assertEqual([(row["work"], row["median"]) for row in rows], [("latency p50", 8), ("latency p99", 30)])

    def test_a_page_gets_the_new_results_and_keeps_the_rest(self):
        page = f"above\n{nat_table.BEGIN}\nold\n{nat_table.END}\nbelow\n"
        written = nat_table.page_put(page, "head", self.rows.values())
        self.assertTrue(written.startswith("above\n") and written.endswith("\nbelow\n"))
        self.assertNotIn("old", written)
        self.assertIn("| steady-1000 | tc | 2.00 M packets/s | 1.90 M | 2.10 M | 2.00 | 0.25 |  |", written)
        self.assertEqual(nat_table.page_put(written, "head", self.rows.values()), written)
        self.assertRaises(ValueError, nat_table.page_put, "no place", "head", [])

    def test_the_picture_has_a_bar_for_each_and_no_text_that_breaks_it(self):
        picture = nat_picture.draw(list(self.rows.values()), {"cpu": "A <quick> & small one", "kernel": "6.1"})
        self.assertEqual(picture.count("<rect"), 1 + len(self.rows))
        self.assertIn("A &lt;quick&gt; &amp; small one", picture)


class Place:
    """One that answers what it is given, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def json(self, line):
        self.asked.append(line)
        return self.answers.pop(0)

    def fail(self, what):
        raise SystemExit(what)


SIZE = nat_works.Size(rounds=1, ms=1000)
COUNTED = {"sent": 1000000, "right": 1000000, "ns": 10**9, "wrong": {}}


def options(line):
    return dict(word.split("=") for word in line.split()[1:])


class Crowd(unittest.TestCase):
    def come(self, come, grown, warmed):
        place = Place({"fixed": 1400000 * 8, "growing": 5000, "caches": {"nf_conntrack": 3000, "kmalloc-64": 70}}, dict(COUNTED, warmed=warmed),
                      {"fixed": 1400000 * 8, "growing": 5000 + grown, "caches": {"nf_conntrack": 3000 + grown, "kmalloc-64": 71}})
        come(place, SIZE)
        return place

    def test_a_session_takes_its_part_of_the_room_and_what_has_grown(self):
        found = nat_works.crowd_memory(self.come(nat_works.outsiders_come, 256 * 1000000, 3000000), SIZE)
        self.assertEqual((found["value"], found["caches"]), (264, {"nf_conntrack": 256}))
        self.assertEqual(nat_table.lost_share([found]), 0)

    def test_sessions_that_never_were_are_told(self):
        found = nat_works.crowd_memory(self.come(nat_works.outsiders_come, 256 * 1000000, 2000000), SIZE)
        self.assertEqual(nat_table.lost_share([found]), 0.25)

    def test_hosts_inside_stay_within_the_limits_as_shipped(self):
        said = options(self.come(nat_works.insiders_come, 0, 3000000).asked[1])
        hosts = SIZE.flows / int(said["per"])
        self.assertLessEqual(hosts, nat_works.HOSTS)
        self.assertGreaterEqual(int(said["targets"]) * SIZE.flows, SIZE.crowd)
        # In a second of the generator, and a host's flows are one behind the other.
        self.assertLessEqual(int(said["rate"]) / hosts + int(said["per"]), 4000 + int(said["per"]) / 2)
        self.assertLessEqual(int(said["port"]) + int(said["ports"]), 65536)

    def test_a_pass_that_counts_has_every_client(self):
        place = self.come(nat_works.outsiders_come, 0, 3000000)
        place.answers = [COUNTED]
        self.assertEqual(nat_works.crowd_steady(place, SIZE)["value"], 1000000)
        said = options(place.asked[-1])
        self.assertEqual((said["flows"], said["frames"], said["answered"], "warm" in said), ("1000000", "1000000", "0", False))

    def test_sessions_that_ended_meanwhile_are_not_measured(self):
        place = self.come(nat_works.outsiders_come, 0, 3000000)
        place.crowd_time_s = time.monotonic() - nat_works.CROWD_STAYS_S - 1
        self.assertRaises(SystemExit, nat_works.crowd_steady, place, SIZE)


if __name__ == "__main__":
    unittest.main()
