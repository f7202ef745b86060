/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's hands in memory: frames by number, a guest's by its own virtual addresses, grant
 * entries. Guest addresses are translated anew at each use, by the guest's page tables (AMD manual
 * volume 2, 5.3) and the nested ones: the guest may change the former at any time. Four levels and
 * paging off; other modes read as unmapped. */
#include "hv/x86/cpu.h"
#include "hv/x86/npt.h"
#include "hv/x86/vcpu.h"

#define CR4_LA57 (1u << 12)
#define PIN_TRIES 4u
#define DIRECTORY_SHIFT 30
#define LEAF_2M_SHIFT 21
#define LEAF_2M_MASK ((1ull << LEAF_2M_SHIFT) - 1u)

static void *find_slowly(struct machine_vcpu *vcpu, uint64_t address, bool write) {
    const uint64_t *root = frame_pointer(gate_map_root(vcpu->domain));
    uint64_t gfn = address / PAGE_SIZE;
    uint64_t gigabyte = address >> DIRECTORY_SHIFT;
    unsigned order = 0;
    uint64_t leaf;

    if (gfn >= GFN_LIMIT) return NULL;
    leaf = npt_leaf(root, gfn, &order);
    if (leaf == 0 || (write && (leaf & ENTRY_WRITABLE) == 0)) return NULL;
    if (order != 18)
        vcpu->directories[gigabyte % VCPU_DIRECTORIES] =
            (struct vcpu_directory){gigabyte, npt_directory(root, gfn)};
    return physical_pointer((leaf & ENTRY_ADDRESS) +
                            (address & (((uint64_t)PAGE_SIZE << order) - 1u)));
}

/* Guest-physical to the hypervisor's pointer; NULL where nothing is mapped. Short for pages of 2
 * MiB in a GiB that was used before. */
static inline void *find_physical(struct machine_vcpu *vcpu, uint64_t address, bool write) {
    uint64_t gigabyte = address >> DIRECTORY_SHIFT;
    const struct vcpu_directory *known = &vcpu->directories[gigabyte % VCPU_DIRECTORIES];
    uint64_t entry;

    if (known->gigabyte != gigabyte) return find_slowly(vcpu, address, write);
    entry = known->table[address >> LEAF_2M_SHIFT & 511u];
    if ((entry & ENTRY_LARGE) == 0 || (write && (entry & ENTRY_WRITABLE) == 0))
        return find_slowly(vcpu, address, write);
    return physical_pointer((entry & ENTRY_ADDRESS) + (address & LEAF_2M_MASK));
}

/* The processor would mark the page dirty. False: the guest changed the entry meanwhile. */
static bool mark_dirty(uint64_t *pointer, uint64_t entry) {
    uint64_t dirty = entry | ENTRY_ACCESSED | ENTRY_DIRTY;

    return entry == dirty || __atomic_compare_exchange_n(pointer, &entry, dirty, false,
                                                         __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* One entry of a guest's page table; 0 if a required bit is clear, or if its table is not in memory
 * that the guest may write: as the processor has it (AMD manual volume 2, 15.25.5), and since
 * mark_dirty() writes there. */
static inline uint64_t fetch(struct machine_vcpu *vcpu, uint64_t table, uint64_t index,
                             uint64_t required, uint64_t **pointer) {
    uint64_t *place = find_physical(vcpu, (table & ENTRY_ADDRESS) + (index & 511u) * 8u, true);
    uint64_t entry;

    *pointer = place;
    if (place == NULL) return 0;
    entry = __atomic_load_n(place, __ATOMIC_RELAXED);
    return (entry & required) == required ? entry : 0;
}

static bool walk(struct machine_vcpu *vcpu, uint64_t address, bool write, uint64_t *physical) {
    const struct vmcb_save *save = &vcpu->vmcb->save;
    uint64_t required = ENTRY_PRESENT;
    uint64_t mask = PAGE_SIZE - 1u;
    uint64_t *pointer;
    uint64_t entry;

    if ((save->cr0 & CR0_PG) == 0) {
        *physical = address;
        return address <= UINT32_MAX;
    }
    if ((save->efer & EFER_LMA) == 0 || (save->cr4 & CR4_LA57) != 0 ||
        (uint64_t)((int64_t)(address << 16) >> 16) != address)
        return false;
    if (write && (save->cr0 & CR0_WP) != 0) required |= ENTRY_WRITABLE;

    entry = fetch(vcpu, save->cr3, address >> 39, required, &pointer);
    if (entry == 0) return false;
    entry = fetch(vcpu, entry, address >> 30, required, &pointer);
    if ((entry & ENTRY_LARGE) != 0) {
        mask = (1ull << 30) - 1u;
    } else if (entry != 0) {
        entry = fetch(vcpu, entry, address >> 21, required, &pointer);
        if ((entry & ENTRY_LARGE) != 0)
            mask = (1ull << 21) - 1u;
        else if (entry != 0)
            entry = fetch(vcpu, entry, address >> 12, required, &pointer);
    }
    if (entry == 0) return false;
    *physical = (entry & ENTRY_ADDRESS & ~mask) | (address & mask);
    return !write || mark_dirty(pointer, entry);
}

/* Pointer to the byte at a guest-virtual address; NULL on any fault. */
static void *find(struct machine_vcpu *vcpu, uint64_t address, bool write) {
    uint64_t physical;

    return walk(vcpu, address, write, &physical) ? find_physical(vcpu, physical, write) : NULL;
}

/* Bytes of a range of `bytes` that lie in its first page. */
static uint32_t bytes_in_page(uint64_t address, uint32_t bytes) {
    uint32_t room = PAGE_SIZE - (uint32_t)(address % PAGE_SIZE);

    return bytes < room ? bytes : room;
}

bool machine_guest_read(domain_id domain, vcpu_id id, uint64_t address, void *to, uint32_t bytes) {
    struct machine_vcpu *vcpu = &machine_vcpus[domain][id];
    uint32_t first = bytes_in_page(address, bytes);
    const void *from = find(vcpu, address, false);
    const void *rest = first == bytes ? from : find(vcpu, address + first, false);

    if (from == NULL || rest == NULL || bytes > PAGE_SIZE) return false;
    __builtin_memcpy(to, from, first);
    if (first != bytes) __builtin_memcpy((uint8_t *)to + first, rest, bytes - first);
    return true;
}

static struct mfn frame_of(const void *pointer) {
    return (struct mfn){((uint64_t)pointer - DIRECT_MAP) / PAGE_SIZE};
}

/* Twice: a page table entry that another vCPU changes at the same time refuses only the first. */
static void *find_writable(struct machine_vcpu *vcpu, uint64_t address) {
    void *place = find(vcpu, address, true);

    return place != NULL ? place : find(vcpu, address, true);
}

bool machine_guest_place(domain_id domain, vcpu_id id, uint64_t address, uint32_t bytes,
                         struct guest_place *place) {
    struct machine_vcpu *vcpu = &machine_vcpus[domain][id];
    uint32_t first = bytes_in_page(address, bytes);
    const void *to = find_writable(vcpu, address);
    const void *rest = first == bytes ? to : find_writable(vcpu, address + first);

    if (to == NULL || rest == NULL || bytes > PAGE_SIZE) return false;
    *place = (struct guest_place){
        .mfn = {frame_of(to), frame_of(rest)},
        .offset = (uint16_t)(address % PAGE_SIZE),
        .first = (uint16_t)first,
        .second = (uint16_t)(bytes - first),
    };
    return true;
}

void machine_place_write(const struct guest_place *place, const void *from, uint32_t bytes) {
    uint32_t first = bytes < place->first ? bytes : place->first;
    uint32_t second = bytes - first < place->second ? bytes - first : place->second;

    __builtin_memcpy((uint8_t *)frame_pointer(place->mfn[0]) + place->offset, from, first);
    if (second != 0)
        __builtin_memcpy(frame_pointer(place->mfn[1]), (const uint8_t *)from + first, second);
}

bool machine_guest_translate(domain_id domain, vcpu_id id, uint64_t address, uint64_t *physical) {
    return walk(&machine_vcpus[domain][id], address, false, physical);
}

void machine_frame_read(struct mfn mfn, uint32_t offset, void *to, uint32_t bytes) {
    __builtin_memcpy(to, (const uint8_t *)frame_pointer(mfn) + offset, bytes);
}

void machine_frame_write(struct mfn mfn, uint32_t offset, const void *from, uint32_t bytes) {
    __builtin_memcpy((uint8_t *)frame_pointer(mfn) + offset, from, bytes);
}

void machine_frame_zero(struct mfn mfn) { __builtin_memset(frame_pointer(mfn), 0, PAGE_SIZE); }

/* Reads the entry and, if `pin` is not 0, sets those bits in the same step. Flags and domid are one
 * 32-bit word, so that a grant cannot be given to somebody else in between. The frame is read
 * after: while it is pinned its owner may not change it. */
static enum reason read_grant(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                              uint32_t pin, struct grant_entry *out) {
    struct guest_grant_entry *entry = (struct guest_grant_entry *)frame_pointer(shared) + index;
    uint32_t word = __atomic_load_n(&entry->flags_and_domid, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; i < PIN_TRIES; i++) {
        bool writable = (word & GTF_READONLY) == 0;

        if ((word & GTF_TYPE_MASK) != GTF_PERMIT_ACCESS || word >> 16 != mapper ||
            (write && !writable))
            return REASON_INVALID;
        if (pin == 0 || __atomic_compare_exchange_n(&entry->flags_and_domid, &word, word | pin,
                                                    false, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE)) {
            out->frame.number = __atomic_load_n(&entry->frame, __ATOMIC_RELAXED);
            out->writable = writable;
            return REASON_OK;
        }
    }
    return REASON_BUSY;
}

enum reason machine_grant_pin(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                              struct grant_entry *out) {
    uint32_t pin = write ? GTF_READING | GTF_WRITING : GTF_READING;

    return read_grant(shared, index, mapper, write, pin, out);
}

enum reason machine_grant_peek(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                               struct grant_entry *out) {
    return read_grant(shared, index, mapper, write, 0, out);
}
