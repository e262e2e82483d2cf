/* SPDX-License-Identifier: MIT */
/* Who is connected to this worker: slots, found in O(1) by slot and serial. A slot is used again,
 * a serial never, so a late handle finds nothing instead of somebody else.
 * Lives in: a worker. Owns: the slot array. Borrows: clients, which unregister before they die. */
#ifndef TG_HUB_REGISTRY_H
#define TG_HUB_REGISTRY_H

#include <stdint.h>

struct tg_client;

struct tg_registry {
    struct tg_client **slots;
    uint32_t *free_slots; /* a stack */
    uint32_t free_count;
    uint32_t capacity;
    uint32_t count;
    uint64_t next_serial;
};

/* Frees the arrays. Accepts zeroes; zero-initialised is empty. */
void tg_registry_fini(struct tg_registry *registry);

/* Sets the client's slot and serial. TG_ERR_NOMEM. */
int tg_registry_add(struct tg_registry *registry, struct tg_client *client);
void tg_registry_remove(struct tg_registry *registry, struct tg_client *client);

/* NULL when that client is registered no more. */
struct tg_client *tg_registry_find(const struct tg_registry *registry, uint32_t slot,
                                   uint64_t serial);

#endif
