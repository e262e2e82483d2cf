/* SPDX-License-Identifier: MIT */
#include "net/lws_context.h"

#include <errno.h>
#include <stdlib.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include <libwebsockets.h>

#include "base/log.h"

static const char LOG_MODULE[] = "net";

/* In libwebsockets 4.1.6 with libuv's loop not its own: the first turn closes the connections'
 * handles, which makes it close its timer and idle handles, whose callbacks come at the end of the
 * second. One more to be safe. */
enum { TURNS = 4 };

struct ending {
    struct lws_context *context;
    struct tg_watch *watch;
    int fd; /* always readable, so that every turn is told */
    int turns;
};

/* Another turn of the loop. */
static void on_readable(void *self)
{
    struct ending *ending = self;

    if (++ending->turns < TURNS) {
        return;
    }
    lws_context_destroy(ending->context);
    tg_watch_stop(ending->watch);
    (void)close(ending->fd);
    free(ending);
}

static struct ending *prepare(struct tg_loop *loop, struct lws_context *context)
{
    struct ending *ending = calloc(1, sizeof(*ending));

    if (!ending) {
        return NULL;
    }
    ending->context = context;
    ending->fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ending->fd < 0) {
        goto err_after_ending;
    }
    ending->watch = tg_watch_start(loop, ending->fd, on_readable, ending);
    if (!ending->watch) {
        goto err_after_fd;
    }
    return ending;

err_after_fd:
    (void)close(ending->fd);
err_after_ending:
    free(ending);
    return NULL;
}

void tg_lws_context_end(struct tg_loop *loop, struct lws_context *context)
{
    if (!context) {
        return;
    }
    /* First, because libwebsockets closes the descriptor of its event pipe twice: now and a turn
     * later, when the number could be that of a descriptor opened in between. */
    const struct ending *ending = prepare(loop, context);
    lws_context_destroy(context);
    if (!ending) {
        TG_LOG_WARN("libwebsockets is left unfreed, short of memory or descriptors", "errno=%d",
                    errno);
    }
}
