/* SPDX-License-Identifier: MIT */
#include "hub/provenance.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/rand.h"

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

int tg_traceparent_read(struct tg_str text, char trace_id[33])
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
    memcpy(trace_id, trace.at, TRACE_ID_LENGTH);
    trace_id[TRACE_ID_LENGTH] = '\0';
    return TG_OK;
}

/* Random lower-case hex digits, an even count, not all zero (trace-context section 3.2.2.3). */
static void write_random_hex(char *out, size_t digits)
{
    uint8_t octets[16];

    do {
        tg_rand_kernel(octets, digits / 2);
        for (size_t i = 0; i < digits / 2; i++) {
            (void)snprintf(out + 2 * i, 3, "%02x", octets[i]);
        }
    } while (is_zero(tg_str(out, digits)));
}

static size_t measure(const struct tg_provenance_parts *parts)
{
    size_t size = parts->tenant.length + parts->claims.length + parts->path.length +
                  parts->query.length + parts->address.length + 5;

    for (uint32_t i = 0; i < parts->param_count; i++) {
        size += parts->params[i].name.length + parts->params[i].value.length + 2;
    }
    return size;
}

/* Copies the text to *at, terminated, and moves *at behind it. */
static const char *place(char **at, struct tg_str text)
{
    char *start = *at;

    if (text.length > 0) {
        memcpy(start, text.at, text.length);
    }
    start[text.length] = '\0';
    *at += text.length + 1;
    return start;
}

struct tg_provenance *tg_provenance_create(const struct tg_provenance_parts *parts)
{
    struct tg_provenance *provenance = malloc(sizeof(*provenance) + measure(parts));

    if (!provenance) {
        return NULL;
    }
    char *at = (char *)(provenance + 1);
    *provenance = (struct tg_provenance){
        .refs = 1,
        .param_count = parts->param_count,
        .tenant = parts->tenant.at ? place(&at, parts->tenant) : NULL,
        .claims = parts->claims.at ? place(&at, parts->claims) : NULL,
        .connected_at_ms = parts->connected_at_ms,
        .expires_at_ms = parts->expires_at_ms,
    };
    provenance->path = place(&at, parts->path);
    provenance->query = place(&at, parts->query);
    provenance->address = place(&at, parts->address);
    for (uint32_t i = 0; i < parts->param_count; i++) {
        provenance->params[i].name = place(&at, parts->params[i].name);
        provenance->params[i].value = place(&at, parts->params[i].value);
    }
    if (tg_traceparent_read(parts->traceparent, provenance->trace_id) != TG_OK) {
        write_random_hex(provenance->trace_id, TRACE_ID_LENGTH);
    }
    write_random_hex(provenance->span_id, PARENT_ID_LENGTH);
    return provenance;
}

struct tg_provenance *tg_provenance_ref(struct tg_provenance *provenance)
{
    provenance->refs++;
    return provenance;
}

void tg_provenance_unref(struct tg_provenance *provenance)
{
    if (provenance && --provenance->refs == 0) {
        free(provenance);
    }
}
