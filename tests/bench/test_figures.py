# SPDX-License-Identifier: MIT
"""The runner's arithmetic."""
import unittest

import figures
import promises


def rates(*values):
    return [{"rate": value} for value in values]


class Medians(unittest.TestCase):
    def test_one_bad_round_does_not_move_the_median(self):
        self.assertEqual(figures.median_of(rates(100, 3, 101), "rate"), 100)

    def test_an_even_count_takes_the_middle(self):
        self.assertEqual(figures.median_of(rates(100, 110), "rate"), 105)

    def test_the_spread_is_half_the_range(self):
        self.assertAlmostEqual(figures.spread_of(rates(90, 100, 120), "rate"), 0.15)

    def test_the_spread_of_nothing_is_zero(self):
        self.assertEqual(figures.spread_of(rates(0, 0), "rate"), 0)


class Ratios(unittest.TestCase):
    def test_rounds_are_paired(self):
        # The machine halves from round to round; the ratio of medians would say the same, but not
        # for the last pair, where only one side was disturbed.
        ours, theirs = rates(400, 200, 100, 10), rates(200, 100, 50, 50)
        self.assertEqual(figures.ratio_to(ours, theirs, "rate"), 2)

    def test_rounds_without_a_partner_are_refused(self):
        with self.assertRaises(ValueError):
            figures.ratio_to(rates(1, 2), rates(1), "rate")
        with self.assertRaises(ValueError):
            figures.ratio_to([], [], "rate")


class Shares(unittest.TestCase):
    def test_what_is_added_is_a_share_of_what_was(self):
        self.assertAlmostEqual(figures.share_of(103, 100), 0.03)
        self.assertAlmostEqual(figures.share_of(99, 100), -0.01)

    def test_nothing_to_compare_with_is_refused(self):
        with self.assertRaises(ValueError):
            figures.share_of(1, 0)


class Slopes(unittest.TestCase):
    def test_what_does_not_grow_with_the_count_drops_out(self):
        self.assertEqual(figures.slope(4000, 9_000_000 + 4000 * 6000,
                                       24000, 9_000_000 + 24000 * 6000), 6000)

    def test_equal_counts_are_refused(self):
        with self.assertRaises(ValueError):
            figures.slope(4000, 1, 4000, 2)

    def test_all_parts_of_a_callgrind_file_count(self):
        text = "events: Ir\nfn=main\n1 5\ntotals: 120\npart: 2\ntotals: 3\n"
        self.assertEqual(figures.callgrind_total(text), 123)

    def test_a_file_without_a_total_is_refused(self):
        with self.assertRaises(ValueError):
            figures.callgrind_total("events: Ir\n")


class Memory(unittest.TestCase):
    result = {"connections": 1000, "servers": [
        {"rss_before": 1_000_000, "rss_open": 3_000_000},
        {"rss_before": 500_000, "rss_open": 500_000}]}

    def test_growth_is_over_all_processes(self):
        self.assertEqual(figures.growth_per_connection(self.result), 2000)

    def test_the_total_is_that_of_all_processes(self):
        self.assertEqual(figures.total_rss(self.result), 3_500_000)


class Promises(unittest.TestCase):
    def test_what_was_not_measured_is_not_kept(self):
        judged = promises.Ledger().judged()
        self.assertEqual(set(judged), set(promises.PROMISES))
        self.assertFalse(any(judgement["is_kept"] for judgement in judged.values()))
        self.assertEqual(promises.Ledger().rows(), [])

    def test_a_bound_may_be_reached_but_not_passed(self):
        for name, value, is_kept in (("broadcast_to_ws", 7, True), ("broadcast_to_ws", 6.99, False),
                                     ("idle_tls_bytes", 20480, True),
                                     ("idle_tls_bytes", 20481, False)):
            ledger = promises.Ledger()
            ledger.note(name, value)
            self.assertEqual(ledger.judged()[name]["is_kept"], is_kept, (name, value))

    def test_a_row_tells_what_is_broken(self):
        ledger = promises.Ledger()
        ledger.note("delivery_instructions", 401)
        self.assertEqual(ledger.rows(), [["instructions per delivery of a broadcast", 401,
                                          "at most 400", "**no**"]])

    def test_the_summary_counts_what_is_kept_and_names_what_was_not_measured(self):
        ledger = promises.Ledger()
        for name, (_, bound, _) in promises.PROMISES.items():
            if name != "idle_tls_bytes":
                ledger.note(name, bound)
        ledger.note("delivery_instructions", 401)
        count = len(promises.PROMISES)
        self.assertEqual(ledger.summary(), f"Kept: {count - 2} of {count}. Not measured: octets "
                                           "per idle connection with TLS.")
        ledger.note("idle_tls_bytes", 1)
        self.assertEqual(ledger.summary(), f"Kept: {count - 1} of {count}.")

    def test_what_nobody_promised_is_refused(self):
        with self.assertRaises(ValueError):
            promises.Ledger().note("beauty", 1)


class Noise(unittest.TestCase):
    def test_our_own_time_is_not_foreign(self):
        self.assertAlmostEqual(figures.foreign_share(2.0, 1.9, 2.0), 0.05)

    def test_less_than_nothing_is_nothing(self):
        self.assertEqual(figures.foreign_share(1.9, 1.95, 2.0), 0)


class Tables(unittest.TestCase):
    def test_numbers_are_short(self):
        self.assertEqual([figures.number(value) for value in (1234567.8, 123.4, 12.34, 0.01234)],
                         ["1,234,568", "123", "12.3", "0.0123"])

    def test_a_row_is_a_line(self):
        self.assertEqual(figures.table(["server", "msg/s"], [["ws", 60822.4]]),
                         "| server | msg/s |\n| --- | ---: |\n| ws | 60,822 |")

    def test_only_what_is_between_the_marks_changes(self):
        page = f"before\n{figures.BEGIN}\nold\n{figures.END}\nafter\n"
        once = figures.replace_figures(page, "new")
        self.assertEqual(once, f"before\n{figures.BEGIN}\nnew\n{figures.END}\nafter\n")
        self.assertEqual(figures.replace_figures(once, "new"), once)

    def test_a_page_without_marks_is_refused(self):
        for page in ("", figures.BEGIN, figures.END + figures.BEGIN):
            with self.assertRaises(ValueError):
                figures.replace_figures(page, "new")


if __name__ == "__main__":
    unittest.main()
