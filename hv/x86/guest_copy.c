/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's hands in memory: frames by number, a guest's by its own virtual addresses, grant
 * entries. Guest addresses are translated anew at each use, by the guest's page tables (AMD manual
 * volume 2, 5.3) and the nested ones: the guest may change the former at any time. Four levels and
 * paging off; other modes read as unmapped. */
#include "hv/x86/cpu.h"
#include "hv/x86/npt.h"
#include "hv/x86/tlb.h"

#define CR4_LA57 (1u << 12)
#define PIN_TRIES 4u
#define LEVELS 4u
#define DATA_SLOTS (VCPU_PAGES - LEVELS)

static uint8_t *find_page_slowly(struct machine_vcpu *vcpu, struct vcpu_page *slot, uint64_t page,
                                 bool write) {
    unsigned order = 0;
    uint64_t leaf =
        page / PAGE_SIZE < GFN_LIMIT ? *npt_find(vcpu->domain, page / PAGE_SIZE, &order) : 0;
    uint8_t *pointer =
        physical_pointer((leaf & ENTRY_ADDRESS) + (page & (((uint64_t)PAGE_SIZE << order) - 1u)));

    if (leaf == 0 || (write && (leaf & ENTRY_WRITABLE) == 0)) return NULL;
    if ((leaf & ENTRY_WRITABLE) != 0) *slot = (struct vcpu_page){page, pointer};
    return pointer;
}

/* Page of guest-physical memory to the hypervisor's pointer; NULL where nothing is mapped. */
static inline uint8_t *find_page(struct machine_vcpu *vcpu, unsigned slot, uint64_t page,
                                 bool write) {
    struct vcpu_page *known = &vcpu->pages[slot];

    return known->address == page ? known->pointer : find_page_slowly(vcpu, known, page, write);
}

/* The processor would mark the page dirty. False: the guest changed the entry meanwhile. */
static bool mark_dirty(uint64_t *pointer, uint64_t entry) {
    uint64_t dirty = entry | ENTRY_ACCESSED | ENTRY_DIRTY;

    return entry == dirty || __atomic_compare_exchange_n(pointer, &entry, dirty, false,
                                                         __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* One level down: the entry for `address` in the table that *entry names. The table lies in memory
 * that the guest may write: as the processor has it (AMD manual volume 2, 15.25.5), and since
 * mark_dirty() writes there. */
static inline bool descend(struct machine_vcpu *vcpu, unsigned level, uint64_t address,
                           uint64_t required, uint64_t **place, uint64_t *entry) {
    uint64_t *table = (uint64_t *)find_page(vcpu, level, *entry & ENTRY_ADDRESS, true);

    if (table == NULL) return false;
    *place = &table[address >> (12u + 9u * level) & 511u];
    *entry = __atomic_load_n(*place, __ATOMIC_RELAXED);
    return (*entry & required) == required;
}

static inline __attribute__((always_inline)) bool walk(struct machine_vcpu *vcpu, uint64_t address,
                                                       bool write, uint64_t *physical) {
    const struct vmcb_save *save = &vcpu->vmcb->save;
    uint64_t required = ENTRY_PRESENT | (write && (save->cr0 & CR0_WP) != 0 ? ENTRY_WRITABLE : 0);
    uint64_t mask = (1ull << 30) - 1u;
    uint64_t entry = save->cr3;
    uint64_t *place;

    if ((save->efer & EFER_LMA) == 0 || (save->cr4 & CR4_LA57) != 0 ||
        (uint64_t)((int64_t)(address << 16) >> 16) != address)
        return false;
    if (vcpu->pages_epoch != tlb_domain_epochs[vcpu->domain]) vcpu_forget_pages(vcpu);
    if (!descend(vcpu, 3, address, required, &place, &entry) ||
        !descend(vcpu, 2, address, required, &place, &entry))
        return false;
    if ((entry & ENTRY_LARGE) == 0) {
        mask = (1ull << 21) - 1u;
        if (!descend(vcpu, 1, address, required, &place, &entry)) return false;
        if ((entry & ENTRY_LARGE) == 0) {
            mask = PAGE_SIZE - 1u;
            if (!descend(vcpu, 0, address, required, &place, &entry)) return false;
        }
    }
    *physical = (entry & ENTRY_ADDRESS & ~mask) | (address & mask);
    return !write || mark_dirty(place, entry);
}

/* Pointer to the byte at a guest-virtual address; NULL on any fault. */
static inline __attribute__((always_inline)) uint8_t *find(struct machine_vcpu *vcpu,
                                                           uint64_t address, bool write) {
    uint64_t physical;

    if (!walk(vcpu, address, write, &physical)) return NULL;
    uint8_t *page = find_page(vcpu, LEVELS + (physical / PAGE_SIZE) % DATA_SLOTS,
                              physical & ENTRY_ADDRESS, write);
    return page == NULL ? NULL : page + physical % PAGE_SIZE;
}

/* Bytes of a range of `bytes` that lie in its first page. */
static inline uint32_t bytes_in_page(uint64_t address, uint32_t bytes) {
    uint32_t room = PAGE_SIZE - (uint32_t)(address % PAGE_SIZE);

    return bytes < room ? bytes : room;
}

static __attribute__((noinline)) bool read_page(struct machine_vcpu *vcpu, uint64_t address,
                                                void *to, uint32_t bytes) {
    const uint8_t *from = find(vcpu, address, false);

    if (from == NULL) return false;
    if (bytes == sizeof(port_id)) /* the argument of the most frequent calls, without a loop */
        __builtin_memcpy(to, from, sizeof(port_id));
    else
        __builtin_memcpy(to, from, bytes);
    return true;
}

/* Apart, so that the usual read saves no registers for it. */
static __attribute__((noinline)) bool read_pages(struct machine_vcpu *vcpu, uint64_t address,
                                                 uint8_t *to, uint32_t bytes) {
    uint32_t first = bytes_in_page(address, bytes);

    return bytes <= PAGE_SIZE && read_page(vcpu, address, to, first) &&
           read_page(vcpu, address + first, to + first, bytes - first);
}

bool machine_guest_read(domain_id domain, vcpu_id id, uint64_t address, void *to, uint32_t bytes) {
    struct machine_vcpu *vcpu = &machine_vcpus[domain][id];

    return bytes_in_page(address, bytes) == bytes ? read_page(vcpu, address, to, bytes)
                                                  : read_pages(vcpu, address, to, bytes);
}

/* Twice: a page table entry that another vCPU changes at the same time refuses only the first. */
static uint8_t *find_writable(struct machine_vcpu *vcpu, uint64_t address) {
    uint8_t *place = find(vcpu, address, true);

    return place != NULL ? place : find(vcpu, address, true);
}

static struct mfn frame_of(const void *pointer) {
    return (struct mfn){((uint64_t)pointer - DIRECT_MAP) / PAGE_SIZE};
}

bool machine_guest_place(domain_id domain, vcpu_id id, uint64_t address, uint32_t bytes,
                         struct guest_place *place) {
    struct machine_vcpu *vcpu = &machine_vcpus[domain][id];
    uint32_t first = bytes_in_page(address, bytes);
    const uint8_t *to = find_writable(vcpu, address);
    const uint8_t *rest = first == bytes ? to : find_writable(vcpu, address + first);

    if (to == NULL || rest == NULL || bytes > PAGE_SIZE) return false;
    place->mfn[0] = frame_of(to);
    place->mfn[1] = frame_of(rest);
    place->offset = (uint16_t)(address % PAGE_SIZE);
    place->first = (uint16_t)first;
    place->second = (uint16_t)(bytes - first);
    return true;
}

static uint8_t *place_pointer(const struct guest_place *place) {
    return (uint8_t *)frame_pointer(place->mfn[0]) + place->offset;
}

static __attribute__((noinline)) void read_both(const struct guest_place *place, uint8_t *to) {
    __builtin_memcpy(to, place_pointer(place), place->first);
    __builtin_memcpy(to + place->first, frame_pointer(place->mfn[1]), place->second);
}

static __attribute__((noinline)) void write_both(const struct guest_place *place,
                                                 const uint8_t *from, uint32_t bytes) {
    uint32_t rest = bytes - place->first;

    if (rest > place->second) rest = place->second;
    __builtin_memcpy(place_pointer(place), from, place->first);
    __builtin_memcpy(frame_pointer(place->mfn[1]), from + place->first, rest);
}

bool machine_place_read(const struct guest_place *place, void *to, uint32_t bytes) {
    if (bytes != (uint32_t)place->first + place->second) return false;
    if (place->second == 0)
        __builtin_memcpy(to, place_pointer(place), bytes);
    else
        read_both(place, to);
    return true;
}

void machine_place_write(const struct guest_place *place, const void *from, uint32_t bytes) {
    if (bytes <= place->first)
        __builtin_memcpy(place_pointer(place), from, bytes);
    else
        write_both(place, from, bytes);
}

bool machine_guest_translate(domain_id domain, vcpu_id id, uint64_t address, uint64_t *physical) {
    return walk(&machine_vcpus[domain][id], address, false, physical);
}

void machine_frame_write(struct mfn mfn, uint32_t offset, const void *from, uint32_t bytes) {
    __builtin_memcpy((uint8_t *)frame_pointer(mfn) + offset, from, bytes);
}

void machine_frame_zero(struct mfn mfn) { __builtin_memset(frame_pointer(mfn), 0, PAGE_SIZE); }

/* Reads the entry and, if `pin` is not 0, sets those bits in the same step. Flags and domid are one
 * 32-bit word, so that a grant cannot be given to somebody else in between. The frame is read
 * after: while it is pinned its owner may not change it. */
static enum reason read_grant(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                              uint32_t pin, struct gfn *granted) {
    struct guest_grant_entry *entry = (struct guest_grant_entry *)frame_pointer(shared) + index;
    uint32_t word = __atomic_load_n(&entry->flags_and_domid, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; i < PIN_TRIES; i++) {
        if ((word & GTF_TYPE_MASK) != GTF_PERMIT_ACCESS || word >> 16 != mapper ||
            (write && (word & GTF_READONLY) != 0))
            return REASON_INVALID;
        if (pin == 0 || __atomic_compare_exchange_n(&entry->flags_and_domid, &word, word | pin,
                                                    false, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE)) {
            granted->number = __atomic_load_n(&entry->frame, __ATOMIC_RELAXED);
            return REASON_OK;
        }
    }
    return REASON_BUSY;
}

enum reason machine_grant_pin(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                              struct gfn *granted) {
    uint32_t pin = write ? GTF_READING | GTF_WRITING : GTF_READING;

    return read_grant(shared, index, mapper, write, pin, granted);
}

enum reason machine_grant_peek(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                               struct gfn *granted) {
    return read_grant(shared, index, mapper, write, 0, granted);
}
