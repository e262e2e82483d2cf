/* SPDX-License-Identifier: MIT */
/* The control socket's serving end: a few short calls at once, none of which can hold up
 * the supervisor. A call is a line (control_request.h), then the answer: a first line "ok"
 * or "error: WHY", the text, the end.
 * Lives in: the supervisor's loop. Owns: the socket, its file, connections. Borrows: the handlers'
 * self. Times are monotonic milliseconds. */
#ifndef TG_CONTROL_H
#define TG_CONTROL_H

#include <stdint.h>

#include "base/err.h"
#include "control_request.h"
#include "control_status.h"

enum {
    TG_CONTROL_CONNECTIONS_MAX = 8,
    TG_CONTROL_DEADLINE_MS = 5000, /* for the line to come, and for the answer to be taken */
    TG_CONTROL_WAIT_MS = 60000,    /* for what was asked to be done */
    TG_CONTROL_ANSWER_MAX = 1 << 20
};

/* What the supervisor does about a request. */
struct tg_control_handlers {
    /* Fills in what stands now; the status is zeroes. */
    void (*on_status)(void *self, struct tg_control_status *status);

    /* A reload, a rollback or a removal is asked for: begins it and says which it is. Or an error
     * with a message, such as TG_ERR_NOT_FOUND: no gateway is called so. */
    int (*on_begin)(void *self, const struct tg_control_request *request, uint64_t *ticket,
                    struct tg_errmsg *msg);

    /* How that stands: TG_ERR_INCOMPLETE until it is done, then 0 or an error with a message. Asked
     * again and again until then, unless whoever asked went away. */
    int (*on_look)(void *self, const struct tg_control_request *request, uint64_t ticket,
                   struct tg_errmsg *msg);
    void *self;
};

struct tg_control; /* opaque; NULL: nobody can ask */

/* Opens the socket as the setting (deploy.socket) says. *control is NULL with TG_OK for "off", and,
 * after a warning, where "auto" found no place. A path that can't be had is an error with a
 * message: TG_ERR_EXISTS, TG_ERR_IO, TG_ERR_DENIED, TG_ERR_TOO_LARGE, TG_ERR_NOMEM. */
int tg_control_start(struct tg_control **control, const char *setting,
                     const struct tg_control_handlers *handlers, struct tg_errmsg *msg);

/* Ends all calls and removes the file. Accepts NULL. */
void tg_control_stop(struct tg_control *control);

/* In a child, just forked: closes everything and leaves the rest to the supervisor. Accepts NULL.
 */
void tg_control_forget(struct tg_control *control);

/* A step is due when this is readable (-1, which poll passes over, for NULL), and at that time.
 * UINT64_MAX: no time. */
int tg_control_fd(const struct tg_control *control);
uint64_t tg_control_due_ms(const struct tg_control *control);

/* Takes, answers and ends what there is; never waits. Accepts NULL. */
void tg_control_step(struct tg_control *control, uint64_t now_ms);

#endif
