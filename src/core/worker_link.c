/* SPDX-License-Identifier: MIT */
#include "core/worker_link.h"

#include <stdbool.h>
#include <string.h>

#include "core/fd_link.h"
#include "core/shared_page.h"

enum {
    WORD_BYTES = 4,
    SLOT_BYTES = 4,
    COUNTER_BYTES = 8,
    SLOT_AT = WORD_BYTES,
    COUNTER_AT = SLOT_AT + SLOT_BYTES,
    TICKET_AT = COUNTER_AT + COUNTER_BYTES
};

static const struct word {
    char octets[WORD_BYTES + 1];
    bool has_descriptor;
} words[] = {
    [TG_ORDER_PEER] = {"peer", true},
    [TG_ORDER_PREPARE] = {"prep", true},
    [TG_ORDER_DROP] = {"drop", false},
    [TG_ORDER_LOOK] = {"look", false},
};

enum { KINDS = sizeof(words) / sizeof(words[0]) };

static bool is_possible(const struct tg_order *order)
{
    if (order->ticket != 0 && order->kind != TG_ORDER_PREPARE) {
        return false;
    }
    switch (order->kind) {
    case TG_ORDER_PEER:
        return order->slot < TG_PAGE_WORKERS_MAX && order->counter == 0;
    case TG_ORDER_PREPARE:
    case TG_ORDER_DROP:
        return order->slot < TG_GATEWAYS_MAX && order->counter > 0;
    case TG_ORDER_LOOK:
        return order->slot == 0 && order->counter == 0;
    }
    return false;
}

static uint64_t read_number(const char *octets, uint32_t count)
{
    uint64_t number = 0;

    for (uint32_t i = 0; i < count; i++) {
        number |= (uint64_t)(unsigned char)octets[i] << 8 * i;
    }
    return number;
}

static void write_number(char *octets, uint32_t count, uint64_t number)
{
    for (uint32_t i = 0; i < count; i++) {
        octets[i] = (char)(number >> 8 * i & 0xff);
    }
}

int tg_worker_link_read(struct tg_str octets, struct tg_order *order)
{
    int kind = 0;

    if (octets.length != TG_WORKER_LINK_BYTES) {
        return TG_ERR_SYNTAX;
    }
    while (kind < KINDS && memcmp(octets.at, words[kind].octets, WORD_BYTES) != 0) {
        kind++;
    }
    if (kind == KINDS) {
        return TG_ERR_SYNTAX;
    }
    struct tg_order read = {
        .kind = (enum tg_order_kind)kind,
        .slot = (uint32_t)read_number(octets.at + SLOT_AT, SLOT_BYTES),
        .counter = read_number(octets.at + COUNTER_AT, COUNTER_BYTES),
        .ticket = read_number(octets.at + TICKET_AT, COUNTER_BYTES),
    };
    if (!is_possible(&read)) {
        return TG_ERR_SYNTAX;
    }
    *order = read;
    return TG_OK;
}

int tg_worker_link_send(int control, const struct tg_order *order, int fd)
{
    char octets[TG_WORKER_LINK_BYTES];

    if (!is_possible(order) || words[order->kind].has_descriptor != (fd >= 0)) {
        return TG_ERR_INVALID;
    }
    memcpy(octets, words[order->kind].octets, WORD_BYTES);
    write_number(octets + SLOT_AT, SLOT_BYTES, order->slot);
    write_number(octets + COUNTER_AT, COUNTER_BYTES, order->counter);
    write_number(octets + TICKET_AT, COUNTER_BYTES, order->ticket);
    return tg_fd_link_send(control, tg_str(octets, sizeof(octets)), fd);
}

int tg_worker_link_take(int control, struct tg_order *order, int *fd)
{
    struct tg_fd_message message;
    struct tg_order read;
    int err = tg_fd_link_take(control, &message);

    if (err) {
        return err;
    }
    err = tg_worker_link_read(tg_str(message.octets, message.length), &read);
    if (err || words[read.kind].has_descriptor != (message.fd >= 0)) {
        tg_fd_link_drop(&message);
        return TG_ERR_SYNTAX;
    }
    *order = read;
    *fd = message.fd;
    return TG_OK;
}
