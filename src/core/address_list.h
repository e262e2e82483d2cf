/* SPDX-License-Identifier: MIT */
/* A configured list of addresses and ranges ("10.0.0.0/8, 192.0.2.7"): which peers are meant.
 * Lives in: a worker; the configuration is checked with it in every process. Pure. */
#ifndef TG_CORE_ADDRESS_LIST_H
#define TG_CORE_ADDRESS_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"
#include "core/config_list.h"

struct tg_address_list {
    struct tg_ip_range ranges[TG_CONFIG_LIST_MAX];
    uint32_t count;
};

/* TG_ERR_INVALID, with a message that begins with key, when an item is no address or range. */
int tg_address_list_read(struct tg_address_list *list, const struct tg_config_list *texts,
                         const char *key, struct tg_errmsg *msg);

bool tg_address_list_has(const struct tg_address_list *list, const struct tg_ip *ip);

/* The same for an address as text; what is no IP address is in no list. */
bool tg_address_list_has_text(const struct tg_address_list *list, struct tg_str address);

#endif
