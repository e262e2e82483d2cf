/* SPDX-License-Identifier: MIT */
/* A PROXY header, whole and octet by octet: INCOMPLETE up to its end, then the same verdict, and
 * nothing read behind it. */
#include "target.h"

#include "base/check.h"
#include "base/err.h"
#include "net/proxy_protocol.h"

static bool is_alike(const struct tg_proxy_header *a, const struct tg_proxy_header *b)
{
    return a->length == b->length && a->has_source == b->has_source &&
           memcmp(&a->source, &b->source, sizeof(a->source)) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str octets = tg_str((const char *)input, length);
    struct tg_proxy_header whole;
    struct tg_proxy_header single;
    int err = tg_proxy_protocol_read(octets, &whole);
    int again = TG_ERR_INCOMPLETE;
    size_t shown = 0;

    for (; shown <= length; shown++) {
        again = tg_proxy_protocol_read(tg_str(octets.at, shown), &single);
        if (again != TG_ERR_INCOMPLETE) {
            break;
        }
    }
    tg_require(again == err);
    if (err == TG_OK) {
        tg_require(whole.length == shown && is_alike(&whole, &single));
        tg_require(whole.length <= TG_PROXY_PROTOCOL_MAX);
    }
    return 0;
}
