/* SPDX-License-Identifier: MIT */
/* UTF-8 by its definition (RFC 3629 section 3), slowly: decode, then look at the number. It shares
 * no idea with src/base/utf8.c. Lives in: tests. */
#ifndef TG_FAKE_UTF8_H
#define TG_FAKE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the octets are valid text. */
bool fake_utf8_is_text(const uint8_t *octets, size_t length);

/* Whether some valid text begins with them. */
bool fake_utf8_can_go_on(const uint8_t *octets, size_t length);

#endif
