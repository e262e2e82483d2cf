/* SPDX-License-Identifier: MIT */
#include "frame_out.h"

#include <string.h>

static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

uint8_t tg_frame_out_mask(size_t offset)
{
    return mask[offset & 3];
}

size_t tg_frame_out_write(uint8_t *frame, unsigned opcode, const void *payload, size_t len)
{
    const uint8_t *octets = payload;
    size_t head = 2;

    frame[0] = (uint8_t)(0x80U | opcode);
    if (len < 126) {
        frame[1] = (uint8_t)(0x80U | len);
    } else {
        head = len < 65536 ? 4 : 10;
        frame[1] = head == 4 ? 0x80U | 126U : 0x80U | 127U;
        size_t rest = len;
        for (size_t i = head; i-- > 2;) {
            frame[i] = (uint8_t)rest;
            rest >>= 8;
        }
    }
    memcpy(frame + head, mask, sizeof mask);
    head += sizeof mask;
    for (size_t i = 0; i < len; i++) {
        frame[head + i] = octets[i] ^ mask[i & 3];
    }
    return head + len;
}
