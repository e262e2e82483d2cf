/* SPDX-License-Identifier: MIT */
/* X-Forwarded-For in two headers, divided at the first line feed: what is found is the peer, or an
 * address that is trusted only when all are. */
#include "target.h"

#include "base/check.h"
#include "base/err.h"
#include "net/forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str rest = tg_str((const char *)input, length);
    struct tg_str first = tg_str_split(&rest, '\n');
    struct tg_header headers[2] = {{TG_STR("X-Forwarded-For"), first},
                                   {TG_STR("x-forwarded-for"), rest}};
    uint32_t count = rest.at ? 2 : 1;
    struct tg_address_list trusted = {.count = 1};
    struct tg_address_list all = {.count = 1};
    struct tg_ip peer = {{0}};
    struct tg_ip found = peer;
    char text[TG_IP_TEXT_BYTES];

    tg_require(tg_ip_range_read(TG_STR("10.0.0.0/8"), &trusted.ranges[0]) == TG_OK);
    tg_require(tg_ip_range_read(TG_STR("::/0"), &all.ranges[0]) == TG_OK);
    int err = tg_forwarded_find(headers, count, &trusted, &found);
    struct tg_ip outermost = peer;
    int strict = tg_forwarded_find(headers, count, &all, &outermost);
    /* Who trusts more reads more: it may find more faults, never fewer. */
    tg_require(err == TG_OK || strict != TG_OK);
    if (err == TG_OK) {
        struct tg_ip again;
        tg_require(tg_ip_read(tg_str_of(tg_ip_write(&found, text)), &again) == TG_OK);
        tg_require(memcmp(&again, &found, sizeof(found)) == 0);
    }
    return 0;
}
