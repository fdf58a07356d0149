/* SPDX-License-Identifier: Apache-2.0 */
/* Journals in the hand of a forger: read out of a town, changed at will, and told again
 * with hashes and trees that are right. What the audits must find is in the words alone.
 *
 *     struct forgery good, forged;
 *     forgery_read (town, &good);
 *     forgery_copy (&good, &forged);
 *     forged.journals[SPEAKER_ROUTING].entries[41].entry.moved->fencing = 1;
 *     forgery_tell (&forged, …)  or  forgery_write (&forged, "/tmp/x", …)
 *
 * An archive written here has the form of proto/minqing/v1/archive.proto, as a backup has. */
#ifndef MINQING_SUPPORT_FORGE_H
#define MINQING_SUPPORT_FORGE_H

#include "base/arena.h"
#include "base/hash.h"
#include "journal/journal.h"
#include "town.h"

struct forged_entry {
    struct entry entry;
    struct bytes body;
    struct bytes header; /* as it was read; copies are made from it */
};

struct forged_journal {
    uint8_t id[JOURNAL_ID_SIZE];
    uint32_t incarnation;
    struct forged_entry *entries; /* entries[i] is sequence i + 1 */
    size_t n_entries, capacity;
};

struct forgery {
    struct arena arena;
    struct forged_journal journals[SPEAKER_COUNT];
};

/* All journals of the town as they are. 'forgery_done' frees. */
void forgery_read (struct town *town, struct forgery *ret);
/* Another one that may be changed, every message of it, without touching the first; its
 * bodies are the first's, which must live on. */
void forgery_copy (const struct forgery *from, struct forgery *ret);
void forgery_done (struct forgery *forgery);

/* The entry of this sequence. */
struct forged_entry *forged_at (struct forgery *forgery, enum speaker speaker,
                                uint64_t sequence);
/* Put a copy of the entry behind sequence 'after'; it and those behind are numbered anew.
 * Take an entry away: those behind are numbered anew. Nothing else is: what names them by
 * number names others now. */
struct forged_entry *forged_insert (struct forgery *forgery, enum speaker speaker,
                                    uint64_t after, const struct forged_entry *entry);
void forged_remove (struct forgery *forgery, enum speaker speaker, uint64_t sequence);

/* Every entry in order, with its leaf hash. */
typedef void forged_fn (void *arg, enum speaker speaker, const struct entry *entry,
                        struct bytes body, const struct hash *leaf_hash);
void forgery_tell (const struct forgery *forgery, enum speaker speaker, forged_fn *fn,
                   void *arg);
/* Leaf hash of one entry; zero for sequence 0. */
struct hash forged_leaf (const struct forgery *forgery, enum speaker speaker,
                         uint64_t sequence);

/* DIR/SERVICE/000000000001.segment …; those that are the same in the folder 'like' (NULL:
 * none) are links to them. */
void forgery_write (const struct forgery *forgery, const char *dir, const char *like);

#endif
