/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one entry. Nothing here knows the order of entries or the tree.
 *
 *   key    u64   sequence
 *
 *   value  at  size
 *           0     1  form, 1
 *           1     1  state: 0 no body, 1 body here, 2 body erased
 *           2     4  h, size of the header
 *           6     4  b, size of the body as it was appended (0 in state 0)
 *          10    32  leaf hash
 *          42    32  body hash (zero in state 0)
 *          74     h  header
 *        74+h     b  body, in state 1 only
 *
 * Header before body, so that whoever wants headers only never touches the pages of a
 * large body. The leaf hash is kept although it can be computed: proofs read it without
 * the header, and a difference between the two is how damage is found. */
#include "journal/journal_inside.h"

#include <errno.h>
#include <string.h>

enum { AT_FORM = 0, AT_STATE = 1, AT_HEADER_SIZE = 2, AT_BODY_SIZE = 6 };
enum { AT_LEAF_HASH = 10, AT_BODY_HASH = 42, AT_HEADER = 74 };

#define FORM 1

enum state { NO_BODY = 0, BODY_HERE = 1, BODY_ERASED = 2 };

struct key journal_entry_key (uint64_t sequence)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, sequence);
    return key;
}

uint64_t journal_key_sequence (struct bytes key)
{
    uint64_t sequence = key_take_u64 (&key);
    return key_taken_whole (&key) ? sequence : 0;
}

void journal_body_hash (struct bytes body, struct hash *ret_hash)
{
    if (body.size == 0)
        *ret_hash = (struct hash){ 0 };
    else
        hash_bytes (body, ret_hash);
}

void journal_leaf_hash (struct bytes header, const struct hash *body_hash,
                        struct hash *ret_hash)
{
    uint8_t size[4];
    put_be32 (size, (uint32_t) header.size);
    struct bytes parts[] = { BYTES_OF (size), header, hash_view (body_hash) };
    tree_leaf (parts, ARRAY_SIZE (parts), ret_hash);
}

/* ---- write ------------------------------------------------------------------------- */

static void write_fixed (uint8_t *to, enum state state,
                         const struct journal_record *record)
{
    to[AT_FORM] = FORM;
    to[AT_STATE] = (uint8_t) state;
    put_be32 (to + AT_HEADER_SIZE, (uint32_t) record->header.size);
    put_be32 (to + AT_BODY_SIZE, record->body_size);
    memcpy (to + AT_LEAF_HASH, record->leaf_hash.data, HASH_SIZE);
    memcpy (to + AT_BODY_HASH, record->body_hash.data, HASH_SIZE);
}

void journal_write_record (struct journal *journal, struct txn *txn,
                           const struct journal_record *record)
{
    struct bytes header = record->header, body = record->body;
    struct key key = journal_entry_key (record->sequence);
    uint8_t *to = txn_append_space (txn, journal->tables.entries, key_view (&key),
                                    AT_HEADER + header.size + body.size);
    if (to == NULL)
        return;
    enum state state = body.size > 0       ? BODY_HERE
                       : record->is_erased ? BODY_ERASED
                                           : NO_BODY;
    write_fixed (to, state, record);
    memcpy (to + AT_HEADER, header.data, header.size);
    if (body.size > 0)
        memcpy (to + AT_HEADER + header.size, body.data, body.size);
}

void journal_mend (struct journal *journal, struct txn *txn, uint64_t sequence,
                   struct bytes header, struct bytes body, const struct hash *body_hash)
{
    struct journal_record record = { .sequence = sequence,
                                     .header = header,
                                     .body = body,
                                     .body_size = (uint32_t) body.size,
                                     .body_hash = *body_hash };
    enum state state = body.size > 0               ? BODY_HERE
                       : !hash_is_zero (body_hash) ? BODY_ERASED
                                                   : NO_BODY;
    if (state == BODY_ERASED)
        record.body_size = JOURNAL_SIZE_UNKNOWN;
    journal_leaf_hash (header, body_hash, &record.leaf_hash);
    struct buffer value = { 0 };
    write_fixed (buffer_extend (&value, AT_HEADER), state, &record);
    buffer_append_bytes (&value, header);
    buffer_append_bytes (&value, body);
    struct key key = journal_entry_key (sequence);
    txn_put (txn, journal->tables.entries, key_view (&key), buffer_bytes (&value));
    buffer_done (&value);
}

/* Do the leaf hashes, as they stand there, give the node that is kept over them, or at the
 * end of the journal, where there is none yet, the root? */
bool journal_mended (struct journal *journal, struct txn *txn, uint64_t sequence)
{
    static_assert (JOURNAL_BLOCK == 1 << JOURNAL_TREE_STEP, "a kept node over each");
    uint64_t index = (sequence - 1) / JOURNAL_BLOCK;
    struct tree_frontier frontier = { 0 }, kept;
    struct journal_place place = { journal, txn };
    struct tree_source source = journal_tree_source (&place);
    struct hash leaf, root, expected;
    if (txn_error (txn) < 0 || journal_load_frontier (journal, txn, &kept) < 0)
        return false;
    if ((index + 1) * JOURNAL_BLOCK > kept.size) {
        tree_frontier_root (&kept, &expected);
        if (tree_load_frontier (&source, kept.size, &frontier) < 0)
            return false;
    } else if (!journal_kept_node (journal, txn, JOURNAL_TREE_STEP, index, &expected)) {
        return false;
    }
    while (frontier.size < JOURNAL_BLOCK && (index + 1) * JOURNAL_BLOCK <= kept.size) {
        uint64_t at = index * JOURNAL_BLOCK + frontier.size + 1;
        if (journal_read_leaf (journal, txn, at, &leaf) < 0)
            return false;
        tree_append (&frontier, &leaf, NULL, NULL);
    }
    tree_frontier_root (&frontier, &root);
    return hash_equal (&root, &expected);
}

int journal_erase_body (struct journal *journal, struct txn *txn, uint64_t sequence)
{
    struct journal_record record;
    int rc = journal_read_header (journal, txn, sequence, &record);
    if (rc < 0 || record.is_erased || record.body_size == 0)
        return rc;
    struct buffer value = { 0 }; /* the record is the store's memory: copy, then put */
    write_fixed (buffer_extend (&value, AT_HEADER), BODY_ERASED, &record);
    buffer_append_bytes (&value, record.header);
    struct key key = journal_entry_key (sequence);
    txn_put (txn, journal->tables.entries, key_view (&key), buffer_bytes (&value));
    buffer_done (&value);
    return txn_error (txn);
}

/* ---- read -------------------------------------------------------------------------- */

/* Sizes and state, so that everything after this may be read. */
static const char *parse_layout (struct bytes value, struct journal_record *record)
{
    if (value.size < AT_HEADER)
        return "it is shorter than any entry";
    if (value.data[AT_FORM] != FORM)
        return "it has an unknown form";
    uint8_t state = value.data[AT_STATE];
    size_t header_size = get_be32 (value.data + AT_HEADER_SIZE);
    size_t body_size = get_be32 (value.data + AT_BODY_SIZE);
    if (state > BODY_ERASED || (state == NO_BODY) != (body_size == 0))
        return "it says two things about its body";
    if (value.size != AT_HEADER + header_size + (state == BODY_HERE ? body_size : 0))
        return "its parts do not add up to its length";
    memcpy (record->leaf_hash.data, value.data + AT_LEAF_HASH, HASH_SIZE);
    memcpy (record->body_hash.data, value.data + AT_BODY_HASH, HASH_SIZE);
    record->header = BYTES (value.data + AT_HEADER, header_size);
    record->body_size = (uint32_t) body_size;
    record->is_erased = state == BODY_ERASED;
    if (state == BODY_HERE)
        record->body = BYTES (value.data + AT_HEADER + header_size, body_size);
    return NULL;
}

static const char *hold_against_hashes (const struct journal_record *record)
{
    struct hash hash;
    journal_leaf_hash (record->header, &record->body_hash, &hash);
    if (!hash_equal (&hash, &record->leaf_hash))
        return "its header does not give its leaf hash";
    if (hash_is_zero (&record->body_hash) != (record->body_size == 0))
        return "it says two things about its body";
    if (record->body.size == 0)
        return NULL;
    journal_body_hash (record->body, &hash);
    return hash_equal (&hash, &record->body_hash)
               ? NULL
               : "its body does not give its body hash";
}

static const char *parse (uint64_t sequence, struct bytes value, enum journal_depth depth,
                          bool is_known, struct journal_record *ret_record)
{
    struct journal_record record = { .sequence = sequence };
    const char *wrong = parse_layout (value, &record);
    if (depth == JOURNAL_HEADERS)
        record.body = BYTES (NULL, 0);
    if (wrong == NULL && !is_known)
        wrong = hold_against_hashes (&record);
    if (wrong == NULL)
        *ret_record = record;
    return wrong;
}

const char *journal_parse (uint64_t sequence, struct bytes value,
                           enum journal_depth depth, struct journal_record *ret_record)
{
    return parse (sequence, value, depth, false, ret_record);
}

static int read_entry (struct journal *journal, struct txn *txn, uint64_t sequence,
                       enum journal_depth depth, struct journal_record *ret_record)
{
    struct key key = journal_entry_key (sequence);
    struct bytes value;
    if (!txn_get (txn, journal->tables.entries, key_view (&key), &value))
        return -ENOENT;
    return journal_parse (sequence, value, depth, ret_record) == NULL ? 0 : -EBADMSG;
}

int journal_read (struct journal *journal, struct txn *txn, uint64_t sequence,
                  struct journal_record *ret_record)
{
    return read_entry (journal, txn, sequence, JOURNAL_BODIES, ret_record);
}

int journal_read_header (struct journal *journal, struct txn *txn, uint64_t sequence,
                         struct journal_record *ret_record)
{
    return read_entry (journal, txn, sequence, JOURNAL_HEADERS, ret_record);
}

/* Without the header's hash: a proof that is wrong proves nothing, and says so. */
int journal_read_leaf (struct journal *journal, struct txn *txn, uint64_t sequence,
                       struct hash *ret_hash)
{
    struct key key = journal_entry_key (sequence);
    struct bytes value;
    if (!txn_get (txn, journal->tables.entries, key_view (&key), &value) ||
        value.size < AT_HEADER)
        return -EBADMSG;
    memcpy (ret_hash->data, value.data + AT_LEAF_HASH, HASH_SIZE);
    return 0;
}

/* ---- in order ------------------------------------------------------------------------ */

void journal_reader_init (struct journal_reader *reader, struct journal *journal,
                          struct txn *txn, uint64_t from, enum journal_depth depth)
{
    assert (from > 0);
    *reader = (struct journal_reader){
        .journal = journal,
        .depth = depth,
        .sequence = from - 1,
    };
    cursor_init (&reader->cursor, txn, journal->tables.entries);
}

void journal_reader_done (struct journal_reader *reader)
{
    cursor_done (&reader->cursor);
}

int journal_reader_next (struct journal_reader *reader, struct journal_record *ret_record)
{
    struct cursor *cursor = &reader->cursor;
    struct key expected = journal_entry_key (reader->sequence + 1);
    if (!cursor_is_on (cursor))
        cursor_seek (cursor, key_view (&expected));
    else if (bytes_compare (cursor_key (cursor), key_view (&expected)) < 0)
        cursor_next (cursor); /* else it waits behind a gap that is being told */
    if (!cursor_is_on (cursor))
        return txn_error (cursor->txn);
    reader->sequence++;
    if (!bytes_equal (cursor_key (cursor), key_view (&expected)))
        return -EBADMSG;
    bool is_known = reader->known_from > 0 && reader->sequence >= reader->known_from;
    const char *wrong = parse (reader->sequence, cursor_value (cursor), reader->depth,
                               is_known, ret_record);
    return wrong == NULL ? 1 : -EBADMSG;
}
