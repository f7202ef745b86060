/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest can do to its processor: instructions that exit, and instructions that fault. */
#include "tests/guest/hostile/hostile.h"

#define PORT_SLEEP 0xb008u
#define MSR_ICR 0x830u
#define ICR_INIT 5u
#define ICR_STARTUP 6u
#define RFLAGS_TRAP 0x100u
#define RFLAGS_ALIGNMENT 0x40000u
#define RFLAGS_INTERRUPT 0x200u

void call_with(const void *code, uint64_t rax, uint64_t rcx, uint64_t rdx);

/* --- registers and ports --------------------------------------------------------------------- */

static uint32_t any_msr(void) {
    static const uint32_t known[] = {
        0x10,       0x1b,       0x8b,       0xfe,       0x174,      0x175,      0x176,
        0x179,      0x17a,      0x1d9,      0x200,      0x250,      0x277,      0x2ff,
        0x3f1,      0x400,      0x48,       0x49,       0x10b,      0x6e0,      0xda0,
        0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100, 0xc0000101,
        0xc0000102, 0xc0000103, 0xc0000104, 0xc0010000, 0xc0010010, 0xc0010015, 0xc001001f,
        0xc0010020, 0xc0010058, 0xc0010111, 0xc0010112, 0xc0010114, 0xc0010115, 0xc0010116,
        0xc0010117, 0xc0010118, 0xc0010140, 0xc0011020, 0xc0011029, 0x40000000, 0x40000001,
        0x40000073, 0x4b564d00, 0xe1,       0x122,      0x1a0,      0x3a,       0x3fff,
    };

    switch (any(4)) {
    case 0: return 0x800 + any(0x110);
    case 1: return (uint32_t)any64();
    default: return known[any(sizeof(known) / sizeof(known[0]))];
    }
}

static void write_msr(uint32_t msr, uint64_t value) {
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

void act_msr(void) {
    uint32_t msr = any_msr();
    uint32_t low, high;

    if (chance(50)) {
        __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
        return;
    }
    if (msr == MSR_ICR || msr == 0x40000000) return; /* have acts of their own */
    control_is_odd[this_vcpu()] = true;
    write_msr(msr, chance(30) ? 1ull << any(64) : any_value());
}

void act_port(void) {
    static const uint16_t known[] = {
        0x20,   0x21,   0x40,   0x42,   0x43,   0x60, 0x61,  0x64,  0x70,   0x71,   0x80,
        0x92,   0xa0,   0xcf8,  0xcf9,  0xcfc,  0xf4, 0x3f8, 0x3fd, 0xb000, 0xb004, 0xb007,
        0xb009, 0xb00a, 0xffff, 0xfffd, 0xfffe, 0xe9, 0x402, 0x510, 0x511,  0x5658};
    uint16_t port = chance(60) ? known[any(32)] : (uint16_t)any64();
    uint32_t value = (uint32_t)any_value();
    uint8_t *memory = page_of(GFN_SCRATCH);
    uint64_t count = any(4);

    if (port == PORT_SLEEP) port++;
    switch (any(9)) {
    case 0: __asm__ volatile("outb %b0, %1" : : "a"(value), "Nd"(port)); break;
    case 1: __asm__ volatile("outw %w0, %1" : : "a"(value), "Nd"(port)); break;
    case 2: __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port)); break;
    case 3: __asm__ volatile("inb %1, %b0" : "+a"(value) : "Nd"(port)); break;
    case 4: __asm__ volatile("inw %1, %w0" : "+a"(value) : "Nd"(port)); break;
    case 5: __asm__ volatile("inl %1, %0" : "+a"(value) : "Nd"(port)); break;
    case 6: __asm__ volatile("outsb" : "+S"(memory) : "d"(port)); break;
    case 7: __asm__ volatile("insl" : "+D"(memory) : "d"(port) : "memory"); break;
    default: __asm__ volatile("rep insb" : "+D"(memory), "+c"(count) : "d"(port) : "memory");
    }
}

void act_cpuid(void) {
    static const uint32_t bases[] = {0, 0x40000000, 0x40000100, 0x80000000, 0x8fffffff, 0xc0000000};
    uint32_t a = chance(85) ? bases[any(6)] + any(0x30) : (uint32_t)any64();
    uint32_t c = chance(80) ? any(70) : (uint32_t)any_value();
    uint32_t b, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
}

/* --- interrupts ------------------------------------------------------------------------------ */

void send_ipi(uint64_t command) { write_msr(MSR_ICR, command); }

/* INIT goes to the other vCPU only, which is then started again, and where it should. */
void act_interrupt(void) {
    uint64_t command = any64() & 0xffff00000000ffffull;

    command |= (uint64_t)any(4) << 18;
    if (chance(70)) command = (command & UINT32_MAX) | (uint64_t)any(5) << 32;
    if (chance(60)) command &= ~0x700ull; /* fixed */
    if ((command >> 8 & 7u) == ICR_INIT) {
        if (chance(90)) return;
        command = (command & 0xffffu) | 3u << 18;
    }
    if ((command >> 8 & 7u) == ICR_STARTUP) command = (command & ~0xffull) | GFN_TRAMPOLINE;
    if (chance(20))
        write_msr(0x83f, any_value());
    else
        send_ipi(command);
}

void act_wait(void) {
    static const char waits[] = "hbp";
    uint64_t poll[3] = {(uint64_t)page_of(GFN_PORTS), any(3), any_time()};

    ensure_second();
    (void)ask(15, any_time(), 0, 0, 0);
    switch (waits[any(3)]) {
    case 'h': __asm__ volatile("sti; hlt; cli" : : : "memory"); break;
    case 'b': (void)ask(29, 1, 0, 0, 0); break;
    default: (void)ask(29, 3, (uint64_t)poll, 0, 0);
    }
}

/* --- instructions ---------------------------------------------------------------------------- */

/* Length, then bytes. Operands are in RAX (which is an address for some), RCX and RDX. */
static const uint8_t instructions[][6] = {
    {3, 0x0f, 0x01, 0xd8},             /* VMRUN */
    {3, 0x0f, 0x01, 0xda},             /* VMLOAD */
    {3, 0x0f, 0x01, 0xdb},             /* VMSAVE */
    {3, 0x0f, 0x01, 0xdc},             /* STGI */
    {3, 0x0f, 0x01, 0xdd},             /* CLGI */
    {3, 0x0f, 0x01, 0xde},             /* SKINIT */
    {3, 0x0f, 0x01, 0xdf},             /* INVLPGA */
    {3, 0x0f, 0x01, 0xc8},             /* MONITOR */
    {3, 0x0f, 0x01, 0xc9},             /* MWAIT */
    {3, 0x0f, 0x01, 0xfa},             /* MONITORX */
    {3, 0x0f, 0x01, 0xfb},             /* MWAITX */
    {3, 0x0f, 0x01, 0xd0},             /* XGETBV */
    {3, 0x0f, 0x01, 0xd1},             /* XSETBV */
    {3, 0x0f, 0x01, 0xc1},             /* VMCALL */
    {3, 0x0f, 0x01, 0xc4},             /* VMXOFF */
    {3, 0x0f, 0x01, 0xcf},             /* ENCLS */
    {3, 0x0f, 0x01, 0xd9},             /* VMMCALL */
    {4, 0x66, 0x0f, 0x01, 0xd9},       /* VMMCALL with a prefix */
    {3, 0x0f, 0x01, 0xfd},             /* RDPRU */
    {3, 0x0f, 0x01, 0xf9},             /* RDTSCP */
    {2, 0x0f, 0x33},                   /* RDPMC */
    {2, 0x0f, 0x31},                   /* RDTSC */
    {2, 0x0f, 0xaa},                   /* RSM */
    {2, 0x0f, 0x09},                   /* WBINVD */
    {2, 0x0f, 0x08},                   /* INVD */
    {2, 0x0f, 0x0b},                   /* UD2 */
    {2, 0x0f, 0x06},                   /* CLTS */
    {2, 0x0f, 0xa2},                   /* CPUID */
    {3, 0xf3, 0x0f, 0xa2},             /* CPUID with a prefix */
    {3, 0x0f, 0x78, 0xc8},             /* VMREAD */
    {2, 0x0f, 0x34},                   /* SYSENTER */
    {2, 0x0f, 0x05},                   /* SYSCALL */
    {2, 0xf3, 0x90},                   /* PAUSE */
    {2, 0xcd, 0x80},                   /* INT 80h */
    {2, 0xcd, 0x02},                   /* INT 2 */
    {1, 0xcc},                         /* INT3 */
    {1, 0xf1},                         /* INT1 */
    {1, 0xce},                         /* INTO: not in 64-bit mode */
    {2, 0x0f, 0xff},                   /* UD0 */
    {3, 0x0f, 0xc7, 0xf0},             /* RDRAND */
    {3, 0x0f, 0xc7, 0xf8},             /* RDSEED */
    {3, 0xdb, 0xe3, 0x90},             /* FNINIT */
    {3, 0x0f, 0x77, 0x90},             /* EMMS */
    {4, 0x0f, 0xae, 0x00, 0x90},       /* FXSAVE [RAX] */
    {4, 0x0f, 0xae, 0x20, 0x90},       /* XSAVE [RAX] */
    {4, 0x0f, 0xc7, 0x28, 0x90},       /* XSAVES [RAX] */
    {5, 0x66, 0x0f, 0x38, 0x82, 0x01}, /* INVPCID */
    {3, 0x0f, 0x01, 0x39},             /* INVLPG [RCX] */
    {3, 0x0f, 0x00, 0xd9},             /* LTR CX: never 0 */
    {3, 0x0f, 0x00, 0xd0},             /* LLDT AX */
    {2, 0x8e, 0xd8},                   /* MOV DS, AX */
    {2, 0x8e, 0xe0},                   /* MOV FS, AX */
    {2, 0xf4, 0x90},                   /* HLT: IF is clear, the other vCPU starts this one again */
};
#define INSTRUCTIONS (sizeof(instructions) / sizeof(instructions[0]))
#define LTR 48u

void act_instruction(void) {
    uint32_t which = any((uint32_t)INSTRUCTIONS - (any(50) == 0 ? 0 : 1));
    const uint8_t *from = instructions[which];
    uint8_t *code = page_of(GFN_CODE) + 2048 + this_vcpu() * 64;
    uint64_t memory = (uint64_t)page_of(GFN_SCRATCH + any(SCRATCH_PAGES - 2));

    /* INT3 behind: what is longer than the hypervisor takes it for is resumed inside */
    for (uint32_t i = 0; i < 64; i++) code[i] = 0xcc;
    for (uint32_t i = 0; i < from[0]; i++) code[i] = from[1 + i];
    code[from[0]] = 0xc3;
    control_is_odd[this_vcpu()] = true;
    if (which == INSTRUCTIONS - 1) ensure_second();
    if (chance(30)) __asm__ volatile("mov %0, %%cr4" : : "r"(0x40620ull)); /* OSXSAVE, OSFXSR */
    call_with(code, chance(70) ? memory : any64() | 1ull << 62,
              which == LTR ? any64() | 8u
              : chance(50) ? any(3)
                           : any_value(),
              any_value());
}

/* Not the bits whose wrong value the processor has to refuse: QEMU's does not, and VMRUN would then
 * refuse the guest, which is one of its ends. */
void act_control_register(void) {
    static const uint8_t bits_0[] = {1, 2, 3, 5, 16, 18, 30};
    static const uint8_t bits_4[] = {0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 16, 18, 20, 21};
    uint64_t value;

    control_is_odd[this_vcpu()] = true;
    switch (any(6)) {
    case 0:
        __asm__ volatile("mov %%cr0, %0" : "=r"(value));
        __asm__ volatile("mov %0, %%cr0" : : "r"(value ^ 1ull << bits_0[any(sizeof(bits_0))]));
        break;
    case 1:
        __asm__ volatile("mov %0, %%cr4" : : "r"(0x20 | 1ull << bits_4[any(sizeof(bits_4))]));
        break;
    case 2: __asm__ volatile("mov %%cr8, %0" : "=r"(value)); break; /* a write aborts QEMU 7.2 */
    case 3: __asm__ volatile("mov %0, %%cr2" : : "r"(any_pointer())); break;
    case 4:
        __asm__ volatile("mov %%cr3, %0" : "=r"(value));
        __asm__ volatile("mov %0, %%cr3" : : "r"(value | any(2) * 0x18u) : "memory");
        break;
    default: __asm__ volatile("lmsw %w0" : : "r"((uint32_t)(value = 1u | any(16))));
    }
    /* the hypervisor reads and writes memory by these registers */
    act_call();
}

/* One step, a breakpoint on code or data, or debug registers that nothing comes of. Breakpoints
 * that a vCPU takes along to another processor end QEMU. */
void act_debug(void) {
    uint64_t watched = (uint64_t)page_of(GFN_SCRATCH);
    uint32_t act = any(4);

    control_is_odd[this_vcpu()] = true;
    if (!options.breakpoints && (act == 1 || act == 2)) act = 3;
    switch (act) {
    case 0:
        __asm__ volatile("pushfq; orq %0, (%%rsp); popfq; nop; vmmcall; nop"
                         :
                         : "i"(RFLAGS_TRAP), "a"(17ull), "D"(0ull)
                         : "memory", "cc");
        break;
    case 1:
        __asm__ volatile("mov %0, %%dr0; mov %1, %%dr7" : : "r"(watched), "r"(0x000d0402ull));
        *(volatile uint64_t *)watched = 0;
        break;
    case 2:
        __asm__ volatile("leaq 1f(%%rip), %%rax; mov %%rax, %%dr3; mov %0, %%dr7; nop; 1: nop"
                         :
                         : "r"(0x4c0ull)
                         : "rax");
        break;
    default:
        __asm__ volatile("mov %0, %%dr1; mov %1, %%dr6; mov %2, %%dr7"
                         :
                         : "r"(any_pointer()), "r"(any64()), "r"(any64() & 0xffff2400u));
        (void)ask(17, 0, 0, 0, 0);
    }
}

/* --- ring 3 ---------------------------------------------------------------------------------- */

/* Any bytes, or what exits from ring 3. Interrupts are enabled: a loop ends by the other vCPU's. */
void act_user_code(void) {
    static const uint8_t misaligned[] = {0x48, 0x8b, 0x05, 0x01, 0, 0, 0, 0x0f, 0x0b};
    uint32_t offset = this_vcpu() * 1024 + any(400);
    uint8_t *code = page_of(GFN_CODE) + offset;
    const uint8_t *from = instructions[any(INSTRUCTIONS)];
    uint64_t flags = RFLAGS_INTERRUPT | 2u;

    for (uint32_t i = 0; i < 24; i++) code[i] = (uint8_t)any64();
    if (chance(40)) {
        for (uint32_t i = 0; i < from[0]; i++) code[i] = from[1 + i];
        code[from[0]] = 0xf4;
    } else if (chance(20)) {
        for (uint32_t i = 0; i < sizeof(misaligned); i++) code[i] = misaligned[i];
        flags |= RFLAGS_ALIGNMENT;
        control_is_odd[this_vcpu()] = true;
        __asm__ volatile("mov %0, %%cr0" : : "r"(0x80050031ull));
    }
    if (chance(10)) flags |= RFLAGS_TRAP;
    user_enter(TEST_WINDOW + USER_PAGE * PAGE_BYTES + offset, flags);
}

/* --- memory ---------------------------------------------------------------------------------- */

/* Its own mapping of a page, used at once by itself and as an argument. */
void act_page_table(void) {
    uint64_t *entries = (uint64_t *)page_of(GFN_TEST_TABLE);
    uint32_t index = any(USER_PAGE);
    uint64_t address = TEST_WINDOW + (uint64_t)index * PAGE_BYTES;
    uint64_t gfn = GFN_SCRATCH + any(SCRATCH_PAGES);
    volatile uint32_t *place = (volatile uint32_t *)address;

    entries[index] =
        gfn * PAGE_BYTES | (chance(80) ? 3u : any(4)) | (chance(10) ? any64() << 52 : 0);
    if (chance(70)) __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
    place[0] = 6;
    note_result(ask(20, 6, address, 1, 0)); /* a query of its own grant table: reads, writes */
    entries[index] = any64() & ~1ull;
    if (chance(50)) __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
    note_result(ask(20, 6, address, 1, 0));
    place[1] = 0;
}

void act_hypercall_page(void) {
    uint64_t gfn = chance(70) ? GFN_HYPERCALLS : any_gfn();
    uint64_t result;

    write_msr(0x40000000, gfn * PAGE_BYTES + (chance(20) ? any(PAGE_BYTES) : 0));
    if (gfn != GFN_HYPERCALLS) return;
    __asm__ volatile("call *%1"
                     : "=a"(result)
                     : "r"(page_of(GFN_HYPERCALLS) + 17 * 32), "D"(any(12)), "S"(0ull)
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
    note_result((int64_t)result);
}

/* --- the end --------------------------------------------------------------------------------- */

const char *const last_acts[LAST_ACTS] = {"triple fault",
                                          "bad sleep values, then power off",
                                          "nested page fault",
                                          "shutdown crash",
                                          "loop with interrupts off",
                                          "every vCPU halts with interrupts off",
                                          "a state that VMRUN refuses"};

static void bad_sleep(void) {
    for (uint32_t value = 0; value < 256; value++) {
        if (value != ((5u << 2) | 0x20u) && (value >> 2 & 7u) != 5)
            __asm__ volatile("outb %b0, %1" : : "a"(value), "d"((uint16_t)PORT_SLEEP));
        __asm__ volatile("outl %0, %1" : : "a"(value << 8), "d"((uint16_t)PORT_SLEEP));
    }
    for (;;) __asm__ volatile("outb %b0, %1" : : "a"(0x34), "d"((uint16_t)PORT_SLEEP));
}

_Noreturn void act_last(uint32_t which) {
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } nothing = {0, 0};
    uint32_t reason = 3;

    switch (which) {
    case 0: __asm__ volatile("lidt %0; ud2" : : "m"(nothing)); break;
    case 1: bad_sleep(); break;
    case 2: *(volatile uint64_t *)((uint64_t)GFN_HOLE * PAGE_BYTES) = 0; break;
    case 3: (void)ask(29, 2, (uint64_t)&reason, 0, 0); break;
    case 4:
        for (;;) __asm__ volatile("cli");
    case 5: all_halt = true; break;
    default: /* not write-through, but cached */
        __asm__ volatile("mov %0, %%cr0; vmmcall" : : "r"(0xa0010031ull), "a"(17), "D"(0ull));
    }
    for (;;) __asm__ volatile("cli; hlt");
}
