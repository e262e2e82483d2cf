/* SPDX-License-Identifier: MIT */
/* What the deployer and the supervisor tell each other, one message each over a SOCK_SEQPACKET
 * socket (core/fd_link.h). A message is its kind (1 octet), then, all numbers being little-endian:
 *   CANDIDATE name, generation; beside it the sealed file (deploy/bundle_file.h)
 *   FAULT     name, generation or none, the fault (core/fault.h)
 *   GONE      name
 *   ROOT      text
 *   SCANNED, SCAN  sequence (8)
 * where a text is a length (2) and octets.
 * Lives in: the supervisor and the deployer. Reader and writer are pure. */
#ifndef TG_CORE_DEPLOY_LINK_H
#define TG_CORE_DEPLOY_LINK_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/bundle.h"
#include "core/fault.h"
#include "core/fd_link.h"

enum tg_deploy_note_kind {
    TG_DEPLOY_CANDIDATE = 1, /* to the supervisor: this content is sound, it may go live */
    TG_DEPLOY_FAULT,         /* to it: the folder's content is bad; an empty text: no longer */
    TG_DEPLOY_GONE,          /* to it: the folder was away for deploy.remove_after */
    TG_DEPLOY_ROOT,          /* to it: what is wrong with the root; an empty text: nothing */
    TG_DEPLOY_SCANNED,       /* to it: all that stood in the root at that SCAN has been told */
    TG_DEPLOY_SCAN           /* to the deployer: look now, and judge anew what isn't live */
};

enum { TG_DEPLOY_LINK_BYTES = TG_FD_LINK_BYTES_MAX };

struct tg_deploy_note {
    enum tg_deploy_note_kind kind;
    uint64_t sequence;
    /* The gateway's. Of a FAULT it may be the folder's that no gateway can have: cut, and with what
     * is no UTF-8 escaped (core/fault.h). */
    char name[64];
    char generation[sizeof(((struct tg_bundle *)0)->generation)]; /* "": unknown */
    struct tg_fault fault;                                        /* FAULT */
    char text[TG_FAULT_TEXT_BYTES];                               /* ROOT */
};

/* Reads a whole message, whose fields are then within their bounds and of their kind: a name of
 * [a-z0-9_-] but for a FAULT, 12 hex digits, clean texts. Fields that the kind lacks are zero.
 * TG_ERR_SYNTAX with nothing changed. */
int tg_deploy_link_read(struct tg_str octets, struct tg_deploy_note *note);

/* Writes it; gives the length. 0: it could not be read again. */
size_t tg_deploy_link_write(const struct tg_deploy_note *note, char out[TG_DEPLOY_LINK_BYTES]);

/* Sends it, with fd if it is a CANDIDATE, else with none; fd stays the caller's. TG_ERR_FULL
 * (later), TG_ERR_CLOSED, TG_ERR_INVALID, TG_ERR_IO. */
int tg_deploy_link_send(int control, const struct tg_deploy_note *note, int fd);

/* Takes the next one; *fd is the caller's then, -1 but for a CANDIDATE. TG_ERR_INCOMPLETE: nothing
 * is there. TG_ERR_CLOSED. TG_ERR_SYNTAX: a message that is none, or a CANDIDATE without its file,
 * or a file with anything else, is dropped. TG_ERR_IO. */
int tg_deploy_link_take(int control, struct tg_deploy_note *note, int *fd);

#endif
