/* SPDX-License-Identifier: MIT */
#include "base/base64url.h"

#include <stdint.h>

#include "base/err.h"

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int tg_base64url_decode(struct tg_str text, char *out)
{
    uint32_t bits = 0;
    int count = 0;
    int written = 0;

    if (text.length % 4 == 1) {
        return TG_ERR_SYNTAX;
    }
    for (size_t i = 0; i < text.length; i++) {
        int value = value_of(text.at[i]);
        if (value < 0) {
            return TG_ERR_SYNTAX;
        }
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[written++] = (char)(bits >> count);
        }
    }
    /* RFC 4648 section 3.5: bits that carry nothing must be zero, or one value had many texts. */
    return (bits & ((1u << count) - 1)) == 0 ? written : TG_ERR_SYNTAX;
}
