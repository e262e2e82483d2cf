/* SPDX-License-Identifier: MIT */
/* Stops calls into gateways that have used up their CPU budget, as the supervisor does for real
 * workers: a timer of this process's CPU time looks at the call clocks and sends the same signal.
 * Lives in: the test kit, and the child that validates a gateway; once per process. */
#ifndef TG_SCRIPT_CPU_WATCH_H
#define TG_SCRIPT_CPU_WATCH_H

struct tg_page; /* core/shared_page.h */

enum { TG_CPU_WATCH_TICK_MS = 10 };

/* Looks at the calls of this page's workers from now on; NULL: at none. The timer is made at the
 * first call. TG_ERR_IO when the kernel refuses it: nothing is stopped then. */
int tg_cpu_watch_page(struct tg_page *page);

#endif
