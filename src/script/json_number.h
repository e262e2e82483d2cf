/* SPDX-License-Identifier: MIT */
/* A double as JSON (RFC 8259 section 6).
 * Lives in: a worker. Pure. */
#ifndef TG_SCRIPT_JSON_NUMBER_H
#define TG_SCRIPT_JSON_NUMBER_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TG_JSON_NUMBER_MAX = 32 }; /* room for any: -1.2345678901234567e-308 and a terminator */

/* Writes a finite number into out, which has room for TG_JSON_NUMBER_MAX octets: an integer up to
 * 2^53 as such, others with the fewest digits that read back as the same double (some subnormal
 * numbers have shorter forms that are not looked for). Returns the length; nothing terminates
 * it. */
size_t tg_json_number_write(double value, char *out);

enum { TG_JSON_NUMBER_SMALL = 100000000 };

/* The same for an integer from 1 to below TG_JSON_NUMBER_SMALL; 8 octets of out are spoilt. All
 * digits are made at once: each step halves the lanes of the word, a number of 4 digits in each of
 * two, then of 2 in each of four, then of 1 in each of eight, the first digit lowest. */
static inline size_t tg_json_number_write_small(uint32_t value, char *out)
{
    uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & UINT64_C(0x0000007F0000007F);
    uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (twos * 103 >> 10) & UINT64_C(0x000F000F000F000F);
    uint64_t ones = tens | (twos - tens * 10) << 8;
    unsigned zeros = (unsigned)__builtin_ctzll(ones) / 8; /* in front of the number */
    uint64_t digits = htole64((ones | UINT64_C(0x3030303030303030)) >> 8 * zeros);

    memcpy(out, &digits, sizeof(digits));
    return 8 - zeros;
}

#endif
