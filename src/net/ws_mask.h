/* SPDX-License-Identifier: MIT */
/* The masking of client frames (RFC 6455 section 5.3), 32 octets a step where the CPU can.
 * Lives in: a worker. Pure. */
#ifndef TG_NET_WS_MASK_H
#define TG_NET_WS_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The mask that meets the octet after the next `count`. A mask is its four octets as they lie in
 * memory. */
static inline uint32_t tg_ws_mask_turn(uint32_t mask, size_t count)
{
    uint32_t bits = 8 * ((uint32_t)count & 3);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return mask >> bits | mask << (-bits & 31);
#else
    return mask << bits | mask >> (-bits & 31);
#endif
}

/* Takes the mask off in place. Whether what comes out is ASCII, which is known for free here and
 * spares text the check of its UTF-8. */
bool tg_ws_mask_take_off(uint8_t *octets, size_t length, uint32_t mask);

#endif
