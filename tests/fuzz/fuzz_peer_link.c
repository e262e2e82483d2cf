/* SPDX-License-Identifier: MIT */
/* Any octets as the supervisor's message about a peer: what is read is a slot that can be, and the
 * one text that says so. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "core/peer_link.h"
#include "core/shared_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    char again[TG_PEER_LINK_BYTES] = {'p', 'e', 'e', 'r'};
    uint32_t slot = UINT32_MAX;
    int err = tg_peer_link_read(tg_str((const char *)input, length), &slot);

    if (err != TG_OK) {
        tg_require(err == TG_ERR_SYNTAX && slot == UINT32_MAX);
        return 0;
    }
    tg_require(slot < TG_PAGE_WORKERS_MAX);
    again[4] = (char)slot;
    tg_require(length == sizeof(again) && memcmp(input, again, length) == 0);
    return 0;
}
