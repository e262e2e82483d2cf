/* SPDX-License-Identifier: MIT */
/* A validating scanner for JSON (RFC 8259): no tree, no memory, no recursion. What it accepts,
 * every decoder after it may trust.
 * Lives in: a worker. Pure. */
#ifndef TG_HUB_JSON_SCAN_H
#define TG_HUB_JSON_SCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { TG_JSON_DEPTH_MAX = 64, TG_JSON_NODES_MAX = 100000 };

struct tg_json_limits {
    uint32_t depth; /* of nested arrays and objects; past TG_JSON_DEPTH_MAX it counts as that */
    uint32_t nodes; /* values in all */
    /* When it becomes true, tg_json_scan ends early with TG_ERR_SYNTAX; NULL: never. */
    const _Atomic bool *stop;
};

/* The product's limits: depth 64, 100,000 nodes. Static. */
extern const struct tg_json_limits tg_json_default_limits;

/* Scans one value from the start of text, white space around it included, and puts the octets it
 * spans (without that white space) in *value. 0; TG_ERR_SYNTAX: not JSON, octets that are not
 * UTF-8, control octets in a string, a lone surrogate escape, a number out of the grammar or
 * beyond the doubles, or anything after the value; TG_ERR_TOO_DEEP: a limit was passed. *value is
 * empty then. */
int tg_json_scan(struct tg_str text, const struct tg_json_limits *limits, struct tg_str *value);

/* One member of an object that was scanned. */
struct tg_json_member {
    struct tg_str name;  /* between its quotes, escapes not undone */
    struct tg_str value; /* raw */
};

/* A scan of an object member by member, so that a message is read once and not twice. Views into
 * the text, which must stay while it goes on. */
struct tg_json_walk {
    const char *at;
    const char *end;
    uint32_t depth; /* what is left of the limits */
    uint32_t nodes;
    bool is_first; /* no member was read yet */
};

/* Enters the object that text consists of. 0; TG_ERR_SYNTAX when no object begins there;
 * TG_ERR_TOO_DEEP. */
int tg_json_walk_start(struct tg_json_walk *walk, struct tg_str text,
                       const struct tg_json_limits *limits);

/* Scans the next member: 1 with *member set; 0 when the object has ended and only white space
 * follows it, that is when the whole text is good; or the errors of tg_json_scan. No call may
 * follow a 0 or an error. */
int tg_json_walk_next(struct tg_json_walk *walk, struct tg_json_member *member);

/* Scans the value that begins at walk->at and moves there behind it: 0 with *value set, or the
 * errors of tg_json_scan. For who knows what stands around it. */
int tg_json_walk_value(struct tg_json_walk *walk, struct tg_str *value);

/* Walks the members of a scanned object: *cursor starts at 0. False at the end. */
bool tg_json_next_member(struct tg_str object, size_t *cursor, struct tg_json_member *member);

/* Undoes the escapes of a scanned string's inside, to UTF-8; as much room as the inside is long
 * is always enough. Returns the length, or TG_ERR_TOO_LARGE when it passes room. */
int tg_json_unescape(struct tg_str inside, char *out, size_t room);

#endif
