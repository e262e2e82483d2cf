/* SPDX-License-Identifier: MIT */
/* The supervisor's end of the socket to the deployer (core/deploy_link.h), over which candidates,
 * faults and removals come, and scans are asked for. It is made anew whenever a deployer is
 * started.
 * Lives in: the supervisor. Owns: the sockets. Borrows: the deploys. */
#ifndef TG_DEPLOY_WIRE_H
#define TG_DEPLOY_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "deploys.h"

struct tg_deploy_wire {
    struct tg_deploys *deploys;
    int fd;         /* -1: no deployer runs */
    int other_end;  /* on its way to the one that is started */
    uint64_t scans; /* that were asked for */
    uint64_t sent;  /* the last of them that this deployer was told of */
};

void tg_deploy_wire_init(struct tg_deploy_wire *wire, struct tg_deploys *deploys);

/* Closes. */
void tg_deploy_wire_fini(struct tg_deploy_wire *wire);

/* Before a deployer is forked. TG_ERR_IO with a message. */
int tg_deploy_wire_open(struct tg_deploy_wire *wire, struct tg_errmsg *msg);

/* After the fork, in the supervisor. */
void tg_deploy_wire_give_away(struct tg_deploy_wire *wire);

/* Asks for a scan, and says which one it is: it has been done, and what came of it is known, when
 * deploys->scanned is not below. */
uint64_t tg_deploy_wire_scan(struct tg_deploy_wire *wire);

/* Hands over what has come, at most so many messages that nothing else has to wait, and sends what
 * is to be sent. */
void tg_deploy_wire_step(struct tg_deploy_wire *wire);

#endif
