/* SPDX-License-Identifier: MIT */
#include "hub/registry.h"

#include <stdlib.h>

#include "base/err.h"
#include "hub/client.h"

enum { FIRST_CAPACITY = 64 };

void tg_registry_fini(struct tg_registry *registry)
{
    free(registry->slots);
    free(registry->free_slots);
    *registry = (struct tg_registry){0};
}

static int grow(struct tg_registry *registry)
{
    uint32_t capacity = registry->capacity ? registry->capacity * 2 : FIRST_CAPACITY;
    struct tg_client **slots = realloc(registry->slots, capacity * sizeof(struct tg_client *));

    if (!slots) {
        return TG_ERR_NOMEM;
    }
    registry->slots = slots;
    uint32_t *free_slots = realloc(registry->free_slots, capacity * sizeof(uint32_t));
    if (!free_slots) {
        return TG_ERR_NOMEM;
    }
    registry->free_slots = free_slots;
    for (uint32_t slot = capacity; slot > registry->capacity; slot--) {
        slots[slot - 1] = NULL;
        free_slots[registry->free_count++] = slot - 1;
    }
    registry->capacity = capacity;
    return TG_OK;
}

int tg_registry_add(struct tg_registry *registry, struct tg_client *client)
{
    if (registry->free_count == 0) {
        int err = grow(registry);
        if (err) {
            return err;
        }
    }
    client->slot = registry->free_slots[--registry->free_count];
    client->serial = ++registry->next_serial;
    registry->slots[client->slot] = client;
    registry->count++;
    return TG_OK;
}

void tg_registry_remove(struct tg_registry *registry, struct tg_client *client)
{
    registry->slots[client->slot] = NULL;
    registry->free_slots[registry->free_count++] = client->slot;
    registry->count--;
}

struct tg_client *tg_registry_find(const struct tg_registry *registry, uint32_t slot,
                                   uint64_t serial)
{
    if (slot >= registry->capacity) {
        return NULL;
    }
    struct tg_client *client = registry->slots[slot];
    return client && client->serial == serial ? client : NULL;
}
