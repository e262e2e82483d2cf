/* SPDX-License-Identifier: MIT */
/* When a gateway whose folder is missing counts as removed: after it was away for all of a time in
 * which the root could be read. A root that can't be read, or that lost all of its gateways at once
 * (a volume that isn't mounted, a checkout that failed), says nothing about any of them.
 * Lives in: the deployer. Pure; times are monotonic milliseconds. */
#ifndef TG_DEPLOYER_ABSENCE_H
#define TG_DEPLOYER_ABSENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialised: it is there. */
struct tg_absence {
    bool is_away;
    uint64_t since_ms;
};

/* The root could be read, and the folder was not in it. True: it has been away for after_ms. */
bool tg_absence_miss(struct tg_absence *absence, uint64_t now_ms, uint64_t after_ms);

/* It was in it, or the root could not be read: what was noted says nothing any more. */
void tg_absence_forget(struct tg_absence *absence);

/* When it will have been away long enough; UINT64_MAX: it is there. */
uint64_t tg_absence_due_ms(const struct tg_absence *absence, uint64_t after_ms);

/* Whether a root with so many folders of gateways can be right, when so many gateways are live. */
bool tg_absence_is_loss(uint32_t folders, uint32_t live);

#endif
