/* SPDX-License-Identifier: MIT */
/* A WebSocket load generator: one thread, one epoll loop, loopback only. It prints one line of
 * JSON, or says what was wrong and exits with 1; 2 for a wrong command line. */
#include "load.h"
#include "payload.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char usage[] =
    "usage: wsload echo|broadcast|open|idle|numbered --port N [options]\n"
    "  --path PATH           of the gateway (/)\n"
    "  --connections N       echo, idle, numbered: open at once; broadcast: subscribers; open: in "
    "all (100)\n"
    "  --depth N             echo: messages in flight on each connection (1)\n"
    "  --window N            broadcast: broadcasts in flight (1)\n"
    "  --pace N              numbered: messages of each connection in a second (50); broadcast: "
    "broadcasts in a second (as they are delivered)\n"
    "  --slow N              broadcast: so many subscribers never read (0)\n"
    "  --elsewhere           broadcast: only to subscribers of other workers than the publisher's\n"
    "  --at-once N           handshakes in flight (100)\n"
    "  --seconds S           of measuring (2); numbered: or until SIGTERM\n"
    "  --warm-up S           before measuring (0.5); numbered: the baseline\n"
    "  --messages N          echo, broadcast: so many messages in all, without warm-up\n"
    "  --payload N           octets of a message (55)\n"
    "  --event NAME          of a message (echo)\n"
    "  --answer-event NAME   of what comes back (the same)\n"
    "  --join TEXT           broadcast: what a subscriber sends first\n"
    "  --joined-event NAME   broadcast: what then comes back (joined)\n"
    "  --tokens FILE         open: a line per handshake, sent as a bearer token, again from the "
    "first\n"
    "  --pids PID,PID        of the server, whose cost is measured\n";

enum { MOST_CONNECTIONS = 1000000, MOST_IN_FLIGHT = 4096, MOST_SECONDS = 7200, MOST_PACE = 10000 };

static bool read_count(const char *text, uint64_t most, uint64_t *count)
{
    char *end = NULL;
    errno = 0;
    *count = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *count >= 1 &&
           *count <= most;
}

static bool read_size(const char *text, uint64_t most, size_t *size)
{
    uint64_t count = 0;
    bool is_good = read_count(text, most, &count);
    *size = (size_t)count;
    return is_good;
}

static bool read_seconds(const char *text, double *seconds)
{
    char *end = NULL;
    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*seconds) && *seconds >= 0 &&
           *seconds <= MOST_SECONDS;
}

static bool set_option(struct tg_load_options *options, int option, const char *text)
{
    uint64_t count = 0;

    switch (option) {
    case 'p':
        if (!read_count(text, UINT16_MAX, &count)) {
            return false;
        }
        options->port = (uint16_t)count;
        return true;
    case 'u':
        options->path = text;
        return text[0] == '/';
    case 'c':
        return read_size(text, MOST_CONNECTIONS, &options->connections);
    case 'd':
        return read_size(text, MOST_IN_FLIGHT, &options->depth);
    case 'S':
        return read_size(text, MOST_CONNECTIONS, &options->slow);
    case 'L':
        options->is_elsewhere = true;
        return true;
    case 'W':
        return read_size(text, MOST_IN_FLIGHT, &options->window);
    case 'n':
        return read_count(text, MOST_PACE, &options->pace);
    case 'a':
        return read_size(text, MOST_CONNECTIONS, &options->at_once);
    case 't':
        return read_seconds(text, &options->seconds) && options->seconds > 0;
    case 'w':
        return read_seconds(text, &options->warm_up);
    case 'm':
        return read_count(text, UINT32_MAX, &options->messages);
    case 's':
        return read_size(text, TG_PAYLOAD_OCTETS_MAX, &options->payload);
    case 'e':
        options->event = text;
        return true;
    case 'E':
        options->answer_event = text;
        return true;
    case 'j':
        options->join = text;
        return true;
    case 'J':
        options->joined_event = text;
        return true;
    case 'T':
        return tg_token_list_read(options->tokens, text);
    case 'P':
        return tg_process_list_parse(&options->servers, text);
    default:
        return false;
    }
}

static bool read_options(struct tg_load_options *options, struct tg_token_list *tokens, int argc,
                         char **argv)
{
    static const struct option table[] = {
        {"port", required_argument, NULL, 'p'},         {"path", required_argument, NULL, 'u'},
        {"connections", required_argument, NULL, 'c'},  {"depth", required_argument, NULL, 'd'},
        {"slow", required_argument, NULL, 'S'},         {"elsewhere", no_argument, NULL, 'L'},
        {"window", required_argument, NULL, 'W'},       {"pace", required_argument, NULL, 'n'},
        {"at-once", required_argument, NULL, 'a'},      {"seconds", required_argument, NULL, 't'},
        {"warm-up", required_argument, NULL, 'w'},      {"messages", required_argument, NULL, 'm'},
        {"payload", required_argument, NULL, 's'},      {"event", required_argument, NULL, 'e'},
        {"answer-event", required_argument, NULL, 'E'}, {"join", required_argument, NULL, 'j'},
        {"joined-event", required_argument, NULL, 'J'}, {"tokens", required_argument, NULL, 'T'},
        {"pids", required_argument, NULL, 'P'},         {NULL, 0, NULL, 0}};
    int option;

    *options = (struct tg_load_options){.tokens = tokens,
                                        .path = "/",
                                        .connections = 100,
                                        .depth = 1,
                                        .window = 1,
                                        .at_once = 100,
                                        .seconds = 2,
                                        .warm_up = 0.5,
                                        .payload = 55,
                                        .event = "echo",
                                        .join = "{\"event\":\"join\",\"data\":{}}",
                                        .joined_event = "joined"};
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (!set_option(options, option, optarg)) {
            if (option != '?') {
                fprintf(stderr, "wsload: a bad value: %s\n", optarg);
            }
            return false;
        }
    }
    if (options->answer_event == NULL) {
        options->answer_event = options->event;
    }
    /* Who is elsewhere is known too late for choosing the slow ones. */
    bool is_slow_sound =
        options->slow == 0 || (options->slow < options->connections && !options->is_elsewhere);
    return options->port != 0 && optind + 1 == argc && is_slow_sound;
}

static bool raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return false;
    }
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        bool (*run)(const struct tg_load_options *options);
    } loads[] = {{"echo", tg_load_echo},
                 {"broadcast", tg_load_broadcast},
                 {"open", tg_load_open},
                 {"idle", tg_load_idle},
                 {"numbered", tg_load_numbered}};
    struct tg_load_options options;
    struct tg_token_list tokens = {0};

    if (!read_options(&options, &tokens, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    if (!raise_descriptor_limit()) {
        perror("wsload: RLIMIT_NOFILE");
        return 1;
    }
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        if (strcmp(argv[optind], loads[i].name) == 0) {
            bool is_good = loads[i].run(&options);
            tg_token_list_fini(&tokens);
            return is_good ? 0 : 1;
        }
    }
    fputs(usage, stderr);
    return 2;
}
