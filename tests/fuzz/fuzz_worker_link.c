/* SPDX-License-Identifier: MIT */
/* Any octets as the supervisor's message to a worker: what is read can be, and sent again it is the
 * same octets. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "core/shared_page.h"
#include "core/worker_link.h"

static void write_number(char *octets, int count, uint64_t number)
{
    for (int i = 0; i < count; i++) {
        octets[i] = (char)(number >> 8 * i & 0xff);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    static const char words[][5] = {"peer", "prep", "drop", "look"};
    static const uint32_t slots[] = {TG_PAGE_WORKERS_MAX, TG_GATEWAYS_MAX, TG_GATEWAYS_MAX,
                                     TG_GATEWAYS_MAX};
    char again[TG_WORKER_LINK_BYTES];
    struct tg_order order = {.slot = UINT32_MAX};
    int err = tg_worker_link_read(tg_str((const char *)input, length), &order);

    if (err != TG_OK) {
        tg_require(err == TG_ERR_SYNTAX && order.slot == UINT32_MAX);
        return 0;
    }
    tg_require(order.slot < slots[order.kind]);
    memcpy(again, words[order.kind], 4);
    write_number(again + 4, 4, order.slot);
    write_number(again + 8, 8, order.counter);
    write_number(again + 16, 8, order.ticket);
    tg_require(length == sizeof(again) && memcmp(input, again, length) == 0);
    return 0;
}
