/* SPDX-License-Identifier: MIT */
/* A double as JSON (RFC 8259 section 6).
 * Lives in: a worker. Pure. */
#ifndef TG_SCRIPT_JSON_NUMBER_H
#define TG_SCRIPT_JSON_NUMBER_H

#include <stddef.h>

enum { TG_JSON_NUMBER_MAX = 32 }; /* room for any: -1.2345678901234567e-308 and a terminator */

/* Writes a finite number into out, which has room for TG_JSON_NUMBER_MAX octets: an integer up to
 * 2^53 as such, others with the fewest digits that read back as the same double (some subnormal
 * numbers have shorter forms that are not looked for). Returns the length; nothing terminates
 * it. */
size_t tg_json_number_write(double value, char *out);

#endif
