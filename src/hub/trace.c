/* SPDX-License-Identifier: MIT */
#include "hub/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum {
    TRACEPARENT_LENGTH = 55, /* version 00; later ones may go on after a dash */
    TRACE_ID_AT = 3,
    TRACE_ID_LENGTH = 32,
    PARENT_ID_AT = 36,
    PARENT_ID_LENGTH = 16,
    FLAGS_AT = 53
};

static bool is_hex(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

static bool is_zero(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] != '0') {
            return false;
        }
    }
    return true;
}

int tg_trace_read(struct tg_str text, char id[TG_TRACE_ID_BYTES])
{
    if (text.length < TRACEPARENT_LENGTH) {
        return TG_ERR_SYNTAX;
    }
    struct tg_str version = tg_str(text.at, 2);
    struct tg_str trace = tg_str(text.at + TRACE_ID_AT, TRACE_ID_LENGTH);
    struct tg_str parent = tg_str(text.at + PARENT_ID_AT, PARENT_ID_LENGTH);
    struct tg_str flags = tg_str(text.at + FLAGS_AT, 2);

    if (text.at[2] != '-' || text.at[35] != '-' || text.at[52] != '-' || !is_hex(version) ||
        !is_hex(trace) || !is_hex(parent) || !is_hex(flags)) {
        return TG_ERR_SYNTAX;
    }
    bool is_first_version = tg_str_is(version, TG_STR("00"));
    bool has_rest = text.length > TRACEPARENT_LENGTH;
    if (tg_str_is(version, TG_STR("ff")) || (has_rest && is_first_version) ||
        (has_rest && text.at[TRACEPARENT_LENGTH] != '-') || is_zero(trace) || is_zero(parent)) {
        return TG_ERR_SYNTAX;
    }
    memcpy(id, trace.at, TRACE_ID_LENGTH);
    id[TRACE_ID_LENGTH] = '\0';
    return TG_OK;
}

/* Random lower-case hex digits, an even count, not all zero (trace-context section 3.2.2.3). */
static void write_random_hex(struct tg_rand *rand, char *out, size_t digits)
{
    do {
        for (size_t i = 0; i < digits; i += 2) {
            (void)snprintf(out + i, 3, "%02x", (unsigned)(tg_rand_next(rand) >> 56));
        }
    } while (is_zero(tg_str(out, digits)));
}

void tg_trace_begin(struct tg_trace *trace, struct tg_str traceparent, struct tg_rand *rand)
{
    if (tg_trace_read(traceparent, trace->id) != TG_OK) {
        write_random_hex(rand, trace->id, TRACE_ID_LENGTH);
    }
    write_random_hex(rand, trace->span_id, PARENT_ID_LENGTH);
}
