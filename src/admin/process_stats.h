/* SPDX-License-Identifier: MIT */
/* What the kernel says about a process of ours (/proc).
 * Lives in: the admin process. */
#ifndef TG_ADMIN_PROCESS_STATS_H
#define TG_ADMIN_PROCESS_STATS_H

#include <stdint.h>

/* Octets of memory in use. TG_ERR_NOT_FOUND when there is no such process, TG_ERR_IO. */
int tg_process_stats_resident(uint64_t pid, uint64_t *bytes);

/* Open descriptors. The same errors. */
int tg_process_stats_descriptors(uint64_t pid, uint64_t *count);

#endif
