/* SPDX-License-Identifier: MIT */
/* The trace that a connection belongs to (W3C Trace Context): the caller's when it named one well,
 * else a new one.
 * Lives in: a worker. Pure but for the caller's random numbers. */
#ifndef TG_HUB_TRACE_H
#define TG_HUB_TRACE_H

#include "base/rand.h"
#include "base/str.h"

enum { TG_TRACE_ID_BYTES = 33, TG_TRACE_SPAN_BYTES = 17 };

struct tg_trace {
    char id[TG_TRACE_ID_BYTES]; /* 32 lower-case hex digits (section 3.2.2.3); "": no trace */
    char span_id[TG_TRACE_SPAN_BYTES]; /* this hop's own, 16 of them */
};

/* Inherits the trace of a good traceparent with a new span, else begins a new root. Ids are no
 * secrets, so a small generator makes them. */
void tg_trace_begin(struct tg_trace *trace, struct tg_str traceparent, struct tg_rand *rand);

/* Reads a traceparent (section 3.2): TG_OK with the 32 digits of the trace id, or TG_ERR_SYNTAX:
 * not version 00 to fe, wrong length, upper-case, ids all zero. */
int tg_trace_read(struct tg_str text, char id[TG_TRACE_ID_BYTES]);

#endif
