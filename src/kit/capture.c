/* SPDX-License-Identifier: MIT */
#include "kit/capture.h"

void tg_capture_init(struct tg_capture *capture)
{
    *capture = (struct tg_capture){.lost = 0};
    tg_buf_init(&capture->lines, TG_CAPTURE_BYTES);
}

void tg_capture_fini(struct tg_capture *capture)
{
    tg_buf_fini(&capture->lines);
}

/* Somebody has logged. */
static void on_line(void *self, enum tg_log_level level, struct tg_str line)
{
    struct tg_capture *capture = self;
    size_t before = capture->lines.length;

    (void)level;
    (void)tg_str_split(&line, ' '); /* the time */
    tg_buf_add_str(&capture->lines, line);
    tg_buf_add_char(&capture->lines, '\n');
    if (capture->lines.err) {
        capture->lines.length = before;
        capture->lines.err = 0;
        capture->lost++;
    }
}

void tg_capture_start(struct tg_capture *capture, enum tg_log_level level)
{
    tg_log_set_level(level);
    tg_log_set_sink(on_line, capture);
}

void tg_capture_stop(void)
{
    tg_log_set_sink(NULL, NULL);
}
