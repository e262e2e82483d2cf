/* SPDX-License-Identifier: MIT */
/* Every connection sends at its own even pace, whatever the answers do: message m of all is due at
 * start + m * interval / connections and goes to connection m % connections. What an answer costs
 * is counted from the time its message was due, so that a server that stands still, and a generator
 * that does, are both seen in full. The time before the measuring is the baseline: what the same
 * machine does to the same figures while nothing happens. What the servers (--pids) and the
 * generator waited for a processor meanwhile is told apart: on a machine that others use as well,
 * it is theirs.
 *
 * SIGTERM or SIGINT ends the measuring, as the end of --seconds does; then every answer that is
 * still owed is waited for. */
#include "load.h"
#include "payload.h"
#include "run_queue.h"
#include "sequence.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { NS_PER_S = 1000000000, TURN_MS = 1, NOTABLE_NS = 5000000, PACE = 50 };

/* What the signal handler touches. */
static volatile sig_atomic_t is_told_to_end;

/* One stretch of time. */
struct stretch {
    uint64_t longest_ns; /* from due to answered, of all connections */
    uint64_t longest_at_ns;
    uint64_t own_ns;  /* the longest without what was waited for a processor */
    uint64_t late_ns; /* the longest from due to sent: the generator's own part */
};

struct socket {
    struct tg_sequence sequence;
    uint64_t longest_ns; /* while it was measured */
};

struct numbered {
    const struct tg_load_options *options;
    struct tg_swarm swarm;
    struct tg_payload payload;
    struct tg_window window;
    struct socket *sockets;
    uint64_t start_ns;
    uint64_t interval_ns; /* of one connection */
    uint64_t sent;
    uint64_t answered;
    struct stretch baseline;
    struct stretch measured;
    struct tg_run_queue queue;
    bool is_measuring;
};

static uint64_t pace_of(const struct tg_load_options *options)
{
    return options->pace ? options->pace : PACE;
}

static void on_signal(int number)
{
    (void)number;
    is_told_to_end = 1;
}

static void on_open(void *self, struct tg_client *client)
{
    (void)self;
    (void)client;
}

static void on_end(void *self, struct tg_client *client)
{
    (void)self;
    (void)client;
}

static uint64_t due_ns(const struct numbered *numbered, uint64_t message)
{
    return numbered->start_ns + message * numbered->interval_ns / numbered->swarm.client_count;
}

static struct stretch *stretch_of(struct numbered *numbered, uint64_t due)
{
    bool is_measured = numbered->is_measuring && due >= numbered->window.start_ns;

    return is_measured ? &numbered->measured : &numbered->baseline;
}

/* Of the gap between the two. A short one is counted in full: it isn't the longest. */
static uint64_t own_part(struct numbered *numbered, uint64_t due, uint64_t now_ns)
{
    uint64_t gap_ns = now_ns > due ? now_ns - due : 0;

    if (gap_ns < NOTABLE_NS) {
        return gap_ns;
    }
    tg_run_queue_look(&numbered->queue, now_ns, true);
    uint64_t waited_ns = tg_run_queue_waited(&numbered->queue, due, now_ns);
    return gap_ns > waited_ns ? gap_ns - waited_ns : 0;
}

/* An answer has come; now_ns is the time of the read that brought it. */
static bool on_text(void *self, struct tg_client *client, const char *text, size_t len,
                    uint64_t now_ns)
{
    struct numbered *numbered = self;
    struct socket *one = &numbered->sockets[client->index];
    uint64_t number = 0;

    if (!tg_payload_read_number(text, len, &number) || number >= client->sent ||
        !tg_payload_is_whole(&numbered->payload, text, len)) {
        return tg_swarm_fault(&numbered->swarm, "client %u: no answer to anything: %.*s",
                              client->index, (int)(len < 200 ? len : 200), text);
    }
    (void)tg_sequence_add(&one->sequence, number);
    numbered->answered++;
    uint64_t due = due_ns(numbered, number * numbered->swarm.client_count + client->index);
    struct stretch *stretch = stretch_of(numbered, due);
    uint64_t gap_ns = now_ns > due ? now_ns - due : 0;
    if (gap_ns > stretch->longest_ns) {
        stretch->longest_ns = gap_ns;
        stretch->longest_at_ns = due;
    }
    uint64_t own_ns = own_part(numbered, due, now_ns);
    stretch->own_ns = own_ns > stretch->own_ns ? own_ns : stretch->own_ns;
    if (stretch == &numbered->measured) {
        tg_histogram_add(&numbered->window.latency, gap_ns);
        one->longest_ns = gap_ns > one->longest_ns ? gap_ns : one->longest_ns;
    }
    return true;
}

static bool send_due(struct numbered *numbered)
{
    uint64_t now_ns = tg_swarm_now();

    for (uint64_t due = due_ns(numbered, numbered->sent); due <= now_ns;
         due = due_ns(numbered, numbered->sent)) {
        size_t index = numbered->sent % numbered->swarm.client_count;
        struct tg_client *client = &numbered->swarm.clients[index];
        struct stretch *stretch = stretch_of(numbered, due);
        uint8_t *frame = tg_client_reserve(&numbered->swarm, client, numbered->payload.frame_len);
        if (frame == NULL) {
            return false;
        }
        tg_payload_write(&numbered->payload, client->sent, frame);
        client->sent++;
        numbered->sent++;
        if (!tg_client_flush(&numbered->swarm, client)) {
            return false;
        }
        stretch->late_ns = now_ns - due > stretch->late_ns ? now_ns - due : stretch->late_ns;
    }
    return true;
}

/* Sends until then, or until it is told to end while it measures. */
static bool run_until(struct numbered *numbered, uint64_t until_ns)
{
    while (tg_swarm_now() < until_ns && !(numbered->is_measuring && is_told_to_end)) {
        tg_run_queue_look(&numbered->queue, tg_swarm_now(), false);
        if (!send_due(numbered) || !tg_swarm_turn(&numbered->swarm, TURN_MS)) {
            return false;
        }
    }
    return true;
}

static bool wait_for_answers(struct numbered *numbered)
{
    uint64_t seen = numbered->answered;
    uint64_t seen_ns = tg_swarm_now();

    while (numbered->answered < numbered->sent) {
        if (!tg_swarm_turn(&numbered->swarm, TURN_MS)) {
            return false;
        }
        uint64_t now_ns = tg_swarm_now();
        if (numbered->answered != seen) {
            seen = numbered->answered;
            seen_ns = now_ns;
        } else if (now_ns - seen_ns > tg_load_ns(TG_LOAD_STALL_S)) {
            return true; /* what is missing is counted */
        }
    }
    /* One that is given twice would come now. */
    return tg_swarm_turn(&numbered->swarm, TURN_MS * 100);
}

static bool judge(struct numbered *numbered)
{
    uint64_t lost = 0;
    uint64_t doubled = 0;
    uint64_t reordered = 0;

    for (size_t i = 0; i < numbered->swarm.client_count; i++) {
        const struct tg_sequence *sequence = &numbered->sockets[i].sequence;
        lost += tg_sequence_lost(sequence, numbered->swarm.clients[i].sent);
        doubled += sequence->doubled;
        reordered += sequence->reordered;
    }
    if (lost == 0 && doubled == 0 && reordered == 0) {
        return true;
    }
    return tg_swarm_fault(&numbered->swarm,
                          "of %" PRIu64 " messages %" PRIu64 " lost, %" PRIu64 " doubled, %" PRIu64
                          " reordered",
                          numbered->sent, lost, doubled, reordered);
}

static int compare_longest(const void *left, const void *right)
{
    uint64_t a = ((const struct socket *)left)->longest_ns;
    uint64_t b = ((const struct socket *)right)->longest_ns;

    return a < b ? -1 : a > b;
}

static void print(struct numbered *numbered)
{
    const struct tg_load_options *options = numbered->options;
    size_t count = numbered->swarm.client_count;
    size_t half = count / 2;

    qsort(numbered->sockets, count, sizeof *numbered->sockets, compare_longest);
    printf("{\"load\":\"numbered\",\"connections\":%zu,\"pace\":%" PRIu64 ",\"sent\":%" PRIu64 ",",
           count, pace_of(options), numbered->sent);
    printf("\"longest_us\":%.1f,\"longest_at_s\":%.3f,\"longest_of_half_us\":%.1f,"
           "\"own_late_us\":%.1f,",
           (double)numbered->measured.longest_ns / 1e3,
           (double)(numbered->measured.longest_at_ns - numbered->window.start_ns) / 1e9,
           (double)numbered->sockets[half].longest_ns / 1e3,
           (double)numbered->measured.late_ns / 1e3);
    printf("\"longest_own_us\":%.1f,\"baseline_longest_own_us\":%.1f,",
           (double)numbered->measured.own_ns / 1e3, (double)numbered->baseline.own_ns / 1e3);
    printf("\"baseline_longest_us\":%.1f,\"baseline_own_late_us\":%.1f,",
           (double)numbered->baseline.longest_ns / 1e3, (double)numbered->baseline.late_ns / 1e3);
    tg_window_print(&numbered->window);
    puts("}");
}

/* Whoever started this program does something to the server from the first line on. */
static bool measure(struct numbered *numbered)
{
    const struct tg_load_options *options = numbered->options;

    numbered->start_ns = tg_swarm_now();
    if (!run_until(numbered, numbered->start_ns + tg_load_ns(options->warm_up)) ||
        !tg_window_open(&numbered->window, &options->servers, numbered->answered)) {
        return false;
    }
    numbered->is_measuring = true;
    puts("{\"load\":\"numbered\",\"is_measuring\":true}");
    fflush(stdout);
    return run_until(numbered, numbered->window.start_ns + tg_load_ns(options->seconds)) &&
           tg_window_close(&numbered->window, &options->servers, numbered->answered) &&
           wait_for_answers(numbered) && judge(numbered);
}

static bool run(struct numbered *numbered)
{
    const struct tg_load_options *options = numbered->options;
    uint64_t until_ns = tg_swarm_now() + tg_load_ns(TG_LOAD_OPEN_S);
    const struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    if (!tg_swarm_open_all(&numbered->swarm, options->at_once, until_ns) || !measure(numbered) ||
        !tg_swarm_close_all(&numbered->swarm, tg_swarm_now() + tg_load_ns(TG_LOAD_STALL_S))) {
        return false;
    }
    print(numbered);
    return true;
}

bool tg_load_numbered(const struct tg_load_options *options)
{
    struct numbered *numbered = calloc(1, sizeof *numbered);
    bool is_good = false;

    if (numbered == NULL) {
        fputs("wsload: out of memory\n", stderr);
        return false;
    }
    numbered->options = options;
    numbered->interval_ns = NS_PER_S / pace_of(options);
    numbered->sockets = calloc(options->connections, sizeof *numbered->sockets);
    if (numbered->sockets == NULL || !tg_payload_init(&numbered->payload, options->event,
                                                      options->answer_event, options->payload)) {
        fputs("wsload: the message doesn't fit its size, or memory is short\n", stderr);
        goto end;
    }
    struct tg_swarm_handler handler = {
        .self = numbered, .on_open = on_open, .on_text = on_text, .on_end = on_end};
    if (!tg_swarm_init(&numbered->swarm, options->port, options->path, options->connections,
                       handler)) {
        fputs("wsload: memory or descriptors are short\n", stderr);
        goto end;
    }
    if (tg_run_queue_init(&numbered->queue, &options->servers)) {
        is_good = run(numbered);
        tg_run_queue_fini(&numbered->queue);
    }
    tg_swarm_fini(&numbered->swarm);
end:
    free(numbered->sockets);
    free(numbered);
    return is_good;
}
