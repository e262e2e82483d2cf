/* SPDX-License-Identifier: MIT */
/* The log lines of one app, kept for its spec instead of printed, without the time of day, which
 * would differ from run to run.
 * Lives in: the test kit. Owns: the lines. */
#ifndef TG_KIT_CAPTURE_H
#define TG_KIT_CAPTURE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"

enum { TG_CAPTURE_BYTES = 64 << 20 };

struct tg_capture {
    struct tg_buf lines; /* each ended by a line feed */
    uint64_t lost;       /* lines that had no room */
};

void tg_capture_init(struct tg_capture *capture);

/* Accepts zeroes. */
void tg_capture_fini(struct tg_capture *capture);

/* From here on every line of this process goes to the capture, until another one starts or this
 * one stops. */
void tg_capture_start(struct tg_capture *capture, enum tg_log_level level);
void tg_capture_stop(void);

#endif
