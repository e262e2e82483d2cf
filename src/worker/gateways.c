/* SPDX-License-Identifier: MIT */
#include "worker/gateways.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/log.h"
#include "core/test_point.h"
#include "deploy/bundle_file.h"

static const char LOG_MODULE[] = "deploy";

static struct tg_deploy_table *table_of(const struct tg_gateways *gateways)
{
    return &gateways->hub->page->deploys;
}

static void tell_held(struct tg_gateways *gateways)
{
    uint64_t held = tg_generations_held(gateways->generations);
    uint64_t live = 0;

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        live |= (uint64_t)(gateways->live[i] > 0) << i;
    }
    gateways->is_letting_go = (held & ~live) != 0;
    atomic_store(&gateways->hub->row->slots_held, held);
}

static void set_live(struct tg_gateways *gateways, uint32_t slot, uint64_t counter,
                     uint64_t committed)
{
    gateways->live[slot] = counter;
    gateways->committed[slot] = committed;
}

/* --- at the start --- */

/* Whether one of those loaded so far, or this one, is not yet what the page says. */
static bool awaits_page(const struct tg_gateways *gateways,
                        const struct tg_worker_generation *generation)
{
    bool is_found = generation->counter != generation->committed;

    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        is_found = is_found || gateways->live[i] != gateways->committed[i];
    }
    return is_found;
}

/* One gateway is not worth the others: it may have killed workers while it loaded, so that there is
 * no path at which it could be refused; or one before it has come back, to the path that it took.
 */
static void tell_left_out(int err, const struct tg_bundle *bundle, const struct tg_errmsg *msg)
{
    char quoted[2 * TG_ERRMSG_BYTES];

    if (err == TG_ERR_UNAVAILABLE) {
        TG_LOG_WARN("gateway is unavailable, its path was never known", "gateway=%s generation=%s",
                    bundle->name, bundle->generation);
    } else {
        TG_LOG_ERROR("gateway is left out, its path is another's",
                     "gateway=%s generation=%s reason=%s", bundle->name, bundle->generation,
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text)));
    }
}

static int load(struct tg_gateways *gateways, const struct tg_worker_generation *generation,
                struct tg_errmsg *msg)
{
    struct tg_bundle bundle;
    int err = tg_bundle_file_open(generation->fd, &bundle, msg);

    if (err) {
        return err;
    }
    err = tg_generations_prepare(gateways->generations, generation->slot, generation->counter,
                                 &bundle, msg);
    if (err == TG_ERR_UNAVAILABLE || (err == TG_ERR_EXISTS && !awaits_page(gateways, generation))) {
        tell_left_out(err, &bundle, msg);
        set_live(gateways, generation->slot, generation->counter, generation->committed);
        tg_bundle_fini(&bundle);
        return TG_OK;
    }
    if (!err) {
        err = tg_generations_commit(gateways->generations, generation->slot, generation->counter);
        if (err) {
            (void)tg_errmsg_set(msg, err, "%s: %s", bundle.name, tg_err_text(err));
        }
    }
    if (!err) {
        set_live(gateways, generation->slot, generation->counter, generation->committed);
    }
    tg_bundle_fini(&bundle);
    return err;
}

int tg_gateways_start(struct tg_gateways *gateways, struct tg_hub *hub,
                      const struct tg_worker_generation *list, uint32_t count,
                      struct tg_errmsg *msg)
{
    int err = TG_OK;

    *gateways = (struct tg_gateways){.hub = hub, .generations = tg_generations_create(hub)};
    if (!gateways->generations) {
        err = tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
    }
    for (uint32_t i = 0; i < count; i++) {
        err = err ? err : load(gateways, &list[i], msg);
        (void)close(list[i].fd);
    }
    if (!err) {
        tell_held(gateways);
    }
    return err;
}

void tg_gateways_stop(struct tg_gateways *gateways)
{
    tg_generations_destroy(gateways->generations);
    gateways->generations = NULL;
}

/* --- while it serves --- */

static void vote(struct tg_gateways *gateways, const struct tg_order *order,
                 enum tg_vote_state state, const struct tg_fault *fault)
{
    tell_held(gateways);
    tg_vote_cast(&gateways->hub->row->vote, order->ticket, state, fault);
    tg_test_point("voted");
}

static void prepare(struct tg_gateways *gateways, const struct tg_order *order, int fd)
{
    struct tg_bundle bundle = {0};
    struct tg_fault fault = {0};
    struct tg_errmsg msg = {0};

    tg_test_point("prepare");
    /* What was committed before may still be the candidate here, whose place this one takes; but
     * it may be this one itself, when this worker took so long to start that nobody waited. */
    if (atomic_load(&table_of(gateways)->rows[order->slot].committed) != order->counter) {
        (void)tg_gateways_turn(gateways);
    }
    int err = tg_bundle_file_open(fd, &bundle, &msg);
    if (!err) {
        err = tg_generations_prepare(gateways->generations, order->slot, order->counter, &bundle,
                                     &msg);
    }
    if (err) {
        tg_fault_from_text(&fault, TG_FAULT_PREPARE, tg_str_of(bundle.origin ? bundle.origin : ""),
                           tg_str_of(msg.text));
    }
    vote(gateways, order,
         err == TG_ERR_EXISTS ? TG_VOTE_TAKEN
         : err                ? TG_VOTE_FAILED
                              : TG_VOTE_READY,
         &fault);
    tg_bundle_fini(&bundle);
}

void tg_gateways_on_order(struct tg_gateways *gateways, const struct tg_order *order, int fd)
{
    switch (order->kind) {
    case TG_ORDER_PREPARE:
        prepare(gateways, order, fd);
        break;
    case TG_ORDER_DROP:
        tg_generations_drop(gateways->generations, order->slot, order->counter);
        tell_held(gateways);
        break;
    case TG_ORDER_LOOK: /* the turn that this has caused is what was wanted */
    case TG_ORDER_PEER:
        break;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void prove(struct tg_gateways *gateways, uint32_t slot, uint64_t proven)
{
    if (proven > 0 && proven == gateways->live[slot] && proven != gateways->proven[slot]) {
        gateways->proven[slot] = proven;
        tg_generations_prove(gateways->generations, slot, proven);
    }
}

static int commit(struct tg_gateways *gateways, uint32_t slot, uint64_t counter)
{
    tg_test_point("commit");
    if (counter == 0) {
        tg_generations_remove(gateways->generations, slot);
        gateways->proven[slot] = 0; /* the next gateway in it may count from 1 again */
    } else if (tg_generations_commit(gateways->generations, slot, counter) != TG_OK) {
        return TG_ERR_NOT_FOUND;
    }
    set_live(gateways, slot, counter, counter);
    tg_test_point("committed");
    TG_LOG_DEBUG("generation switched", "slot=%" PRIu32 " counter=%" PRIu64, slot, counter);
    return TG_OK;
}

/* The proof of the live one may come together with the commit of the next. */
static int follow(struct tg_gateways *gateways, uint32_t slot)
{
    const struct tg_deploy_row *row = &table_of(gateways)->rows[slot];
    uint64_t committed = atomic_load(&row->committed);
    uint64_t proven = atomic_load(&row->proven);
    int err = TG_OK;

    prove(gateways, slot, proven);
    if (committed != gateways->committed[slot]) {
        err = commit(gateways, slot, committed);
        prove(gateways, slot, proven);
    }
    return err;
}

int tg_gateways_turn(struct tg_gateways *gateways)
{
    uint64_t changes = atomic_load(&table_of(gateways)->changes);
    int err = TG_OK;

    if (changes == gateways->changes) {
        if (gateways->is_letting_go) {
            tell_held(gateways);
        }
        return TG_OK;
    }
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX && !err; i++) {
        err = follow(gateways, i);
    }
    gateways->changes = err ? gateways->changes : changes;
    tell_held(gateways);
    return err;
}

void tg_gateways_measure(struct tg_gateways *gateways)
{
    tg_generations_measure(gateways->generations);
}
