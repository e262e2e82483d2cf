/* SPDX-License-Identifier: MIT */
/* An origin and a Host, a line each: what is read has only the characters of an origin, and a page
 * that is the host's own bears the host's name. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "hub/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str host = tg_str((const char *)input, length);
    struct tg_str origin = tg_str_split(&host, '\n');
    struct tg_origin read;

    if (!tg_origin_read(origin, &read)) {
        tg_require(!tg_origin_is_host(origin, host));
        return 0;
    }
    tg_require(read.scheme.length > 0 && read.host.length > 0);
    tg_require(!memchr(origin.at, '@', origin.length) && !memchr(origin.at, ' ', origin.length));
    tg_require(memchr(origin.at, '/', origin.length) == read.scheme.at + read.scheme.length + 1);
    if (tg_origin_is_host(origin, host)) {
        struct tg_str name = tg_str(host.at, read.host.length);
        tg_require(host.length >= name.length && tg_str_is_caseless(name, read.host));
    }
    return 0;
}
