/* SPDX-License-Identifier: MIT */
/* Out: tg_mailbox_put queues, tg_mailbox_flush writes; what the kernel refuses leaves when the
 * descriptor is writable.
 * In: the descriptor is readable; what is there is read, up to a turn's share, and whole mails are
 * handed over. What the share or on_mail leaves for later is taken up by a timer: it needs no new
 * octets, and the loop tells of a descriptor that has failed only once.
 * The end is always found by reading, so that what a peer wrote before it died is handed over
 * first: a failed write only makes the mailbox mute. */
#include "core/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/check.h"

enum {
    CHUNK = 64 << 10, /* read at once; the room for parts of larger mails comes and goes */
    FIRST_CAPACITY = 16,
    BATCH = 64 /* mails per write */
};

struct tg_mailbox {
    struct tg_loop *loop;
    struct tg_watch *watch;
    int fd;
    int (*on_mail)(void *self, const struct tg_mail_view *mail);
    void (*on_end)(void *self, int err);
    void *self;

    /* out */
    struct tg_mail **ring;
    uint32_t capacity; /* a power of two */
    uint32_t first;
    uint32_t count;
    uint32_t offset;   /* octets of the first mail that have left */
    uint32_t mails[2]; /* waiting, data and control; a mail waits until all of it has left */
    size_t octets[2];  /* likewise */
    bool wants_write;  /* the kernel has refused; it will tell */
    bool is_mute;      /* a write has failed: the peer is gone */

    /* in */
    char *inbox; /* begins with a mail's head */
    size_t inbox_length;
    size_t inbox_capacity;
    size_t wanted; /* octets of the mail that inbox begins with, as far as known */
    struct tg_timer retry;
    bool is_held;    /* there is more, for the next turn */
    bool is_resting; /* memory was short: the descriptor is not watched for reading */
    int end_err;
};

enum progress {
    GO_ON,
    WAIT,  /* for the descriptor */
    LATER, /* in the next turn */
    REST,  /* until memory may be there again */
    END    /* with end_err */
};

/* --- out --- */

static struct tg_mail *mail_at(const struct tg_mailbox *mailbox, uint32_t i)
{
    return mailbox->ring[(mailbox->first + i) & (mailbox->capacity - 1)];
}

static int grow_ring(struct tg_mailbox *mailbox)
{
    uint32_t capacity = mailbox->capacity ? mailbox->capacity * 2 : FIRST_CAPACITY;
    struct tg_mail **ring = malloc(capacity * sizeof(struct tg_mail *));

    if (!ring) {
        return TG_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < mailbox->count; i++) {
        ring[i] = mail_at(mailbox, i);
    }
    free(mailbox->ring);
    mailbox->ring = ring;
    mailbox->capacity = capacity;
    mailbox->first = 0;
    return TG_OK;
}

int tg_mailbox_reserve(struct tg_mailbox *mailbox, const struct tg_mail *mail)
{
    bool is_control = tg_mail_is_control(mail);
    size_t bound = is_control ? TG_MAILBOX_CONTROL_BYTES : TG_MAILBOX_DATA_BYTES;

    if (mailbox->is_mute) {
        return TG_ERR_CLOSED;
    }
    if (mail->length > bound || mailbox->octets[is_control] > bound - mail->length ||
        mailbox->mails[is_control] >= TG_MAILBOX_MAILS) {
        return TG_ERR_FULL;
    }
    return mailbox->count < mailbox->capacity ? TG_OK : grow_ring(mailbox);
}

void tg_mailbox_put(struct tg_mailbox *mailbox, struct tg_mail *mail)
{
    bool is_control = tg_mail_is_control(mail);

    tg_require(mailbox->count < mailbox->capacity);
    mailbox->ring[(mailbox->first + mailbox->count) & (mailbox->capacity - 1)] = tg_mail_ref(mail);
    mailbox->count++;
    mailbox->mails[is_control]++;
    mailbox->octets[is_control] += mail->length;
}

/* The first mail has left, or never will. An empty ring costs nothing. */
static void drop_first(struct tg_mailbox *mailbox)
{
    struct tg_mail *mail = mail_at(mailbox, 0);
    bool is_control = tg_mail_is_control(mail);

    mailbox->first = (mailbox->first + 1) & (mailbox->capacity - 1);
    mailbox->count--;
    mailbox->mails[is_control]--;
    mailbox->octets[is_control] -= mail->length;
    mailbox->offset = 0;
    tg_mail_unref(mail);
    if (mailbox->count == 0) {
        free(mailbox->ring);
        mailbox->ring = NULL;
        mailbox->capacity = 0;
        mailbox->first = 0;
    }
}

static void drop_all(struct tg_mailbox *mailbox)
{
    while (mailbox->count > 0) {
        drop_first(mailbox);
    }
}

/* Appends what comes after the skipped octets; returns how many that are. */
static size_t add_part(struct iovec *vec, int *used, const uint8_t *octets, size_t length,
                       size_t *skip)
{
    size_t skipped = *skip < length ? *skip : length;

    *skip -= skipped;
    if (skipped < length) {
        /* writev's view is not const, though it only reads. */
        vec[(*used)++] = (struct iovec){(void *)(uintptr_t)(octets + skipped), length - skipped};
    }
    return length - skipped;
}

/* The next mails as octets to write; returns how many octets. */
static size_t gather(const struct tg_mailbox *mailbox, struct iovec vec[2 * BATCH], int *used)
{
    size_t skip = mailbox->offset;
    size_t length = 0;

    *used = 0;
    for (uint32_t i = 0; i < BATCH && i < mailbox->count; i++) {
        const struct tg_mail *mail = mail_at(mailbox, i);
        length += add_part(vec, used, mail->head, mail->head_length, &skip);
        if (mail->frame) {
            length += add_part(vec, used, tg_frame_payload(mail->frame),
                               tg_frame_payload_length(mail->frame), &skip);
        }
    }
    return length;
}

static void advance(struct tg_mailbox *mailbox, size_t written)
{
    while (written > 0 && mailbox->count > 0) {
        size_t rest = mail_at(mailbox, 0)->length - mailbox->offset;
        if (written < rest) {
            mailbox->offset += (uint32_t)written;
            return;
        }
        written -= rest;
        drop_first(mailbox);
    }
}

static bool is_refusal(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS ||
           error == ENOMEM;
}

/* Returns true when the kernel has taken all. */
static bool write_out(struct tg_mailbox *mailbox)
{
    struct iovec vec[2 * BATCH];

    while (mailbox->count > 0) {
        int used;
        size_t length = gather(mailbox, vec, &used);
        struct msghdr message = {.msg_iov = vec, .msg_iovlen = (size_t)used};
        ssize_t written = sendmsg(mailbox->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written < 0 && !is_refusal(errno)) {
            mailbox->is_mute = true;
            drop_all(mailbox);
            return true;
        }
        if (written > 0) {
            advance(mailbox, (size_t)written);
        }
        if (written < 0 || (size_t)written < length) {
            return false;
        }
    }
    return true;
}

/* The kernel takes octets again. */
static void on_writable(void *self)
{
    struct tg_mailbox *mailbox = self;

    if (write_out(mailbox)) {
        mailbox->wants_write = false;
        tg_watch_want_write(mailbox->watch, NULL);
    }
}

void tg_mailbox_flush(struct tg_mailbox *mailbox)
{
    if (mailbox->is_held) {
        /* A timer that is set at the end of a turn is called in the next. */
        struct tg_wheel *wheel = tg_loop_wheel(mailbox->loop);
        mailbox->is_held = false;
        tg_timer_set(wheel, &mailbox->retry, wheel->now_ms);
    }
    if (mailbox->wants_write || mailbox->count == 0) {
        return;
    }
    if (!write_out(mailbox)) {
        mailbox->wants_write = true;
        tg_watch_want_write(mailbox->watch, on_writable);
    }
}

size_t tg_mailbox_waiting(const struct tg_mailbox *mailbox, bool is_control)
{
    return mailbox->octets[is_control];
}

/* --- in --- */

/* Gives up the room for a large mail when it is needed no more. */
static void shrink_inbox(struct tg_mailbox *mailbox)
{
    if (mailbox->inbox_capacity > CHUNK && mailbox->wanted <= CHUNK &&
        mailbox->inbox_length <= CHUNK) {
        char *shrunk = realloc(mailbox->inbox, CHUNK);
        if (shrunk) {
            mailbox->inbox = shrunk;
            mailbox->inbox_capacity = CHUNK;
        }
    }
}

static enum progress judge_mail_error(struct tg_mailbox *mailbox, int err)
{
    mailbox->end_err = err;
    return err == TG_ERR_FULL ? LATER : err == TG_ERR_NOMEM ? REST : END;
}

/* Hands over the whole mails in the inbox and moves the rest to its beginning. */
static enum progress hand_over(struct tg_mailbox *mailbox)
{
    enum progress progress = GO_ON;
    size_t used = 0;

    for (;;) {
        struct tg_mail_view view;
        int err = tg_mail_read(tg_str(mailbox->inbox + used, mailbox->inbox_length - used), &view);
        mailbox->wanted = view.length;
        if (err == TG_ERR_INCOMPLETE) {
            break;
        }
        if (!err) {
            err = mailbox->on_mail(mailbox->self, &view);
        }
        if (err) {
            progress = judge_mail_error(mailbox, err);
            break;
        }
        used += view.length;
    }
    mailbox->inbox_length -= used;
    if (used > 0 && mailbox->inbox_length > 0) {
        memmove(mailbox->inbox, mailbox->inbox + used, mailbox->inbox_length);
    }
    shrink_inbox(mailbox);
    return progress;
}

/* Room for the whole of the mail that the inbox begins with. */
static bool make_room(struct tg_mailbox *mailbox)
{
    if (mailbox->wanted <= mailbox->inbox_capacity) {
        return true;
    }
    char *grown = realloc(mailbox->inbox, mailbox->wanted);
    if (!grown) {
        return false;
    }
    mailbox->inbox = grown;
    mailbox->inbox_capacity = mailbox->wanted;
    return true;
}

static enum progress judge_read_error(struct tg_mailbox *mailbox, int error)
{
    if (error == EINTR) {
        return GO_ON;
    }
    if (error == EAGAIN || error == EWOULDBLOCK) {
        return WAIT;
    }
    if (error == ENOMEM || error == ENOBUFS) {
        return REST;
    }
    /* Reset: the peer died with mail of ours unread. Told when all that it wrote has been read. */
    mailbox->end_err = error == ECONNRESET ? TG_ERR_CLOSED : TG_ERR_IO;
    return END;
}

static enum progress read_some(struct tg_mailbox *mailbox, size_t *share)
{
    if (!make_room(mailbox)) {
        return REST;
    }
    size_t room = mailbox->inbox_capacity - mailbox->inbox_length;
    if (room > *share) {
        room = *share;
    }
    ssize_t got = recv(mailbox->fd, mailbox->inbox + mailbox->inbox_length, room, MSG_DONTWAIT);
    if (got < 0) {
        return judge_read_error(mailbox, errno);
    }
    if (got == 0) {
        mailbox->end_err = TG_ERR_CLOSED;
        return END;
    }
    mailbox->inbox_length += (size_t)got;
    *share -= (size_t)got;
    return hand_over(mailbox);
}

static void end(struct tg_mailbox *mailbox)
{
    tg_watch_stop(mailbox->watch);
    mailbox->watch = NULL;
    mailbox->is_mute = true;
    drop_all(mailbox);
    mailbox->on_end(mailbox->self, mailbox->end_err);
}

static void pump(struct tg_mailbox *mailbox)
{
    struct tg_wheel *wheel = tg_loop_wheel(mailbox->loop);
    size_t share = TG_MAILBOX_TURN_BYTES;

    tg_timer_cancel(wheel, &mailbox->retry);
    enum progress progress = hand_over(mailbox);
    while (progress == GO_ON && share > 0) {
        progress = read_some(mailbox, &share);
    }
    mailbox->is_held = progress == GO_ON || progress == LATER;
    if (progress == REST) {
        mailbox->is_resting = true;
        tg_watch_pause(mailbox->watch, true);
        tg_timer_set(wheel, &mailbox->retry, wheel->now_ms + TG_MAILBOX_RETRY_MS);
    } else if (progress == END) {
        end(mailbox);
    }
}

/* The descriptor is readable, or has ended. */
static void on_readable(void *self)
{
    pump(self);
}

/* A turn has passed, or the time after which memory may be there again. */
static void on_retry(struct tg_timer *timer)
{
    struct tg_mailbox *mailbox = TG_CONTAINER(timer, struct tg_mailbox, retry);

    if (mailbox->is_resting) {
        mailbox->is_resting = false;
        tg_watch_pause(mailbox->watch, false);
    }
    pump(mailbox);
}

/* --- life --- */

struct tg_mailbox *tg_mailbox_create(const struct tg_mailbox_options *options)
{
    struct tg_mailbox *mailbox = calloc(1, sizeof(*mailbox));

    if (!mailbox) {
        return NULL;
    }
    mailbox->loop = options->loop;
    mailbox->fd = options->fd;
    mailbox->on_mail = options->on_mail;
    mailbox->on_end = options->on_end;
    mailbox->self = options->self;
    mailbox->wanted = TG_MAIL_HEAD;
    tg_timer_init(&mailbox->retry, on_retry);
    /* Mails up to this size can come in without further memory. */
    mailbox->inbox = malloc(CHUNK);
    if (!mailbox->inbox) {
        goto err_after_mailbox;
    }
    mailbox->inbox_capacity = CHUNK;
    mailbox->watch = tg_watch_start(options->loop, options->fd, on_readable, mailbox);
    if (!mailbox->watch) {
        goto err_after_inbox;
    }
    return mailbox;

err_after_inbox:
    free(mailbox->inbox);
err_after_mailbox:
    free(mailbox);
    return NULL;
}

void tg_mailbox_destroy(struct tg_mailbox *mailbox)
{
    if (!mailbox) {
        return;
    }
    tg_timer_cancel(tg_loop_wheel(mailbox->loop), &mailbox->retry);
    tg_watch_stop(mailbox->watch);
    drop_all(mailbox);
    (void)close(mailbox->fd);
    free(mailbox->ring); /* reserved, and nothing put */
    free(mailbox->inbox);
    free(mailbox);
}
