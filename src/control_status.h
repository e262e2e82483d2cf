/* SPDX-License-Identifier: MIT */
/* What tidegate status tells: the gateways of a running server, as text and as JSON, and what
 * became of each between two looks. Lives in: the supervisor. Pure. Times are milliseconds since
 * the Unix epoch. */
#ifndef TG_CONTROL_STATUS_H
#define TG_CONTROL_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/bundle.h"
#include "core/deploy_table.h"
#include "core/fault.h"

enum { TG_CONTROL_GATEWAYS_MAX = TG_GATEWAYS_MAX, TG_CONTROL_PATH_BYTES = 1025 };

enum tg_control_state {
    TG_CONTROL_NEW, /* nothing of it has been live */
    TG_CONTROL_TRIAL,
    TG_CONTROL_LIVE,
    TG_CONTROL_UNAVAILABLE, /* it killed workers, and is answered with 503 */
    TG_CONTROL_REMOVED
};

struct tg_control_gateway {
    char name[64];
    char path[TG_CONTROL_PATH_BYTES];                             /* "": not known */
    char generation[sizeof(((struct tg_bundle *)0)->generation)]; /* "": none */
    uint64_t counter;                                             /* 0: none */
    enum tg_control_state state;
    uint64_t since_ms;      /* that state; 0: not known */
    uint64_t trial_left_ms; /* TRIAL */
    uint64_t connections;
    uint32_t workers;        /* that run it */
    bool has_fault;          /* one stands */
    uint64_t fault_since_ms; /* and the next two say what */
    char fault_generation[sizeof(((struct tg_bundle *)0)->generation)]; /* "": could not be read */
    struct tg_fault fault;
};

struct tg_control_status {
    const char *root;                     /* the directory of the gateways; borrowed */
    char root_fault[TG_FAULT_TEXT_BYTES]; /* "": none stands */
    uint64_t root_fault_since_ms;
    uint64_t pid;
    uint32_t workers; /* that accept clients */
    uint32_t count;
    struct tg_control_gateway gateways[TG_CONTROL_GATEWAYS_MAX]; /* sorted by name */
};

/* NULL: there is none of that name. */
const struct tg_control_gateway *tg_control_status_find(const struct tg_control_status *status,
                                                        const char *name);

/* Whether a fault stands: of the gateway, or of any and of the root when name is "". */
bool tg_control_status_has_fault(const struct tg_control_status *status, const char *name);

void tg_control_status_write_text(const struct tg_control_status *status, struct tg_buf *out);
void tg_control_status_write_json(const struct tg_control_status *status, struct tg_buf *out);

/* Which generations there were, for the comparison. Zeroes: none. */
struct tg_control_marks {
    uint32_t count;
    struct tg_control_mark {
        char name[64];
        uint64_t counter;
    } items[TG_CONTROL_GATEWAYS_MAX];
};
void tg_control_status_mark(const struct tg_control_status *status, struct tg_control_marks *marks);

/* Whether another generation of the gateway is live now, or none any more. */
bool tg_control_status_has_changed(const struct tg_control_status *status,
                                   const struct tg_control_marks *before, const char *name);

/* A line for the gateway, or for each when name is "": deployed, unchanged, removed, its fault. */
void tg_control_status_write_changes(const struct tg_control_status *status,
                                     const struct tg_control_marks *before, const char *name,
                                     struct tg_buf *out);

#endif
