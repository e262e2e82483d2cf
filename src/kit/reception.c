/* SPDX-License-Identifier: MIT */
#include "kit/reception.h"

#include <stdlib.h>

#include "base/err.h"
#include "kit/app.h"
#include "net/http_head.h"

static void refuse(const struct tg_hub *hub, struct tg_reception_result *result,
                   enum tg_refusal refusal, uint32_t retry_after_s)
{
    uint64_t wall_ms = tg_clock_wall_ms(hub->clock);

    result->answer_length = tg_http_answer_write(refusal, retry_after_s, wall_ms, result->answer);
}

/* A refusal that the hub knows nothing of, counted as net does. */
static void refuse_early(struct tg_hub *hub, struct tg_reception_result *result,
                         enum tg_refusal refusal)
{
    tg_hub_count(hub, TG_COUNT_REFUSED + (uint32_t)refusal, 1);
    refuse(hub, result, refusal, 0);
}

static int accept_upgrade(struct tg_sim_worker *worker, struct tg_str key,
                          struct tg_verdict *verdict, struct tg_reception_result *result)
{
    int err =
        tg_ws_upgrade_answer(key, verdict->subprotocol, result->answer, &result->answer_length);

    if (err) {
        tg_verdict_drop(&worker->hub, verdict);
        refuse_early(&worker->hub, result,
                     err == TG_ERR_NOMEM ? TG_REFUSAL_NO_MEMORY : TG_REFUSAL_BAD_SUBPROTOCOL);
        return TG_OK;
    }
    result->line = tg_line_open(worker, verdict);
    return result->line ? TG_OK : TG_ERR_NOMEM;
}

/* headers has room for limits.head_fields. */
static int judge(struct tg_sim_worker *worker, const struct tg_reception *request,
                 struct tg_header *headers, struct tg_reception_result *result)
{
    struct tg_hub *hub = &worker->hub;
    struct tg_http_head_limits limits = {(uint32_t)hub->config->head_bytes,
                                         (uint32_t)hub->config->head_fields};
    struct tg_http_head scan = {0};
    struct tg_str target;
    struct tg_ws_upgrade upgrade;
    struct tg_verdict verdict;

    switch (tg_http_head_scan(&scan, request->head, &limits)) {
    case TG_HTTP_HEAD_INCOMPLETE:
        return TG_ERR_INCOMPLETE;
    case TG_HTTP_HEAD_REFUSED:
        refuse_early(hub, result, (enum tg_refusal)scan.refusal);
        return TG_OK;
    case TG_HTTP_HEAD_COMPLETE:
        break;
    }
    tg_http_head_read(&scan, request->head, &target, headers);
    enum tg_refusal refusal = tg_ws_upgrade_read(target, headers, scan.fields, &upgrade);
    if (refusal != TG_REFUSAL_NONE) {
        refuse_early(hub, result, refusal);
        return TG_OK;
    }
    upgrade.request.address = request->address;
    upgrade.request.is_secure = request->is_secure;
    tg_handshake_decide(hub, &upgrade.request, &verdict);
    if (verdict.refusal != TG_REFUSAL_NONE) {
        refuse(hub, result, verdict.refusal, verdict.retry_after_s);
        return TG_OK;
    }
    return accept_upgrade(worker, upgrade.key, &verdict, result);
}

int tg_reception_receive(struct tg_app *app, const struct tg_reception *request,
                         struct tg_reception_result *result)
{
    struct tg_header *headers = calloc(app->config.head_fields, sizeof(*headers));
    int err = headers ? tg_app_reserve_line(app) : TG_ERR_NOMEM;

    result->line = NULL;
    result->answer_length = 0;
    if (!err) {
        tg_app_enter(app);
        err = judge(&app->workers[request->slot], request, headers, result);
    }
    free(headers);
    if (result->line) {
        result->line->far.is_silent = request->is_silent;
        tg_app_add_line(app, result->line);
    }
    return err;
}
