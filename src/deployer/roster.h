/* SPDX-License-Identifier: MIT */
/* The folders that the deployer knows: those in the root, and the live gateways whose folder is
 * missing.
 * Lives in: the deployer. Owns: its rows. */
#ifndef TG_DEPLOYER_ROSTER_H
#define TG_DEPLOYER_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"
#include "deployer/absence.h"
#include "deployer/settle.h"

enum { TG_ROSTER_MAX = 2048 };

/* Generations are 12 hex digits, "" for none. */
struct tg_roster_row {
    char *name;     /* the folder's, of any octets */
    uint64_t owner; /* of its watches: a hash of the name, never 0 */
    bool is_there;  /* in the last pass */
    struct tg_settle settle;
    struct tg_absence absence;
    uint64_t judged;                                           /* the fingerprint that was acted
                                                                  on; 0: none */
    char content[sizeof(((struct tg_bundle *)0)->generation)]; /* at rest, without fault so far */
    char told[sizeof(((struct tg_bundle *)0)->generation)];    /* what the supervisor knows of: told
                                                                    as a candidate, or live */
    uint64_t fault;     /* a hash of the fault that was told and stands; 0: none */
    bool has_rested;    /* before: the supervisor has heard of it from this deployer */
    bool is_due;        /* its content is to be judged */
    bool is_path_taken; /* its fault is that another gateway is in its way */
    uint64_t again_ms;  /* the machine could not judge it: not before this time */
};

struct tg_roster {
    struct tg_roster_row **rows;
    uint32_t count;
};

/* Accepts zeroes. */
void tg_roster_fini(struct tg_roster *roster);

/* NULL: there is none. */
struct tg_roster_row *tg_roster_find(const struct tg_roster *roster, const char *name);

/* The row of the name, made when there is none; it stays where it is. NULL: memory is short, or
 * there are as many as there may be. */
struct tg_roster_row *tg_roster_need(struct tg_roster *roster, const char *name);

/* Forgets the row at the index; the last one takes its place. */
void tg_roster_forget(struct tg_roster *roster, uint32_t index);

#endif
