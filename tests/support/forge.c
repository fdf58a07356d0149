/* SPDX-License-Identifier: Apache-2.0 */
#include "forge.h"

#include "base/file.h"
#include "wire/archive.h"
#include "wire/names.h"
#include "wire/wire.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_ENTRIES 512
#define SEGMENT_MAX     (64u << 20) /* bytes */

/* ---- read and copy ------------------------------------------------------------------ */

static struct forged_entry *add (struct forged_journal *journal)
{
    if (journal->n_entries == journal->capacity) {
        journal->capacity = journal->capacity == 0 ? 256 : journal->capacity * 2;
        journal->entries =
            reallocarray (journal->entries, journal->capacity, sizeof *journal->entries);
        assert (journal->entries != NULL);
    }
    return &journal->entries[journal->n_entries++];
}

/* Through the encoding: every message inside is a copy. Bodies are shared. */
static void take (struct forgery *forgery, struct forged_journal *journal,
                  struct bytes header, struct bytes body)
{
    struct forged_entry copy = { .body = body, .header = header };
    int rc = entry_decode (&forgery->arena, header, &copy.entry, NULL);
    assert (rc == 0);
    *add (journal) = copy;
}

struct reading {
    struct forgery *forgery;
    struct forged_journal *journal;
};

static void read_one (void *arg, const struct entry *entry, struct bytes body)
{
    struct reading *reading = arg;
    struct bytes kept = arena_bytes (&reading->forgery->arena, body);
    take (reading->forgery, reading->journal,
          entry_encode (&reading->forgery->arena, entry), kept);
}

void forgery_read (struct town *town, struct forgery *ret)
{
    *ret = (struct forgery){ 0 };
    arena_init (&ret->arena, 0);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        struct forged_journal *journal = &ret->journals[speaker];
        struct core *core = town_core (town, speaker);
        if (core == NULL)
            continue;
        const struct journal_identity *identity = journal_identity (core_journal (core));
        memcpy (journal->id, identity->id, sizeof journal->id);
        journal->incarnation = identity->incarnation;
        town_journal (town, speaker, read_one, &(struct reading){ ret, journal });
    }
}

void forgery_copy (const struct forgery *from, struct forgery *ret)
{
    *ret = (struct forgery){ 0 };
    arena_init (&ret->arena, 0);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        const struct forged_journal *source = &from->journals[speaker];
        struct forged_journal *journal = &ret->journals[speaker];
        memcpy (journal->id, source->id, sizeof journal->id);
        journal->incarnation = source->incarnation;
        for (size_t i = 0; i < source->n_entries; i++)
            take (ret, journal, source->entries[i].header, source->entries[i].body);
    }
}

void forgery_done (struct forgery *forgery)
{
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        free (forgery->journals[speaker].entries);
    arena_done (&forgery->arena);
    *forgery = (struct forgery){ 0 };
}

/* ---- change ------------------------------------------------------------------------- */

struct forged_entry *forged_at (struct forgery *forgery, enum speaker speaker,
                                uint64_t sequence)
{
    struct forged_journal *journal = &forgery->journals[speaker];
    assert (sequence >= 1 && sequence <= journal->n_entries);
    return &journal->entries[sequence - 1];
}

static void number_anew (struct forged_journal *journal)
{
    for (size_t i = 0; i < journal->n_entries; i++)
        journal->entries[i].entry.sequence = i + 1;
}

struct forged_entry *forged_insert (struct forgery *forgery, enum speaker speaker,
                                    uint64_t after, const struct forged_entry *entry)
{
    struct forged_journal *journal = &forgery->journals[speaker];
    assert (after <= journal->n_entries);
    take (forgery, journal, entry_encode (&forgery->arena, &entry->entry), entry->body);
    struct forged_entry last = journal->entries[journal->n_entries - 1];
    memmove (&journal->entries[after + 1], &journal->entries[after],
             (journal->n_entries - 1 - after) * sizeof last);
    journal->entries[after] = last;
    number_anew (journal);
    return &journal->entries[after];
}

void forged_remove (struct forgery *forgery, enum speaker speaker, uint64_t sequence)
{
    struct forged_journal *journal = &forgery->journals[speaker];
    assert (sequence >= 1 && sequence <= journal->n_entries);
    memmove (&journal->entries[sequence - 1], &journal->entries[sequence],
             (journal->n_entries - sequence) * sizeof *journal->entries);
    journal->n_entries--;
    number_anew (journal);
}

/* ---- tell --------------------------------------------------------------------------- */

static struct hash leaf_of (struct bytes header, struct bytes body,
                            struct hash *ret_body_hash)
{
    struct hash leaf;
    *ret_body_hash = (struct hash){ 0 };
    if (body.size > 0)
        journal_body_hash (body, ret_body_hash);
    journal_leaf_hash (header, ret_body_hash, &leaf);
    return leaf;
}

void forgery_tell (const struct forgery *forgery, enum speaker speaker, forged_fn *fn,
                   void *arg)
{
    const struct forged_journal *journal = &forgery->journals[speaker];
    struct buffer header = { 0 };
    for (size_t i = 0; i < journal->n_entries; i++) {
        const struct forged_entry *entry = &journal->entries[i];
        struct hash body_hash;
        buffer_clear (&header);
        entry_append (&entry->entry, &header);
        struct hash leaf = leaf_of (buffer_bytes (&header), entry->body, &body_hash);
        fn (arg, speaker, &entry->entry, entry->body, &leaf);
    }
    buffer_done (&header);
}

struct hash forged_leaf (const struct forgery *forgery, enum speaker speaker,
                         uint64_t sequence)
{
    const struct forged_journal *journal = &forgery->journals[speaker];
    struct buffer header = { 0 };
    struct hash body_hash;
    if (sequence == 0 || sequence > journal->n_entries)
        return (struct hash){ 0 };
    const struct forged_entry *entry = &journal->entries[sequence - 1];
    entry_append (&entry->entry, &header);
    struct hash leaf = leaf_of (buffer_bytes (&header), entry->body, &body_hash);
    buffer_done (&header);
    return leaf;
}

/* ---- write -------------------------------------------------------------------------- */

static void frame_begin (struct buffer *file, size_t *ret_at)
{
    *ret_at = file->size;
    buffer_extend (file, 4);
}

static void frame_end (struct buffer *file, size_t at)
{
    put_be32 (file->data + at, (uint32_t) (file->size - at - 4));
}

static struct bytes root_bytes (const struct tree_frontier *tree, struct hash *root)
{
    tree_frontier_root (tree, root);
    return BYTES (root->data, sizeof root->data);
}

static void append_entry (const struct forged_entry *entry, struct tree_frontier *tree,
                          struct buffer *header, struct buffer *leaves,
                          struct buffer *file)
{
    struct hash body_hash;
    size_t at;
    buffer_clear (header);
    entry_append (&entry->entry, header);
    struct hash leaf = leaf_of (buffer_bytes (header), entry->body, &body_hash);
    tree_append (tree, &leaf, NULL, NULL);
    buffer_append (leaves, leaf.data, ARCHIVE_LEAF_SIZE);
    struct followed followed = { .header = buffer_bytes (header), .body = entry->body };
    if (entry->body.size > 0)
        followed.body_hash = BYTES (body_hash.data, sizeof body_hash.data);
    frame_begin (file, &at);
    followed_append (&followed, file);
    frame_end (file, at);
}

/* One segment, of entries[from] on; returns where the next begins. */
static size_t append_segment (const struct forged_journal *journal, enum speaker speaker,
                              size_t from, size_t size, struct tree_frontier *tree,
                              struct buffer *file)
{
    struct buffer header = { 0 }, leaves = { 0 };
    struct hash root, digest;
    size_t at, to = journal->n_entries - from > size ? from + size : journal->n_entries;
    struct segment_head head = { .format = ARCHIVE_FORMAT,
                                 .speaker = speaker,
                                 .journal = BYTES (journal->id, sizeof journal->id),
                                 .incarnation = journal->incarnation,
                                 .first = from + 1,
                                 .root_before = root_bytes (tree, &root),
                                 .written_ms = journal->entries[to - 1].entry.time_ms };
    frame_begin (file, &at);
    segment_head_append (&head, file);
    frame_end (file, at);
    for (size_t i = from; i < to; i++)
        append_entry (&journal->entries[i], tree, &header, &leaves, file);
    hash_bytes (buffer_bytes (file), &digest);
    struct segment_end end = { .last = to,
                               .root = root_bytes (tree, &root),
                               .leaves = buffer_bytes (&leaves),
                               .digest = BYTES (digest.data, sizeof digest.data) };
    frame_begin (file, &at);
    segment_end_append (&end, file);
    frame_end (file, at);
    buffer_done (&header);
    buffer_done (&leaves);
    return to;
}

static void write_file (const char *path, struct bytes content)
{
    FILE *file = fopen (path, "wb");
    assert (file != NULL);
    size_t written = fwrite (content.data, 1, content.size, file);
    assert (written == content.size);
    int rc = fclose (file);
    assert (rc == 0);
}

/* A segment that the folder 'like' has the same is linked: what is the same is read once. */
static void put_segment (const char *dir, const char *like, const char *name,
                         struct bytes content)
{
    char path[PATH_MAX], other[PATH_MAX];
    struct buffer there = { 0 };
    int size = snprintf (path, sizeof path, "%s/%s", dir, name);
    assert (size > 0 && (size_t) size < sizeof path);
    size = snprintf (other, sizeof other, "%s/%s", like == NULL ? "" : like, name);
    assert (size > 0 && (size_t) size < sizeof other);
    if (like == NULL || file_read (other, SEGMENT_MAX, &there, NULL) != 0 ||
        !bytes_equal (buffer_bytes (&there), content) || link (other, path) != 0)
        write_file (path, content);
    buffer_done (&there);
}

void forgery_write (const struct forgery *forgery, const char *dir, const char *like)
{
    char name[512];
    struct buffer file = { 0 };
    mkdir (dir, 0700);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        const struct forged_journal *journal = &forgery->journals[speaker];
        struct tree_frontier tree = { 0 };
        snprintf (name, sizeof name, "%s/%s", dir, speaker_name (speaker));
        mkdir (name, 0700);
        for (size_t from = 0; from < journal->n_entries;) {
            snprintf (name, sizeof name, "%s/%012zu.segment", speaker_name (speaker),
                      from + 1);
            buffer_clear (&file);
            from = append_segment (journal, speaker, from, SEGMENT_ENTRIES, &tree, &file);
            put_segment (dir, like, name, buffer_bytes (&file));
        }
    }
    buffer_done (&file);
}
