/* SPDX-License-Identifier: MIT */
#include "core/peer_link.h"

#include <string.h>

#include "core/fd_link.h"
#include "core/shared_page.h"

enum { WORD_BYTES = 4 };

static const char word[WORD_BYTES] = {'p', 'e', 'e', 'r'};

int tg_peer_link_read(struct tg_str octets, uint32_t *slot)
{
    uint32_t number = 0;

    if (octets.length != TG_PEER_LINK_BYTES || memcmp(octets.at, word, WORD_BYTES) != 0) {
        return TG_ERR_SYNTAX;
    }
    for (uint32_t i = 0; i < TG_PEER_LINK_BYTES - WORD_BYTES; i++) {
        number |= (uint32_t)(unsigned char)octets.at[WORD_BYTES + i] << 8 * i;
    }
    if (number >= TG_PAGE_WORKERS_MAX) {
        return TG_ERR_SYNTAX;
    }
    *slot = number;
    return TG_OK;
}

int tg_peer_link_send(int control, uint32_t slot, int fd)
{
    char octets[TG_PEER_LINK_BYTES];

    if (fd < 0) {
        return TG_ERR_IO; /* a peer without its end is none */
    }
    memcpy(octets, word, WORD_BYTES);
    for (uint32_t i = 0; i < TG_PEER_LINK_BYTES - WORD_BYTES; i++) {
        octets[WORD_BYTES + i] = (char)(slot >> 8 * i & 0xff);
    }
    return tg_fd_link_send(control, tg_str(octets, sizeof(octets)), fd);
}

int tg_peer_link_take(int control, uint32_t *slot, int *fd)
{
    struct tg_fd_message message;
    int err = tg_fd_link_take(control, &message);

    if (err) {
        return err;
    }
    err = tg_peer_link_read(tg_str(message.octets, message.length), slot);
    if (err || message.fd < 0) {
        tg_fd_link_drop(&message);
        return TG_ERR_SYNTAX;
    }
    *fd = message.fd;
    return TG_OK;
}
