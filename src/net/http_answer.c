/* SPDX-License-Identifier: MIT */
#include "net/http_answer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/check.h"

enum { DATE_BYTES = 96 };

struct status {
    int code;
    const char *phrase;
    const char *headers; /* what RFC 9110 and RFC 6455 ask of this status */
};

static const struct status STATUSES[] = {
    {400, "Bad Request", ""},
    {401, "Unauthorized", "WWW-Authenticate: Bearer\r\n"},
    {403, "Forbidden", ""},
    {404, "Not Found", ""},
    {405, "Method Not Allowed", "Allow: GET\r\n"},
    {414, "URI Too Long", ""},
    {426, "Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"},
    {429, "Too Many Requests", ""},
    {431, "Request Header Fields Too Large", ""},
    {503, "Service Unavailable", ""},
    {505, "HTTP Version Not Supported", ""},
};

/* A status of refusal.def that is not in the table is a mistake of ours; 400 is still an answer. */
static const struct status *find_status(int code)
{
    for (size_t i = 0; i < sizeof(STATUSES) / sizeof(STATUSES[0]); i++) {
        if (STATUSES[i].code == code) {
            return &STATUSES[i];
        }
    }
    (void)tg_check(false);
    return &STATUSES[0];
}

/* IMF-fixdate (RFC 9110 section 5.6.7). 4xx answers must bear it (section 6.6.1). */
static void write_date(char text[DATE_BYTES], uint64_t wall_ms)
{
    static const char DAYS[] = "SunMonTueWedThuFriSat";
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm at;

    tg_require(gmtime_r(&seconds, &at) != NULL);
    (void)snprintf(text, DATE_BYTES, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                   DAYS + 3 * at.tm_wday, at.tm_mday, MONTHS + 3 * at.tm_mon, at.tm_year + 1900,
                   at.tm_hour, at.tm_min, at.tm_sec);
}

size_t tg_http_answer_write(enum tg_refusal refusal, uint32_t retry_after_s, uint64_t wall_ms,
                            char answer[TG_HTTP_ANSWER_MAX])
{
    const struct tg_refusal_row *row = tg_refusal_row(refusal);
    const struct status *status = find_status(row->status);
    char retry_after[32] = "";
    char date[DATE_BYTES];

    if (retry_after_s > 0) {
        (void)snprintf(retry_after, sizeof(retry_after), "Retry-After: %u\r\n", retry_after_s);
    }
    write_date(date, wall_ms);
    /* 426 must name Upgrade as an option of this connection (RFC 9110 section 7.8). */
    int written = snprintf(answer, TG_HTTP_ANSWER_MAX,
                           "HTTP/1.1 %d %s\r\n"
                           "Connection: %sclose\r\n"
                           "%s%s"
                           "Date: %s\r\n"
                           "Cache-Control: no-store\r\n"
                           "Content-Type: text/plain\r\n"
                           "Content-Length: %zu\r\n"
                           "\r\n"
                           "%s",
                           status->code, status->phrase, status->code == 426 ? "Upgrade, " : "",
                           status->headers, retry_after, date, strlen(row->body), row->body);
    tg_require(written > 0 && written < TG_HTTP_ANSWER_MAX);
    return (size_t)written;
}
