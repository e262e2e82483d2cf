/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static uint64_t own_cpu_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000U + (uint64_t)used.tv_nsec;
}

bool tg_window_open(struct tg_window *window, const struct tg_process_list *servers, uint64_t count)
{
    if (!tg_process_list_cpu(servers, &window->server_cpu_ns)) {
        fputs("wsload: the CPU time of a server can't be read\n", stderr);
        return false;
    }
    window->count = count;
    window->own_cpu_ns = own_cpu_ns();
    window->start_ns = tg_swarm_now();
    return true;
}

bool tg_window_close(struct tg_window *window, const struct tg_process_list *servers,
                     uint64_t count)
{
    uint64_t server_cpu_ns = 0;

    window->length_ns = tg_swarm_now() - window->start_ns;
    window->own_cpu_ns = own_cpu_ns() - window->own_cpu_ns;
    if (!tg_process_list_cpu(servers, &server_cpu_ns)) {
        fputs("wsload: the CPU time of a server can't be read\n", stderr);
        return false;
    }
    window->server_cpu_ns = server_cpu_ns - window->server_cpu_ns;
    window->count = count - window->count;
    if (window->count == 0) {
        fputs("wsload: nothing happened while it was measured\n", stderr);
        return false;
    }
    return true;
}

void tg_window_print(const struct tg_window *window)
{
    double length = (double)window->length_ns;
    double count = (double)window->count;

    printf("\"rate\":%.1f,\"count\":%" PRIu64 ",\"seconds\":%.3f,", count * 1e9 / length,
           window->count, length / 1e9);
    printf("\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,",
           tg_histogram_percentile(&window->latency, 50) / 1e3,
           tg_histogram_percentile(&window->latency, 99) / 1e3,
           tg_histogram_percentile(&window->latency, 99.9) / 1e3,
           (double)window->latency.max_ns / 1e3);
    printf("\"cpu_us_per\":%.4f,\"server_busy\":%.3f,\"generator_busy\":%.3f",
           (double)window->server_cpu_ns / 1e3 / count, (double)window->server_cpu_ns / length,
           (double)window->own_cpu_ns / length);
}
