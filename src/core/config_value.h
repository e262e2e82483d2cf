/* SPDX-License-Identifier: MIT */
/* One configuration value from its text: how numbers, sizes, durations and addresses are written.
 * Lives in: every process. Pure functions: nothing is owned, nothing is changed on failure. */
#ifndef TG_CORE_CONFIG_VALUE_H
#define TG_CORE_CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/config.h"

/* Decimal digits, without sign, blanks or leading zeros. False for anything else, and past 2^64. */
bool tg_config_value_uint(struct tg_str text, uint64_t *value);

/* "true" or "false". */
bool tg_config_value_bool(struct tg_str text, bool *value);

/* Octets: digits, or digits and KiB, MiB or GiB. */
bool tg_config_value_size(struct tg_str text, uint64_t *octets);

/* Milliseconds: digits and ms, s, m or h; or 0. */
bool tg_config_value_duration(struct tg_str text, uint64_t *ms);

/* "127.0.0.1:80" or "[::1]:80". A host is a literal: names aren't looked up. */
bool tg_config_value_address(struct tg_str text, struct tg_address *address);

/* A literal alone, an IPv6 one with or without brackets, and a port alone. */
bool tg_config_value_host(struct tg_str text, char host[64]);
bool tg_config_value_port(struct tg_str text, uint16_t *port);

enum { TG_CONFIG_VALUE_BYTES = 32 };

/* The same forms backwards, in the largest unit that divides the value. Return out. */
const char *tg_config_value_print_size(char out[TG_CONFIG_VALUE_BYTES], uint64_t octets);
const char *tg_config_value_print_duration(char out[TG_CONFIG_VALUE_BYTES], uint64_t ms);

#endif
