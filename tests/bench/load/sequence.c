/* SPDX-License-Identifier: MIT */
#include "sequence.h"

enum { BITS = 64 };

static uint64_t *word_of(struct tg_sequence *sequence, uint64_t number)
{
    return &sequence->missing[number % TG_SEQUENCE_WINDOW / BITS];
}

static uint64_t bit_of(uint64_t number)
{
    return UINT64_C(1) << number % BITS;
}

/* The number's place may still hold one that is a window older. */
static void enter(struct tg_sequence *sequence, uint64_t number, bool is_missing)
{
    uint64_t *word = word_of(sequence, number);

    sequence->given_up += (*word & bit_of(number)) != 0;
    *word = is_missing ? *word | bit_of(number) : *word & ~bit_of(number);
}

bool tg_sequence_add(struct tg_sequence *sequence, uint64_t number)
{
    if (number >= sequence->next) {
        bool is_next = number == sequence->next;
        for (; sequence->next < number; sequence->next++) {
            enter(sequence, sequence->next, true);
        }
        enter(sequence, number, false);
        sequence->next++;
        return is_next;
    }
    uint64_t *word = word_of(sequence, number);
    if (sequence->next - number <= TG_SEQUENCE_WINDOW && (*word & bit_of(number)) != 0) {
        *word &= ~bit_of(number);
        sequence->reordered++;
    } else {
        sequence->doubled++;
    }
    return false;
}

uint64_t tg_sequence_lost(const struct tg_sequence *sequence, uint64_t sent)
{
    uint64_t lost = sequence->given_up + (sent - sequence->next);

    for (uint64_t i = 0; i < TG_SEQUENCE_WINDOW / BITS; i++) {
        lost += (uint64_t)__builtin_popcountll(sequence->missing[i]);
    }
    return lost;
}
