/* SPDX-License-Identifier: MIT */
/* How much memory this process has resident, as the kernel counts it (proc(5), statm).
 * Lives in: a worker. */
#ifndef TG_WORKER_RESIDENT_H
#define TG_WORKER_RESIDENT_H

#include <stdint.h>

#include "base/str.h"

/* Of this process, octets. TG_ERR_NOT_FOUND when the kernel doesn't say. */
int tg_resident_read(uint64_t *bytes);

/* From the text of statm: the second number, pages. TG_ERR_SYNTAX. */
int tg_resident_parse(struct tg_str statm, uint64_t page_bytes, uint64_t *bytes);

#endif
