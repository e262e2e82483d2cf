/* SPDX-License-Identifier: MIT */
/* Places where a test may halt a process, to end it there: between two steps that must not tear.
 * In the product nothing happens there; the tests' own program brings another tg_test_point
 * (tests/halts/halts.c).
 * Lives in: every process. */
#ifndef TG_CORE_TEST_POINT_H
#define TG_CORE_TEST_POINT_H

/* name is fixed text, as "voted". */
void tg_test_point(const char *name);

#endif
