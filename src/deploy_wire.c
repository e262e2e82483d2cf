/* SPDX-License-Identifier: MIT */
#include "deploy_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "core/deploy_link.h"

static const char LOG_MODULE[] = "deploy";

enum { NOTES_MAX = 64 };

static void shut(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

void tg_deploy_wire_init(struct tg_deploy_wire *wire, struct tg_deploys *deploys)
{
    *wire = (struct tg_deploy_wire){.deploys = deploys, .fd = -1, .other_end = -1};
}

void tg_deploy_wire_fini(struct tg_deploy_wire *wire)
{
    shut(&wire->fd);
    shut(&wire->other_end);
}

int tg_deploy_wire_open(struct tg_deploy_wire *wire, struct tg_errmsg *msg)
{
    int fds[2];

    tg_deploy_wire_fini(wire);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "the socket to the deployer: %s", strerror(errno));
    }
    wire->fd = fds[0];
    wire->other_end = fds[1];
    /* What the one before was asked and had not answered, its successor is asked again. */
    wire->sent = wire->deploys->scanned;
    return TG_OK;
}

void tg_deploy_wire_give_away(struct tg_deploy_wire *wire)
{
    shut(&wire->other_end);
}

uint64_t tg_deploy_wire_scan(struct tg_deploy_wire *wire)
{
    return ++wire->scans;
}

static void hand_over(struct tg_deploy_wire *wire, const struct tg_deploy_note *note, int fd)
{
    struct tg_deploys *deploys = wire->deploys;

    switch (note->kind) {
    case TG_DEPLOY_CANDIDATE:
        tg_deploys_on_candidate(deploys, note->name, note->generation, fd);
        break;
    case TG_DEPLOY_FAULT:
        tg_deploys_on_fault(deploys, note->name, note->generation, &note->fault);
        break;
    case TG_DEPLOY_GONE:
        tg_deploys_on_gone(deploys, note->name);
        break;
    case TG_DEPLOY_ROOT:
        tg_deploys_on_root(deploys, note->text);
        break;
    case TG_DEPLOY_SCANNED:
        deploys->scanned = note->sequence > deploys->scanned ? note->sequence : deploys->scanned;
        break;
    case TG_DEPLOY_SCAN: /* goes the other way */
        break;
    }
}

static void take(struct tg_deploy_wire *wire)
{
    for (int i = 0; i < NOTES_MAX && wire->fd >= 0; i++) {
        struct tg_deploy_note note;
        int fd = -1;
        int err = tg_deploy_link_take(wire->fd, &note, &fd);
        if (err == TG_ERR_INCOMPLETE) {
            return;
        }
        if (err == TG_OK) {
            hand_over(wire, &note, fd);
        } else if (err == TG_ERR_SYNTAX) {
            TG_LOG_ERROR("the deployer's message can't be read", "error=\"%s\"", tg_err_text(err));
        } else {
            shut(&wire->fd); /* it has ended, and is replaced */
        }
    }
}

static void ask(struct tg_deploy_wire *wire)
{
    struct tg_deploy_note note = {.kind = TG_DEPLOY_SCAN, .sequence = wire->scans};

    if (wire->fd >= 0 && wire->sent < wire->scans &&
        tg_deploy_link_send(wire->fd, &note, -1) == TG_OK) {
        wire->sent = wire->scans;
    }
}

void tg_deploy_wire_step(struct tg_deploy_wire *wire)
{
    take(wire);
    ask(wire);
}
