/* SPDX-License-Identifier: Apache-2.0 */
/* The hostile guest: what its files share, and where things are in its memory.
 *
 * It has to survive what it does, so that each act gets its turn: the processor touches only pages
 * that no act gives away (SOLID), reaches what it offers as arguments by their plain addresses, and
 * passes addresses in a window whose page tables the second vCPU keeps rewriting. An act that
 * faults is given up and the next one follows. Each vCPU restarts the other where it no longer
 * moves. */
#ifndef CORDON_TESTS_GUEST_HOSTILE_H
#define CORDON_TESTS_GUEST_HOSTILE_H

#include "tests/guest/guest.h"

/* Guest frame numbers. */
#define GFN_TRAMPOLINE 0x90u /* where a vCPU starts after a SIPI */
#define GFN_SOLID 0x210u
#define GFN_ARGUMENTS 0x210u /* two pages, so that an argument may cross */
#define GFN_LIST 0x212u      /* of guest frame numbers */
#define GFN_PORTS 0x213u
#define GFN_MULTICALL 0x214u
#define GFN_TEXT 0x215u
#define GFN_HYPERCALLS 0x216u
#define GFN_CODE 0x217u /* of ring 3, and of single instructions */
#define GFN_DIRECTORY 0x218u
#define GFN_TABLE 0x219u
#define GFN_TEST_TABLE 0x21au /* what the processor itself uses */
#define GFN_TEST_DIRECTORY 0x21bu
#define GFN_SCRATCH 0x21cu
#define SCRATCH_PAGES 16u
#define GFN_VCPU_INFO 0x24fu
#define GFN_LOOSE 0x250u /* memory that acts give away and take back */
#define LOOSE_PAGES 0xb0u
#define GFN_HUGE 0x400u  /* 2 MiB extents */
#define GFN_FAR 0x20000u /* where special frames and mappings go */
#define FAR_PAGES 64u
#define GFN_HOLE 0x3f000u /* never memory, mapped by the guest's page tables */

/* Virtual addresses: the first GiB is one to one. */
#define WINDOW 0x40000000ull /* the window for arguments: 2 MiB of small pages, then oddities */
#define ODD_WINDOW(n) (WINDOW + ((uint64_t)(n) << 21)) /* 1 to 5: set_up_window() */
#define TEST_WINDOW 0x80000000ull
#define USER_PAGE 511u /* of TEST_WINDOW */
#define HUGE_WINDOW 0x100000000ull
#define FORGED_WINDOW 0xc0000000ull /* its directory is the page of arguments */
#define WINDOW_PAGES 24u

static inline uint8_t *page_of(uint64_t gfn) { return (uint8_t *)(gfn * PAGE_BYTES); }

/* --- random.c: each vCPU has a sequence of its own ------------------------------------------- */
enum { FIRST, SECOND, VCPUS };

void random_start(uint32_t seed);
uint64_t any64(void);
uint32_t any(uint32_t limit); /* 0 .. limit - 1 */
static inline bool chance(uint32_t percent) { return any(100) < percent; }
uint64_t any_value(void); /* at and around the limits of things; never a page that must stay */
uint64_t any_gfn(void);
uint64_t any_pointer(void);
uint16_t any_domid(void);
uint64_t any_time(void); /* absolute ns, mostly soon */

/* --- options --------------------------------------------------------------------------------- */
struct options {
    uint32_t seed, calls, tell;
    uint16_t self, peer; /* domain numbers; the peer grants and offers */
    bool first;          /* it is the machine's first VM */
    bool breakpoints;    /* it sets them */
};
extern struct options options;

/* --- calls.c --------------------------------------------------------------------------------- */
void calls_start(void);
void act_call(void);     /* a call of the list with near-valid arguments */
void act_raw_call(void); /* any number, any registers */
void act_multicall(void);
void note_result(int64_t result);
extern volatile uint32_t asked[VCPUS]; /* hypercalls made */
/* hypercall(), counted. */
int64_t ask(uint32_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
#define RESULTS 256u
extern uint64_t results[RESULTS]; /* by negated error number; 0: success */

/* --- machine.c ------------------------------------------------------------------------------- */
void act_msr(void);
void act_port(void);
void act_cpuid(void);
void act_interrupt(void);
void act_wait(void);
void act_instruction(void);
void act_control_register(void);
void act_debug(void);
void act_user_code(void);
void act_page_table(void);
void act_hypercall_page(void);
_Noreturn void act_last(uint32_t which);
extern const char *const last_acts[];
#define LAST_ACTS 7u

/* --- traps.c --------------------------------------------------------------------------------- */
void traps_start(void);                     /* of this vCPU */
uint32_t this_vcpu(void);                   /* FIRST or SECOND */
void attempt(void (*act)(void));            /* gives it up at the first trap */
extern volatile bool control_is_odd[VCPUS]; /* control registers have to be restored after it */
extern uint64_t traps[256];
void user_enter(uint64_t rip, uint64_t rflags);

/* --- second.c -------------------------------------------------------------------------------- */
enum race { RACE_NOTHING, RACE_FIELDS, RACE_TWO_VALUES, RACE_TABLES, RACE_CALLS, RACES };

extern volatile uint64_t beats[VCPUS]; /* grow while the vCPU moves */
extern volatile uint32_t race;         /* what the second vCPU does */
extern volatile uint32_t race_offset;  /* where the arguments are in their pages */
extern volatile bool all_halt;
extern volatile uint64_t restarts[VCPUS];
void set_up_window(void);
void start_vcpu(uint32_t vcpu);
void watch(uint32_t vcpu); /* wakes or restarts the other one where it stands still */
void ensure_second(void);  /* before the first one waits: the second wakes it */
_Noreturn void main_loop(void);
_Noreturn void second_loop(void);
void send_ipi(uint64_t command);

static inline uint64_t ticks(void) {
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

#endif
