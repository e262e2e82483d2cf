/* SPDX-License-Identifier: MIT */
#include "net/lws_log.h"

#include <libwebsockets.h>

#include "base/clock.h"
#include "base/log.h"

static const char LOG_MODULE[] = "libwebsockets";

enum { TEXT_MAX = 256 };

/* A line, with its newline. */
static void on_line(int level, const char *line)
{
    /* Part of the sink: libwebsockets calls a plain function, without a pointer of ours. */
    static struct tg_log_limit limit;
    struct tg_str text = tg_str_of(line);
    uint64_t suppressed;
    char quoted[TEXT_MAX];

    (void)level;
    if (!tg_log_limit_pass(&limit, tg_clock_mono_ms(tg_clock_system()), &suppressed)) {
        return;
    }
    if (text.length > 0 && text.at[text.length - 1] == '\n') {
        text.length--;
    }
    TG_LOG_WARN("the library complains", "text=%s suppressed=%llu",
                tg_log_quote(quoted, sizeof(quoted), text), (unsigned long long)suppressed);
}

void tg_lws_log_start(void)
{
    lws_set_log_level(LLL_ERR | LLL_WARN, on_line);
}
