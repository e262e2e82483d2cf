/* SPDX-License-Identifier: MIT */
/* Connections that say nothing but the pong that a ping asks for: what they cost in memory and CPU.
 * Each server's resident octets are read before the first connection, when all are open and
 * settled, and at the end. */
#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SETTLE_S = 2 };

enum moment { BEFORE, OPENED, END, MOMENTS };

struct idle {
    const struct tg_load_options *options;
    struct tg_swarm swarm;
    uint64_t rss[MOMENTS][TG_PROCESS_LIST_MAX]; /* octets */
};

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

static bool on_text(void *self, struct tg_client *client, const char *text, size_t len,
                    uint64_t now_ns)
{
    struct idle *idle = self;

    (void)now_ns;
    return tg_swarm_fault(&idle->swarm, "client %u: nobody asked for: %.*s", client->index,
                          (int)(len < 200 ? len : 200), text);
}

static bool read_rss(struct idle *idle, enum moment moment)
{
    const struct tg_process_list *servers = &idle->options->servers;

    for (size_t i = 0; i < servers->count; i++) {
        if (!tg_process_list_rss(servers->pids[i], &idle->rss[moment][i])) {
            return tg_swarm_fault(&idle->swarm, "the memory of process %d can't be read",
                                  (int)servers->pids[i]);
        }
    }
    return true;
}

static bool hold(struct idle *idle, double seconds)
{
    uint64_t until_ns = tg_swarm_now() + tg_load_ns(seconds);

    while (tg_swarm_now() < until_ns) {
        if (!tg_swarm_turn(&idle->swarm, 10)) {
            return false;
        }
    }
    return true;
}

static void print_result(const struct idle *idle, double open_seconds, double cpu_ms_per_second)
{
    const struct tg_process_list *servers = &idle->options->servers;

    printf("{\"load\":\"idle\",\"connections\":%zu,\"open_seconds\":%.3f,\"pings\":%" PRIu64
           ",\"cpu_ms_per_second\":%.3f,\"servers\":[",
           idle->options->connections, open_seconds, idle->swarm.pings, cpu_ms_per_second);
    for (size_t i = 0; i < servers->count; i++) {
        printf("%s{\"pid\":%d,\"rss_before\":%" PRIu64 ",\"rss_open\":%" PRIu64
               ",\"rss_end\":%" PRIu64 "}",
               i == 0 ? "" : ",", (int)servers->pids[i], idle->rss[BEFORE][i], idle->rss[OPENED][i],
               idle->rss[END][i]);
    }
    puts("]}");
}

static bool run(struct idle *idle)
{
    const struct tg_load_options *options = idle->options;
    uint64_t cpu_start_ns = 0;
    uint64_t cpu_end_ns = 0;

    if (!read_rss(idle, BEFORE)) {
        return false;
    }
    uint64_t start_ns = tg_swarm_now();
    if (!tg_swarm_open_all(&idle->swarm, options->at_once, start_ns + tg_load_ns(TG_LOAD_OPEN_S))) {
        return false;
    }
    double open_seconds = (double)(tg_swarm_now() - start_ns) / 1e9;
    if (!hold(idle, SETTLE_S) || !read_rss(idle, OPENED) ||
        !tg_process_list_cpu(&options->servers, &cpu_start_ns) || !hold(idle, options->seconds) ||
        !tg_process_list_cpu(&options->servers, &cpu_end_ns) || !read_rss(idle, END) ||
        !tg_swarm_close_all(&idle->swarm, tg_swarm_now() + tg_load_ns(TG_LOAD_STALL_S))) {
        return false;
    }
    print_result(idle, open_seconds, (double)(cpu_end_ns - cpu_start_ns) / 1e6 / options->seconds);
    return true;
}

bool tg_load_idle(const struct tg_load_options *options)
{
    struct idle *idle = calloc(1, sizeof *idle);
    if (idle == NULL) {
        fputs("wsload: out of memory\n", stderr);
        return false;
    }
    idle->options = options;
    struct tg_swarm_handler handler = {
        .self = idle, .on_open = on_open, .on_text = on_text, .on_end = on_end};
    if (!tg_swarm_init(&idle->swarm, options->port, options->path, options->connections, handler)) {
        fputs("wsload: memory or descriptors are short\n", stderr);
        free(idle);
        return false;
    }
    bool is_good = run(idle);
    tg_swarm_fini(&idle->swarm);
    free(idle);
    return is_good;
}
