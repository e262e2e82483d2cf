/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <inttypes.h>

/* No client weighs more than one part in so many. */
enum { PARTS = 10 };

/* What went wrong with a caller's calls. */
typedef uint32_t (*harm_fn)(const struct tg_trial_caller *caller);

static uint32_t failures_of(const struct tg_trial_caller *caller)
{
    return caller->failures;
}

static uint32_t timeouts_of(const struct tg_trial_caller *caller)
{
    return caller->timeouts;
}

struct tg_trial_rules tg_trial_rules(const struct tg_config *config)
{
    return (struct tg_trial_rules){
        .calls = config->deploy_trial_calls,
        .clients = config->deploy_trial_clients,
        .error_percent = config->deploy_trial_error_percent,
        .factor = config->deploy_trial_factor,
    };
}

static uint32_t load(const _Atomic uint32_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

void tg_trial_add(struct tg_trial_sample *sample, const struct tg_tally *tally, uint64_t counter)
{
    if (counter == 0 || atomic_load(&tally->counter) != counter) {
        return;
    }
    uint64_t memory_bytes = atomic_load(&tally->memory_bytes);
    sample->workers++;
    sample->settled += load(&tally->is_settled) != 0;
    sample->clients += load(&tally->clients);
    sample->has_lost_state = sample->has_lost_state || load(&tally->breach) == TG_BREACH_HANDOVER;
    if (memory_bytes > sample->memory_bytes) {
        sample->memory_bytes = memory_bytes;
    }
    sample->memory_limit = atomic_load(&tally->memory_limit);
    for (uint32_t i = 0; i < TG_TALLY_SEATS && sample->caller_count < TG_TRIAL_CALLERS_MAX; i++) {
        const struct tg_tally_seat *seat = &tally->seats[i];
        struct tg_trial_caller caller = {load(&seat->address), load(&seat->harmed),
                                         load(&seat->calls), load(&seat->failures),
                                         load(&seat->timeouts)};
        if (caller.calls > 0) {
            sample->callers[sample->caller_count++] = caller;
            sample->calls += caller.calls;
        }
    }
}

/* Puts the number into its place among the largest, of which as many are kept as there are. */
static void keep_largest(uint32_t largest[PARTS], uint32_t number)
{
    for (int i = 0; i < PARTS; i++) {
        if (number > largest[i]) {
            uint32_t smaller = largest[i];
            largest[i] = number;
            number = smaller;
        }
    }
}

/* The calls that count of one caller at most, so that none is more than one part in PARTS of what
 * then counts in all; with too few callers for that, what the one with the fewest has. */
static double find_cap(const struct tg_trial_sample *sample)
{
    uint32_t largest[PARTS] = {0};
    uint32_t smallest = UINT32_MAX;
    double rest = 0;

    for (uint32_t i = 0; i < sample->caller_count; i++) {
        uint32_t calls = sample->callers[i].calls;
        keep_largest(largest, calls);
        smallest = calls < smallest ? calls : smallest;
        rest += calls;
    }
    if (sample->caller_count < PARTS) {
        return smallest;
    }
    /* From the one with most down: those before are cut to the cap, the rest counts whole. */
    for (uint32_t i = 0; i < PARTS; i++) {
        double cap = rest / (PARTS - i);
        if (largest[i] <= cap) {
            return cap;
        }
        rest -= largest[i];
    }
    return largest[PARTS - 1];
}

static double share(const struct tg_trial_sample *sample, double cap, harm_fn harm)
{
    double weights = 0;
    double harmed = 0;

    for (uint32_t i = 0; i < sample->caller_count; i++) {
        const struct tg_trial_caller *caller = &sample->callers[i];
        double weight = caller->calls < cap ? caller->calls : cap;
        weights += weight;
        harmed += weight * harm(caller) / caller->calls;
    }
    return weights > 0 ? harmed / weights : 0;
}

void tg_trial_measure(const struct tg_trial_sample *sample, struct tg_trial_rates *rates)
{
    double cap = find_cap(sample);

    *rates = (struct tg_trial_rates){
        .errors = share(sample, cap, failures_of),
        .timeouts = share(sample, cap, timeouts_of),
        .memory_bytes = sample->memory_bytes,
    };
}

/* Whether the callers, with a harm those that had it first in their seats, are of at least so many
 * addresses. */
static bool has_addresses(const struct tg_trial_sample *sample, uint64_t wanted, harm_fn harm)
{
    uint32_t seen[TG_TRIAL_CLIENTS_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < sample->caller_count && count < wanted; i++) {
        const struct tg_trial_caller *caller = &sample->callers[i];
        uint32_t address = harm ? caller->harmed : caller->address;
        uint32_t at = 0;
        while (at < count && seen[at] != address) {
            at++;
        }
        if (at == count && (!harm || harm(caller) > 0)) {
            seen[count++] = address;
        }
    }
    return count >= wanted;
}

static uint32_t count_harmed(const struct tg_trial_sample *sample, harm_fn harm)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < sample->caller_count; i++) {
        count += harm(&sample->callers[i]) > 0;
    }
    return count;
}

/* One client alone, or one network, is not to undo a deploy for all others. */
static bool concerns_enough(const struct tg_trial_rules *rules,
                            const struct tg_trial_sample *sample, harm_fn harm)
{
    if (has_addresses(sample, rules->clients, harm)) {
        return true;
    }
    uint64_t wanted = sample->clients < rules->clients ? sample->clients : rules->clients;
    uint32_t harmed = count_harmed(sample, harm);
    return !has_addresses(sample, rules->clients, NULL) && harmed > 0 &&
           harmed == sample->caller_count && harmed >= wanted;
}

static bool judge_share(const struct tg_trial_rules *rules, const struct tg_trial_sample *sample,
                        harm_fn harm, double now, double before)
{
    return sample->calls >= rules->calls && now * 100 > (double)rules->error_percent &&
           now > (double)rules->factor * before && concerns_enough(rules, sample, harm);
}

static void tell_share(struct tg_fault *fault, const char *what,
                       const struct tg_trial_sample *sample, double now, double before)
{
    tg_fault_set(fault, TG_FAULT_TRIAL, tg_str(NULL, 0), 0,
                 "%s in %.1f %% of the calls (%.1f %% before), of %" PRIu64 " calls by %" PRIu32
                 " clients",
                 what, now * 100, before * 100, sample->calls, sample->caller_count);
}

static bool judge_memory(const struct tg_trial_rules *rules, const struct tg_trial_rates *before,
                         const struct tg_trial_sample *sample)
{
    return before->memory_bytes > 0 && sample->memory_bytes > sample->memory_limit / 2 &&
           sample->memory_bytes / rules->factor > before->memory_bytes;
}

bool tg_trial_judge(const struct tg_trial_rules *rules, const struct tg_trial_rates *before,
                    const struct tg_trial_sample *sample, struct tg_fault *fault)
{
    struct tg_trial_rates now;

    if (sample->has_lost_state) {
        tg_fault_set(fault, TG_FAULT_HANDOVER, tg_str(NULL, 0), 0, "save or restore failed");
        return true;
    }
    tg_trial_measure(sample, &now);
    if (judge_share(rules, sample, failures_of, now.errors, before->errors)) {
        tell_share(fault, "errors", sample, now.errors, before->errors);
        return true;
    }
    if (judge_share(rules, sample, timeouts_of, now.timeouts, before->timeouts)) {
        tell_share(fault, "timeouts", sample, now.timeouts, before->timeouts);
        return true;
    }
    if (judge_memory(rules, before, sample)) {
        tg_fault_set(fault, TG_FAULT_TRIAL, tg_str(NULL, 0), 0,
                     "memory of %" PRIu64 " octets (%" PRIu64 " before), of at most %" PRIu64,
                     sample->memory_bytes, before->memory_bytes, sample->memory_limit);
        return true;
    }
    return false;
}
