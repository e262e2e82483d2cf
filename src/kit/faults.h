/* SPDX-License-Identifier: MIT */
/* What a spec has ordered to go wrong in the gateways' next calls. The fault itself is the real
 * one: the flag of a used-up budget, an allocator that gives nothing. Lives in: the test kit. */
#ifndef TG_KIT_FAULTS_H
#define TG_KIT_FAULTS_H

#include <stdint.h>

struct tg_gateway; /* hub/gateway.h */

/* Of one app; a call that is made takes one of each that is not 0. */
struct tg_faults {
    uint32_t cpu;    /* calls that run out of their CPU budget at once */
    uint32_t memory; /* calls that get no memory */
};

/* Puts the faults between the hub and the gateway's script. The gateway is a simulated worker's. */
void tg_faults_bring(struct tg_gateway *gateway);

#endif
