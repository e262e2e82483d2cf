/* SPDX-License-Identifier: MIT */
/* What the kernel tells of changes in folders (inotify), each told as its owner's: a number that is
 * the caller's, 0 for the root's. It is a hint to look again, never the proof that nothing
 * happened. Lives in: the deployer. Owns: the descriptor and the watches. */
#ifndef TG_DEPLOYER_WATCHES_H
#define TG_DEPLOYER_WATCHES_H

#include <stdbool.h>
#include <stdint.h>

enum { TG_WATCHES_MAX = 1024 };

struct tg_watches; /* opaque */

/* NULL when the kernel refuses or memory is short. */
struct tg_watches *tg_watches_create(void);
void tg_watches_destroy(struct tg_watches *watches);

int tg_watches_fd(const struct tg_watches *watches);

/* One round over all folders: those that are not added again between begin and end are let go. */
void tg_watches_begin(struct tg_watches *watches);
void tg_watches_add(struct tg_watches *watches, const char *folder, uint64_t owner);
void tg_watches_end(struct tg_watches *watches);

/* Whether the last round had more folders than may be watched, or the kernel refused one that is
 * there: changes may go unheard. */
bool tg_watches_is_short(const struct tg_watches *watches);

/* Takes what has come: on_change per event. False: some was lost, anything may have changed. */
bool tg_watches_read(struct tg_watches *watches, void (*on_change)(void *self, uint64_t owner),
                     void *self);

#endif
