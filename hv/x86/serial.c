/* SPDX-License-Identifier: Apache-2.0 */
/* The 16550 at COM1, 115200 baud, 8N1. Its lock is a leaf: taken under any other, for at most one
 * FIFO's worth of port accesses (while the machine boots: until the queue is empty). */
#include "hv/x86/serial.h"
#include "hv/x86/cpu.h"
#include "hv/x86/lock.h"

#define COM1 0x3f8u
#define COM1_DATA COM1
#define COM1_INTERRUPTS (COM1 + 1)
#define COM1_FIFO (COM1 + 2) /* reads as interrupt identification */
#define COM1_LINE (COM1 + 3)
#define COM1_MODEM (COM1 + 4)
#define COM1_STATUS (COM1 + 5)
#define COM1_SCRATCH (COM1 + 7)

#define STATUS_RECEIVED 0x01u
#define STATUS_TRANSMIT_EMPTY 0x20u
#define INTERRUPT_RECEIVED 0x01u
#define INTERRUPT_TRANSMIT 0x02u
#define NO_INTERRUPT 0x01u

#define FIFO_SIZE 16u /* bytes that the empty transmitter takes */
#define QUEUE_SIZE 16384u
#define INPUT_SIZE 256u
#define PATIENCE 200000u /* polls of the status before the line counts as stuck */

static struct lock serial_lock;
static char queue[QUEUE_SIZE];
static uint32_t queue_in, queue_out; /* free running */
static char input[INPUT_SIZE];
static uint32_t input_in, input_out;
static bool input_arrived;
static bool present;
static bool booting = true;
bool serial_has_interrupt;
static bool return_written; /* of the newline at queue_out */
static uint8_t enabled;     /* interrupts */

void serial_start(void) {
    outb(COM1_SCRATCH, 0x5a);
    present = inb(COM1_SCRATCH) == 0x5a;
    outb(COM1_INTERRUPTS, 0);
    outb(COM1_LINE, 0x80); /* the next two ports are the divisor */
    outb(COM1_DATA, 1);
    outb(COM1_INTERRUPTS, 0);
    outb(COM1_LINE, 0x03);
    outb(COM1_FIFO, 0xc7);
    outb(COM1_MODEM, 0x0b);
}

/* Characters that arrive, and an empty transmitter while more waits for it. */
static void set_interrupts(bool more) {
    uint8_t wanted = more ? INTERRUPT_RECEIVED | INTERRUPT_TRANSMIT : INTERRUPT_RECEIVED;

    if (!serial_has_interrupt || wanted == enabled) return;
    enabled = wanted;
    outb(COM1_INTERRUPTS, wanted);
}

void serial_enable_interrupt(void) {
    serial_has_interrupt = present;
    set_interrupts(false);
}

/* Next character of the queue, a newline as CR LF; the queue is not empty. */
static uint8_t next_character(void) {
    char character = queue[queue_out % QUEUE_SIZE];

    if (character == '\n' && !return_written) {
        return_written = true;
        return '\r';
    }
    return_written = false;
    queue_out++;
    return (uint8_t)character;
}

static bool transmit(unsigned max) {
    if (!present) queue_out = queue_in;
    while (queue_in != queue_out && max > 0 && (inb(COM1_STATUS) & STATUS_TRANSMIT_EMPTY) != 0)
        for (uint32_t i = 0; i < FIFO_SIZE && max > 0 && queue_in != queue_out; i++, max--)
            outb(COM1_DATA, next_character());
    return queue_in != queue_out;
}

void serial_flush(void) {
    uint32_t before = queue_out;

    for (uint32_t polls = 0; transmit(FIFO_SIZE) && polls < PATIENCE; polls++) {
        if (queue_out != before) polls = 0;
        before = queue_out;
    }
    if (queue_in != queue_out) present = false;
}

static void receive(void) {
    for (uint32_t i = 0; i < INPUT_SIZE && (inb(COM1_STATUS) & STATUS_RECEIVED) != 0; i++) {
        char character = (char)inb(COM1_DATA);

        if (input_in - input_out == INPUT_SIZE) continue; /* lost */
        input[input_in++ % INPUT_SIZE] = character;
        __atomic_store_n(&input_arrived, true, __ATOMIC_RELEASE);
    }
}

bool serial_drain(unsigned max) {
    if (__atomic_load_n(&queue_in, __ATOMIC_RELAXED) ==
        __atomic_load_n(&queue_out, __ATOMIC_RELAXED))
        return false;
    lock_take(&serial_lock);
    bool more = transmit(max);
    set_interrupts(more);
    lock_give(&serial_lock);
    return more;
}

/* The line to the IO-APIC is edge triggered: clearing and setting the mask at the end makes a new
 * edge for a cause that came meanwhile. */
void serial_interrupt(void) {
    lock_take(&serial_lock);
    for (uint32_t i = 0; i < 4 && (inb(COM1_FIFO) & NO_INTERRUPT) == 0; i++) receive();
    outb(COM1_INTERRUPTS, 0);
    enabled = 0;
    set_interrupts(transmit(FIFO_SIZE));
    lock_give(&serial_lock);
}

bool serial_poll_input(void) {
    if (present && !serial_has_interrupt) {
        lock_take(&serial_lock);
        receive();
        lock_give(&serial_lock);
    }
    if (!__atomic_load_n(&input_arrived, __ATOMIC_RELAXED)) return false;
    return __atomic_exchange_n(&input_arrived, false, __ATOMIC_ACQUIRE);
}

void serial_boot_done(void) {
    lock_take(&serial_lock);
    serial_flush();
    booting = false;
    lock_give(&serial_lock);
}

bool machine_console_write(const char *text, uint32_t bytes) {
    lock_take(&serial_lock);
    bool fits = bytes <= QUEUE_SIZE - (queue_in - queue_out);
    for (uint32_t i = 0; fits && i < bytes; i++) queue[(queue_in + i) % QUEUE_SIZE] = text[i];
    if (fits) __atomic_store_n(&queue_in, queue_in + bytes, __ATOMIC_RELEASE);
    if (booting) serial_flush();
    lock_give(&serial_lock);
    return fits;
}

uint32_t machine_console_read(char *text, uint32_t bytes) {
    uint32_t count = 0;

    lock_take(&serial_lock);
    for (; count < bytes && input_in != input_out; count++, input_out++)
        text[count] = input[input_out % INPUT_SIZE];
    lock_give(&serial_lock);
    return count;
}

static void panic_put(uint8_t character) {
    for (uint32_t polls = 0; polls < PATIENCE; polls++)
        if ((inb(COM1_STATUS) & STATUS_TRANSMIT_EMPTY) != 0) break;
    outb(COM1_DATA, character);
}

void serial_panic_write(const char *text, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) {
        if (text[i] == '\n') panic_put('\r');
        panic_put((uint8_t)text[i]);
    }
}
