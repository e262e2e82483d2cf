/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"

enum { LINE_BYTES = 4096 /* PIPE_BUF: lines of several processes don't mix */, PROCESS_BYTES = 32 };

static struct {
    enum tg_log_level level;
    char process[PROCESS_BYTES];
    tg_log_sink_fn sink;
    void *self;
    unsigned long lost; /* lines that standard error had no room for */
} state = {.level = TG_LOG_LEVEL_INFO, .process = "tidegate"};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void tg_log_set_sink(tg_log_sink_fn sink, void *self)
{
    state.sink = sink;
    state.self = self;
}

void tg_log_set_level(enum tg_log_level level)
{
    state.level = level;
}

bool tg_log_is_on(enum tg_log_level level)
{
    return level <= state.level;
}

void tg_log_set_process(const char *name)
{
    (void)snprintf(state.process, sizeof(state.process), "%s", name);
}

int tg_log_level_parse(struct tg_str text, enum tg_log_level *level)
{
    for (int i = 0; i <= (int)TG_LOG_LEVEL_DEBUG; i++) {
        if (tg_str_is(text, tg_str_of(level_names[i]))) {
            *level = (enum tg_log_level)i;
            return TG_OK;
        }
    }
    return TG_ERR_INVALID;
}

static size_t write_head(char *line, size_t size, enum tg_log_level level, const char *module)
{
    struct timespec now;
    struct tm utc;
    char stamp[32];

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    int length = snprintf(line, size, "%s.%03ldZ %s %s %s ", stamp, now.tv_nsec / 1000000,
                          level_names[level], state.process, module);
    return length > 0 ? (size_t)length : 0;
}

/* One write per line, and none that would wait: who reads the log may have stopped reading, and a
 * lost line is better than a worker that stands still. A failed write has no one to be told to. */
static bool put_line(const char *line, size_t length)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&out, 1, 0) != 1 || !(out.revents & (POLLOUT | POLLERR))) {
        return false;
    }
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written;
    return true;
}

static void put(const char *line, size_t length)
{
    char told[256];

    if (state.lost > 0) {
        size_t head = write_head(told, sizeof(told), TG_LOG_LEVEL_WARN, "log");
        int rest = snprintf(told + head, sizeof(told) - head, "lost=%lu \"log lines were lost\"\n",
                            state.lost);
        if (!put_line(told, head + (rest > 0 ? (size_t)rest : 0))) {
            state.lost++;
            return;
        }
        state.lost = 0;
    }
    if (!put_line(line, length)) {
        state.lost++;
    }
}

void tg_log_write(enum tg_log_level level, const char *module, const char *message,
                  const char *format, ...)
{
    char line[LINE_BYTES];
    size_t length = write_head(line, sizeof(line), level, module);
    /* The message is kept whole: keys are cut before it is. */
    size_t tail = strlen(message) + 4;
    va_list args;

    va_start(args, format);
    /* A known false finding of this analyzer. NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
     */
    int keys = vsnprintf(line + length, sizeof(line) - length - tail, format, args);
    va_end(args);
    if (keys > 0) {
        size_t room = sizeof(line) - length - tail - 1;
        length += (size_t)keys < room ? (size_t)keys : room;
        line[length++] = ' ';
    }
    int rest = snprintf(line + length, sizeof(line) - length, "\"%s\"\n", message);
    length += rest > 0 ? (size_t)rest : 0;
    if (state.sink) {
        state.sink(state.self, level, tg_str(line, length - 1));
        return;
    }
    put(line, length);
}

static bool is_plain(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char octet = (unsigned char)text.at[i];
        if (octet <= ' ' || octet >= 0x7f || octet == '"' || octet == '\\' || octet == '=') {
            return false;
        }
    }
    return text.length > 0;
}

static size_t escape(char out[5], unsigned char octet)
{
    if (octet == '"' || octet == '\\') {
        out[0] = '\\';
        out[1] = (char)octet;
        return 2;
    }
    if (octet < ' ' || octet >= 0x7f) {
        return (size_t)snprintf(out, 5, "\\x%02x", octet);
    }
    out[0] = (char)octet;
    return 1;
}

const char *tg_log_quote(char *out, size_t size, struct tg_str text)
{
    static const char cut[] = "...\"";
    size_t length = 0;

    if (is_plain(text) && text.length < size) {
        memcpy(out, text.at, text.length);
        out[text.length] = '\0';
        return out;
    }
    if (size < sizeof(cut) + 1) {
        out[0] = '\0';
        return out;
    }
    out[length++] = '"';
    for (size_t i = 0; i < text.length; i++) {
        char piece[5];
        size_t part = escape(piece, (unsigned char)text.at[i]);
        if (length + part + sizeof(cut) > size) {
            memcpy(out + length, cut, sizeof(cut));
            return out;
        }
        memcpy(out + length, piece, part);
        length += part;
    }
    out[length++] = '"';
    out[length] = '\0';
    return out;
}

bool tg_log_limit_pass(struct tg_log_limit *limit, uint64_t now_ms, uint64_t *suppressed)
{
    if (limit->has_told && now_ms - limit->told_at_ms < 1000) {
        limit->suppressed++;
        return false;
    }
    *suppressed = limit->suppressed;
    *limit = (struct tg_log_limit){.told_at_ms = now_ms, .has_told = true};
    return true;
}
