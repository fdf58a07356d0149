/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/journal.h"
#include "journal/tree.h"
#include "support/scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the tree, against the definition ----------------------------------------------- */

#define LEAVES 70

/* RFC 6962 §2.1, word by word. */
static void naive_root (const struct hash *leaves, size_t count, struct hash *ret_root)
{
    if (count == 0) {
        hash_bytes (BYTES (NULL, 0), ret_root);
        return;
    }
    if (count == 1) {
        *ret_root = leaves[0];
        return;
    }
    size_t split = 1;
    while (split * 2 < count)
        split *= 2;
    struct hash left, right;
    naive_root (leaves, split, &left);
    naive_root (leaves + split, count - split, &right);
    tree_node (&left, &right, ret_root);
}

static int naive_node (void *arg, unsigned level, uint64_t index, struct hash *ret_hash)
{
    const struct hash *leaves = arg;
    size_t width = (size_t) 1 << level;
    naive_root (leaves + index * width, width, ret_hash);
    return 0;
}

struct grove {
    struct hash leaves[LEAVES];
    struct hash roots[LEAVES + 1];
    struct tree_source source;
};

static void grove_init (struct grove *grove)
{
    grove->source = (struct tree_source){ .node = naive_node, .arg = grove->leaves };
    for (uint32_t i = 0; i < LEAVES; i++)
        tree_leaf (&(struct bytes) BYTES_OF (i), 1, &grove->leaves[i]);
    for (size_t size = 0; size <= LEAVES; size++)
        naive_root (grove->leaves, size, &grove->roots[size]);
}

static void assert_hash_is (const struct hash *hash, const char *text)
{
    char found[HASH_TEXT_SIZE];
    hash_text (hash, found);
    assert_string_equal (found, text);
}

static void assert_hash_equal (const struct hash *a, const struct hash *b)
{
    char text[HASH_TEXT_SIZE];
    hash_text (b, text);
    assert_hash_is (a, text);
}

/* The eight leaves that implementations of Certificate Transparency share. */
static void roots_are_those_of_certificate_transparency (void **state UNUSED)
{
    static const struct {
        struct bytes leaf;
        const char *root;
    } steps[] = {
        { BYTES ("", 0),
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
        { BYTES ("\x00", 1),
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
        { BYTES ("\x10", 1),
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
        { BYTES ("\x20\x21", 2),
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
        { BYTES ("\x30\x31", 2),
          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
        { BYTES ("\x40\x41\x42\x43", 4),
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
        { BYTES ("\x50\x51\x52\x53\x54\x55\x56\x57", 8),
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
        { BYTES ("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16),
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
    };
    struct tree_frontier frontier = { 0 };
    struct hash root, leaf;
    tree_frontier_root (&frontier, &root);
    assert_hash_is (&root,
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < ARRAY_SIZE (steps); i++) {
        tree_leaf (&steps[i].leaf, 1, &leaf);
        tree_append (&frontier, &leaf, NULL, NULL);
        tree_frontier_root (&frontier, &root);
        assert_hash_is (&root, steps[i].root);
    }
}

static void compare_completed (void *arg, unsigned level, uint64_t index,
                               const struct hash *hash)
{
    struct grove *grove = arg;
    struct hash expected;
    assert_int_equal (naive_node (grove->leaves, level, index, &expected), 0);
    assert_hash_equal (hash, &expected);
}

static void appending_gives_the_root_and_nodes_of_the_definition (void **state UNUSED)
{
    struct grove grove;
    struct tree_frontier frontier = { 0 }, loaded;
    struct hash root;
    grove_init (&grove);
    for (size_t size = 1; size <= LEAVES; size++) {
        tree_append (&frontier, &grove.leaves[size - 1], compare_completed, &grove);
        tree_frontier_root (&frontier, &root);
        assert_hash_equal (&root, &grove.roots[size]);
        assert_int_equal (tree_load_frontier (&grove.source, size, &loaded), 0);
        tree_frontier_root (&loaded, &root);
        assert_hash_equal (&root, &grove.roots[size]);
    }
}

static void every_leaf_is_proved_in_every_tree_and_nothing_else_is (void **state UNUSED)
{
    struct grove grove;
    grove_init (&grove);
    for (uint64_t size = 1; size <= LEAVES; size++) {
        const struct hash *root = &grove.roots[size];
        for (uint64_t index = 0; index < size; index++) {
            struct tree_proof proof;
            const struct hash *leaf = &grove.leaves[index];
            assert_int_equal (tree_prove_inclusion (&grove.source, index, size, &proof),
                              0);
            assert_true (tree_verify_inclusion (leaf, index, size, &proof, root));
            assert_false (tree_verify_inclusion (&grove.leaves[(index + 1) % LEAVES],
                                                 index, size, &proof, root));
            for (uint64_t other = 0; other < size; other++)
                if (other != index)
                    assert_false (
                        tree_verify_inclusion (leaf, other, size, &proof, root));
            for (unsigned i = 0; i < proof.count; i++) {
                proof.nodes[i].data[i % HASH_SIZE] ^= 1;
                assert_false (tree_verify_inclusion (leaf, index, size, &proof, root));
                proof.nodes[i].data[i % HASH_SIZE] ^= 1;
            }
            proof.nodes[proof.count++] = *leaf; /* too long, then too short */
            assert_false (tree_verify_inclusion (leaf, index, size, &proof, root));
            if (proof.count >= 2) {
                proof.count -= 2;
                assert_false (tree_verify_inclusion (leaf, index, size, &proof, root));
            }
        }
        struct tree_proof none = { 0 };
        assert_int_equal (tree_prove_inclusion (&grove.source, size, size, &none),
                          -ERANGE);
        assert_false (tree_verify_inclusion (root, size, size, &none, root));
    }
}

static void every_tree_continues_every_smaller_one (void **state UNUSED)
{
    struct grove grove;
    grove_init (&grove);
    for (uint64_t new_size = 0; new_size <= LEAVES; new_size++) {
        const struct hash *new_root = &grove.roots[new_size];
        struct tree_proof proof;
        assert_int_equal (
            tree_prove_consistency (&grove.source, new_size + 1, new_size, &proof),
            -ERANGE);
        for (uint64_t old_size = 0; old_size <= new_size; old_size++) {
            const struct hash *old_root = &grove.roots[old_size];
            const struct hash *wrong_root = &grove.roots[old_size == 1 ? 2 : 1];
            assert_int_equal (
                tree_prove_consistency (&grove.source, old_size, new_size, &proof), 0);
            assert_true (
                tree_verify_consistency (old_size, old_root, new_size, new_root, &proof));
            assert_false (tree_verify_consistency (old_size, wrong_root, new_size,
                                                   new_root, &proof));
            if (old_size > 0)
                assert_false (tree_verify_consistency (
                    old_size, old_root, new_size,
                    wrong_root == new_root ? &grove.roots[3] : wrong_root, &proof));
            for (unsigned i = 0; i < proof.count; i++) {
                proof.nodes[i].data[31] ^= 0x80;
                assert_false (tree_verify_consistency (old_size, old_root, new_size,
                                                       new_root, &proof));
                proof.nodes[i].data[31] ^= 0x80;
            }
            proof.nodes[proof.count++] = *old_root;
            assert_false (
                tree_verify_consistency (old_size, old_root, new_size, new_root, &proof));
        }
    }
}

/* ---- the journal --------------------------------------------------------------------- */

enum { ENTRIES, TREE, META, FACTS, TABLE_COUNT };
static const char *const tables[] = { "entries", "tree", "meta", "facts" };
static const struct journal_tables places = { ENTRIES, TREE, META };
static const uint8_t first_id[JOURNAL_ID_SIZE] = "0123456789abcde";

/* A journal in a store of its own. */
struct bench {
    struct scratch scratch;
    struct store *store;
    struct journal *journal;
};

static void bench_open (struct bench *bench)
{
    struct err err = { 0 };
    int rc = store_open_volatile (bench->scratch.path, tables, TABLE_COUNT, 64,
                                  &bench->store, &err);
    if (rc != 0)
        fail_msg ("%s", err.text);
    struct txn *txn = txn_begin_write (bench->store);
    rc = journal_open (txn, &places, first_id, &bench->journal, &err);
    if (rc != 0)
        fail_msg ("%s", err.text);
    assert_int_equal (txn_commit (&txn), 0);
}

static void bench_close (struct bench *bench)
{
    journal_close (&bench->journal);
    store_close (&bench->store);
}

static void bench_reopen (struct bench *bench)
{
    bench_close (bench);
    bench_open (bench);
}

static struct bench bench_make (void)
{
    struct bench bench = { .scratch = scratch_make () };
    bench_open (&bench);
    return bench;
}

static void bench_done (struct bench *bench)
{
    bench_close (bench);
    scratch_remove (&bench->scratch);
}

/* Entry n of all these tests: a header that carries its number, and for most a body. */
static struct bytes header_of (uint64_t sequence, char buffer[64])
{
    int length = snprintf (buffer, 64, "header %llu", (unsigned long long) sequence);
    return BYTES (buffer, (size_t) length);
}

static struct bytes body_of (uint64_t sequence, char buffer[5000])
{
    size_t size = sequence % 3 == 0 ? 0 : sequence * 37 % 5000;
    for (size_t i = 0; i < size; i++)
        buffer[i] = (char) ('a' + (sequence + i) % 26);
    return BYTES (buffer, size);
}

static uint64_t append_one (struct bench *bench, struct txn *txn)
{
    char header[64], body[5000];
    uint64_t sequence = journal_next_sequence (bench->journal, txn);
    uint64_t given = journal_append (bench->journal, txn, header_of (sequence, header),
                                     body_of (sequence, body), NULL);
    assert_true (given == sequence || txn_error (txn) != 0);
    return given;
}

static void append_many (struct bench *bench, unsigned count)
{
    struct txn *txn = txn_begin_write (bench->store);
    for (unsigned i = 0; i < count; i++)
        append_one (bench, txn);
    assert_int_equal (txn_commit (&txn), 0);
}

static void leaf_of (uint64_t sequence, struct hash *ret_leaf)
{
    char header[64], body[5000];
    struct hash body_hash;
    journal_body_hash (body_of (sequence, body), &body_hash);
    journal_leaf_hash (header_of (sequence, header), &body_hash, ret_leaf);
}

static void assert_root_is_naive (struct bench *bench, uint64_t size)
{
    struct hash *leaves = calloc (size + 1, sizeof *leaves), expected, root;
    for (uint64_t i = 0; i < size; i++)
        leaf_of (i + 1, &leaves[i]);
    naive_root (leaves, size, &expected);
    free (leaves);
    struct txn *txn = txn_begin_read (bench->store);
    assert_int_equal (journal_root (bench->journal, txn, size, &root), 0);
    assert_hash_equal (&root, &expected);
    txn_abort (&txn);
}

static int verify (struct bench *bench, uint64_t from, uint64_t to, uint64_t *ret_damaged,
                   struct err *err)
{
    struct txn *txn = txn_begin_read (bench->store);
    int rc = journal_verify (bench->journal, txn, from, to, ret_damaged, err);
    txn_abort (&txn);
    return rc;
}

static void assert_verifies (struct bench *bench)
{
    struct err err = { 0 };
    if (verify (bench, 1, 0, NULL, &err) != 0)
        fail_msg ("%s", err.text);
}

static void leaf_hash_is_made_as_the_contract_says (void **state UNUSED)
{
    struct hash body_hash, leaf, expected;
    journal_body_hash (bytes_of_text ("abc"), &body_hash);
    assert_hash_is (&body_hash,
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    journal_leaf_hash (bytes_of_text ("hi"), &body_hash, &leaf);
    uint8_t text[1 + 4 + 2 + 32] = { 0, 0, 0, 0, 2, 'h', 'i' };
    memcpy (text + 7, body_hash.data, HASH_SIZE);
    hash_bytes (BYTES_OF (text), &expected);
    assert_hash_equal (&leaf, &expected);
    journal_body_hash (BYTES (NULL, 0), &body_hash);
    assert_true (hash_is_zero (&body_hash));
}

static void entries_read_back_in_order_without_a_gap (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 30);
    bench_reopen (&bench);
    append_many (&bench, 10);
    struct txn *txn = txn_begin_read (bench.store);
    assert_int_equal (journal_size (bench.journal, txn), 40);
    for (uint64_t sequence = 1; sequence <= 40; sequence++) {
        char header[64], body[5000];
        struct journal_record record;
        struct hash leaf;
        assert_int_equal (journal_read (bench.journal, txn, sequence, &record), 0);
        assert_int_equal (record.sequence, sequence);
        assert_true (bytes_equal (record.header, header_of (sequence, header)));
        assert_true (bytes_equal (record.body, body_of (sequence, body)));
        assert_int_equal (record.body_size, record.body.size);
        leaf_of (sequence, &leaf);
        assert_hash_equal (&record.leaf_hash, &leaf);
        assert_int_equal (journal_read_header (bench.journal, txn, sequence, &record), 0);
        assert_null (record.body.data);
    }
    struct journal_record record;
    assert_int_equal (journal_read (bench.journal, txn, 0, &record), -ENOENT);
    assert_int_equal (journal_read (bench.journal, txn, 41, &record), -ENOENT);
    txn_abort (&txn);
    assert_verifies (&bench);
}

static void identity_is_the_one_given_first (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    struct err err = { 0 };
    journal_close (&bench.journal);
    struct txn *txn = txn_begin_read (bench.store);
    assert_int_equal (journal_open (txn, &places, NULL, &bench.journal, &err), 0);
    const struct journal_identity *identity = journal_identity (bench.journal);
    assert_memory_equal (identity->id, first_id, sizeof first_id);
    assert_int_equal (identity->incarnation, 1);
    assert_int_equal (identity->previous_size, 0);
    journal_close (&bench.journal);
    static const struct journal_tables empty = { FACTS, FACTS, FACTS };
    assert_int_equal (journal_open (txn, &empty, NULL, &bench.journal, &err), -ENOENT);
    txn_abort (&txn);
}

static void aborted_entries_leave_no_trace (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 15);
    for (unsigned i = 1; i <= 20; i++) {
        struct txn *txn = txn_begin_write (bench.store);
        for (unsigned j = 0; j < i; j++)
            append_one (&bench, txn);
        assert_int_equal (journal_size (bench.journal, txn), 14 + i + i);
        txn_abort (&txn);
        txn = txn_begin_read (bench.store);
        assert_int_equal (journal_size (bench.journal, txn), 14 + i);
        txn_abort (&txn);
        append_many (&bench, 1);
        assert_root_is_naive (&bench, 15 + i);
    }
    assert_verifies (&bench);
}

static void reader_beside_a_writer_sees_the_committed_size (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 3);
    struct txn *txn = txn_begin_write (bench.store);
    append_one (&bench, txn);
    struct txn *reader = txn_begin_read (bench.store);
    assert_int_equal (journal_size (bench.journal, reader), 3);
    assert_int_equal (journal_size (bench.journal, txn), 4);
    txn_abort (&reader);
    assert_int_equal (txn_commit (&txn), 0);
}

static void root_is_that_of_the_definition_at_every_size (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    assert_root_is_naive (&bench, 0);
    uint64_t size = 0;
    for (unsigned batch = 1; size < 300; batch = batch % 7 + 1) {
        append_many (&bench, batch);
        size += batch;
        assert_root_is_naive (&bench, size);
        assert_root_is_naive (&bench, size / 2);
    }
    bench_reopen (&bench);
    assert_root_is_naive (&bench, size);
    assert_verifies (&bench);
}

static void proofs_from_the_store_convince_a_stranger (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 600); /* two kept levels and a ragged edge */
    struct txn *txn = txn_begin_read (bench.store);
    struct hash root, old_root, leaf;
    struct tree_proof proof;
    assert_int_equal (journal_root (bench.journal, txn, 600, &root), 0);
    for (uint64_t n = 1; n <= 600; n += 7) {
        leaf_of (n, &leaf);
        assert_int_equal (journal_prove_inclusion (bench.journal, txn, n, 600, &proof),
                          0);
        assert_true (tree_verify_inclusion (&leaf, n - 1, 600, &proof, &root));
        assert_int_equal (journal_root (bench.journal, txn, n, &old_root), 0);
        assert_int_equal (journal_prove_consistency (bench.journal, txn, n, 600, &proof),
                          0);
        assert_true (tree_verify_consistency (n, &old_root, 600, &root, &proof));
    }
    assert_int_equal (journal_root (bench.journal, txn, 601, &root), -ERANGE);
    assert_int_equal (journal_prove_inclusion (bench.journal, txn, 0, 600, &proof),
                      -ERANGE);
    assert_int_equal (journal_prove_inclusion (bench.journal, txn, 600, 599, &proof),
                      -ERANGE);
    assert_int_equal (journal_prove_consistency (bench.journal, txn, 1, 601, &proof),
                      -ERANGE);
    txn_abort (&txn);
}

static void reader_goes_through_and_sees_what_is_appended_meanwhile (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 10);
    struct txn *txn = txn_begin_write (bench.store);
    struct journal_reader reader;
    struct journal_record record;
    char header[64], body[5000];
    journal_reader_init (&reader, bench.journal, txn, 4, JOURNAL_BODIES);
    for (uint64_t sequence = 4; sequence <= 14; sequence++) {
        if (sequence >= 8 && sequence < 12)
            append_one (&bench, txn);
        assert_int_equal (journal_reader_next (&reader, &record), 1);
        assert_int_equal (record.sequence, sequence);
        assert_true (bytes_equal (record.header, header_of (sequence, header)));
        assert_true (bytes_equal (record.body, body_of (sequence, body)));
    }
    assert_int_equal (journal_reader_next (&reader, &record), 0);
    append_one (&bench, txn);
    assert_int_equal (journal_reader_next (&reader, &record), 1);
    assert_int_equal (record.sequence, 15);
    journal_reader_done (&reader);
    assert_int_equal (txn_commit (&txn), 0);

    txn = txn_begin_read (bench.store);
    journal_reader_init (&reader, bench.journal, txn, 16, JOURNAL_HEADERS);
    assert_int_equal (journal_reader_next (&reader, &record), 0);
    journal_reader_done (&reader);
    txn_abort (&txn);
}

/* ---- failures ------------------------------------------------------------------------- */

static void
every_write_of_a_batch_fails_once_and_nothing_is_half_done (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 10);
    unsigned failures = 0;
    int rc;
    do {
        store_fail_at (bench.store, failures + 1, -ENOSPC);
        struct txn *txn = txn_begin_write (bench.store);
        for (unsigned i = 0; i < 25; i++) /* completes nodes over 16 and 32 */
            append_one (&bench, txn);
        rc = txn_commit (&txn);
        uint64_t expected = rc == 0 ? 35 : 10;
        txn = txn_begin_read (bench.store);
        assert_int_equal (journal_size (bench.journal, txn), expected);
        assert_int_equal (txn_count (txn, ENTRIES), expected);
        assert_int_equal (txn_count (txn, TREE), expected / 16);
        txn_abort (&txn);
        assert_verifies (&bench);
        failures += rc != 0;
    } while (rc != 0);
    assert_int_equal (failures, 25 + 2 + 1 + 1); /* entries, nodes, frontier, commit */
    store_fail_at (bench.store, 0, 0);
    bench_reopen (&bench);
    assert_root_is_naive (&bench, 35);
}

/* ---- damage ---------------------------------------------------------------------------- */

static void flip (struct bench *bench, unsigned table, struct bytes key, size_t at)
{
    struct txn *txn = txn_begin_write (bench->store);
    struct bytes value;
    struct buffer copy = { 0 };
    assert_true (txn_get (txn, table, key, &value));
    buffer_append_bytes (&copy, value);
    assert_true (at < copy.size);
    copy.data[at] ^= 0x04;
    txn_put (txn, table, key, buffer_bytes (&copy));
    buffer_done (&copy);
    assert_int_equal (txn_commit (&txn), 0);
}

static struct key sequence_key (uint64_t sequence)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, sequence);
    return key;
}

static size_t stored_size (struct bench *bench, uint64_t sequence)
{
    struct key key = sequence_key (sequence);
    struct bytes value = { 0 };
    struct txn *txn = txn_begin_read (bench->store);
    assert_true (txn_get (txn, ENTRIES, key_view (&key), &value));
    txn_abort (&txn);
    return value.size;
}

static void any_flipped_bit_of_an_entry_is_found_and_named (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 40);
    struct key key = sequence_key (22);
    size_t size = stored_size (&bench, 22);
    assert_true (size > 800);
    for (size_t at = 0; at < size; at += at < 100 ? 1 : 50) {
        flip (&bench, ENTRIES, key_view (&key), at);
        uint64_t damaged = 0;
        struct err err = { 0 };
        assert_int_equal (verify (&bench, 1, 0, &damaged, &err), -EBADMSG);
        assert_int_equal (damaged, 22);
        assert_non_null (strstr (err.text, "entry 22 is damaged"));
        assert_int_equal (verify (&bench, 1, 21, NULL, &err), 0);
        assert_int_equal (verify (&bench, 33, 0, NULL, &err), 0); /* the next block */

        struct txn *txn = txn_begin_read (bench.store);
        struct journal_record record;
        assert_int_equal (journal_read (bench.journal, txn, 22, &record), -EBADMSG);
        struct journal_reader reader;
        journal_reader_init (&reader, bench.journal, txn, 21, JOURNAL_BODIES);
        assert_int_equal (journal_reader_next (&reader, &record), 1);
        assert_int_equal (journal_reader_next (&reader, &record), -EBADMSG);
        assert_int_equal (reader.sequence, 22);
        assert_int_equal (journal_reader_next (&reader, &record), 1);
        assert_int_equal (record.sequence, 23);
        journal_reader_done (&reader);
        txn_abort (&txn);
        flip (&bench, ENTRIES, key_view (&key), at);
    }
    assert_verifies (&bench);
}

static void missing_entries_are_named_one_by_one (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 40);
    struct txn *txn = txn_begin_write (bench.store);
    for (uint64_t sequence = 7; sequence <= 8; sequence++) {
        struct key key = sequence_key (sequence);
        assert_true (txn_delete (txn, ENTRIES, key_view (&key)));
    }
    assert_int_equal (txn_commit (&txn), 0);
    uint64_t damaged = 0;
    struct err err = { 0 };
    assert_int_equal (verify (&bench, 1, 0, &damaged, &err), -EBADMSG);
    assert_int_equal (damaged, 7);
    assert_non_null (strstr (err.text, "entry 7 is damaged: it is missing"));
    txn = txn_begin_read (bench.store);
    struct journal_reader reader;
    struct journal_record record;
    journal_reader_init (&reader, bench.journal, txn, 6, JOURNAL_HEADERS);
    assert_int_equal (journal_reader_next (&reader, &record), 1);
    for (uint64_t sequence = 7; sequence <= 8; sequence++) {
        assert_int_equal (journal_reader_next (&reader, &record), -EBADMSG);
        assert_int_equal (reader.sequence, sequence);
    }
    assert_int_equal (journal_reader_next (&reader, &record), 1);
    assert_int_equal (record.sequence, 9);
    journal_reader_done (&reader);
    txn_abort (&txn);
}

static void put_back (struct bench *bench, struct txn *txn, uint64_t sequence,
                      uint64_t as)
{
    char header[64], body[5000];
    struct hash body_hash;
    journal_body_hash (body_of (as, body), &body_hash);
    journal_mend (bench->journal, txn, sequence, header_of (as, header),
                  body_of (as, body), &body_hash);
}

/* In the middle, in the block that no node is kept over yet, the last one. */
static void damaged_entry_is_put_back_where_it_fits_the_tree (void **state UNUSED)
{
    static const uint64_t sequences[] = { 1, 16, 17, 22, 33, 40 };
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 40);
    for (size_t i = 0; i < ARRAY_SIZE (sequences); i++) {
        uint64_t sequence = sequences[i];
        struct key key = sequence_key (sequence);
        flip (&bench, ENTRIES, key_view (&key), 12); /* of the leaf hash */
        struct txn *txn = txn_begin_write (bench.store);
        assert_false (journal_mended (bench.journal, txn, sequence));
        put_back (&bench, txn, sequence, sequence + 1);
        assert_false (journal_mended (bench.journal, txn, sequence));
        put_back (&bench, txn, sequence, sequence);
        assert_true (journal_mended (bench.journal, txn, sequence));
        assert_int_equal (txn_commit (&txn), 0);
        assert_verifies (&bench);
    }
    /* Two that are gone, in one block: together. */
    struct txn *txn = txn_begin_write (bench.store);
    for (uint64_t sequence = 7; sequence <= 8; sequence++) {
        struct key key = sequence_key (sequence);
        assert_true (txn_delete (txn, ENTRIES, key_view (&key)));
    }
    assert_int_equal (txn_commit (&txn), 0);
    txn = txn_begin_write (bench.store);
    put_back (&bench, txn, 7, 7);
    assert_false (journal_mended (bench.journal, txn, 7));
    put_back (&bench, txn, 8, 8);
    assert_true (journal_mended (bench.journal, txn, 7));
    assert_int_equal (txn_commit (&txn), 0);
    assert_verifies (&bench);
}

static void bare_entry_is_proved_by_the_hash_of_its_body (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    CLEANUP (bench_done) struct bench whole = bench_make ();
    append_many (&whole, 20);
    struct txn *txn = txn_begin_write (bench.store);
    for (uint64_t sequence = 1; sequence <= 20; sequence++) {
        char header[64], body[5000];
        struct hash body_hash;
        journal_body_hash (body_of (sequence, body), &body_hash);
        assert_int_equal (journal_append_bare (bench.journal, txn,
                                               header_of (sequence, header), &body_hash,
                                               NULL),
                          sequence);
    }
    assert_int_equal (txn_commit (&txn), 0);
    assert_verifies (&bench);
    struct hash here, there;
    txn = txn_begin_read (bench.store);
    assert_int_equal (journal_root (bench.journal, txn, 20, &here), 0);
    txn_abort (&txn);
    txn = txn_begin_read (whole.store);
    assert_int_equal (journal_root (whole.journal, txn, 20, &there), 0);
    txn_abort (&txn);
    assert_hash_equal (&here, &there);
}

static void journal_goes_on_under_another_name (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    struct journal_identity identity = { .incarnation = 2, .previous_size = 5 };
    append_many (&bench, 5);
    memset (identity.id, 7, sizeof identity.id);
    memcpy (identity.previous_id, journal_identity (bench.journal)->id,
            sizeof identity.previous_id);
    struct txn *txn = txn_begin_write (bench.store);
    journal_set_identity (bench.journal, txn, &identity);
    assert_int_equal (txn_commit (&txn), 0);
    append_many (&bench, 5);
    bench_reopen (&bench);
    assert_memory_equal (journal_identity (bench.journal), &identity, sizeof identity);
    assert_verifies (&bench);
}

/* Somebody rewrites history with all hashes of the entry made to fit. */
static void replace_entry (struct bench *bench, uint64_t sequence)
{
    CLEANUP (bench_done) struct bench forger = bench_make ();
    struct txn *theirs = txn_begin_write (forger.store);
    for (uint64_t i = 1; i <= sequence; i++)
        journal_append (forger.journal, theirs, bytes_of_text ("forged"), BYTES (NULL, 0),
                        NULL);
    struct key key = sequence_key (sequence);
    struct bytes value;
    assert_true (txn_get (theirs, ENTRIES, key_view (&key), &value));
    struct txn *txn = txn_begin_write (bench->store);
    txn_put (txn, ENTRIES, key_view (&key), value);
    assert_int_equal (txn_commit (&txn), 0);
    txn_abort (&theirs);
}

static void replaced_entry_is_found_by_the_tree (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 40);
    replace_entry (&bench, 19);
    uint64_t damaged = 0;
    struct err err = { 0 };
    assert_int_equal (verify (&bench, 1, 0, &damaged, &err), -EBADMSG);
    assert_int_equal (damaged, 17);
    assert_non_null (strstr (err.text, "17 to 32"));
}

static void replaced_entry_at_the_edge_is_found_by_the_root (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 40);
    replace_entry (&bench, 39);
    uint64_t damaged = 0;
    struct err err = { 0 };
    assert_int_equal (verify (&bench, 1, 0, &damaged, &err), -EBADMSG);
    assert_int_equal (damaged, 33);
    assert_non_null (strstr (err.text, "root"));
    journal_close (&bench.journal);
    struct txn *txn = txn_begin_read (bench.store);
    assert_int_equal (journal_open (txn, &places, NULL, &bench.journal, &err), -EBADMSG);
    assert_null (bench.journal);
    txn_abort (&txn);
}

static void damaged_node_of_the_tree_is_found (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 300);
    static const struct {
        uint8_t level;
        uint64_t index;
        const char *range;
    } nodes[] = { { 4, 2, "33 to 48" }, { 8, 0, "1 to 256" } };
    for (size_t i = 0; i < ARRAY_SIZE (nodes); i++) {
        struct key key;
        key_init (&key);
        key_u8 (&key, nodes[i].level);
        key_u64 (&key, nodes[i].index);
        flip (&bench, TREE, key_view (&key), 9);
        struct err err = { 0 };
        assert_int_equal (verify (&bench, 1, 0, NULL, &err), -EBADMSG);
        assert_non_null (strstr (err.text, nodes[i].range));
        flip (&bench, TREE, key_view (&key), 9);
    }
    assert_verifies (&bench);
}

static void damaged_frontier_stops_the_opening (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 37);
    for (size_t at = 0; at < 9 + 3 * HASH_SIZE; at += 5) {
        flip (&bench, META, bytes_of_text ("journal.frontier"), at);
        journal_close (&bench.journal);
        struct err err = { 0 };
        struct txn *txn = txn_begin_write (bench.store);
        assert_int_equal (journal_open (txn, &places, first_id, &bench.journal, &err),
                          -EBADMSG);
        assert_true (strlen (err.text) > 20);
        txn_abort (&txn);
        flip (&bench, META, bytes_of_text ("journal.frontier"), at);
        store_close (&bench.store);
        bench_open (&bench);
    }
    assert_verifies (&bench);
}

static void forget_node (struct bench *bench, const struct key *key)
{
    struct txn *txn = txn_begin_write (bench->store);
    assert_true (txn_delete (txn, TREE, key_view (key)));
    assert_int_equal (txn_commit (&txn), 0);
}

/* Kept nodes at the right edge: what is below them gives them anew, and the frontier proves
 * it. Others nobody reads at an opening. */
static void damaged_node_at_the_edge_is_put_back (void **state UNUSED)
{
    static const struct {
        uint8_t level;
        uint64_t index;
    } nodes[] = { { 8, 0 }, { 4, 16 }, { 4, 17 }, { 4, 18 } };
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 256 + 32 + 16 + 5);
    for (size_t i = 0; i < 2 * ARRAY_SIZE (nodes); i++) {
        struct key key;
        key_init (&key);
        key_u8 (&key, nodes[i / 2].level);
        key_u64 (&key, nodes[i / 2].index);
        if (i % 2 == 0)
            flip (&bench, TREE, key_view (&key), 9);
        else
            forget_node (&bench, &key);
        journal_close (&bench.journal);
        store_close (&bench.store);
        bench_open (&bench);
        assert_verifies (&bench);
    }
}

/* The last entry is gone, in a block that is full or not: it is set aside, and named when it
 * is read. */
static void missing_last_entry_does_not_stop_the_opening (void **state UNUSED)
{
    for (uint64_t size = 31; size <= 33; size++) {
        CLEANUP (bench_done) struct bench bench = bench_make ();
        struct key key = sequence_key (size);
        struct journal_record record;
        append_many (&bench, (unsigned) size);
        struct txn *txn = txn_begin_write (bench.store);
        assert_true (txn_delete (txn, ENTRIES, key_view (&key)));
        assert_int_equal (txn_commit (&txn), 0);
        bench_close (&bench);
        bench_open (&bench);
        txn = txn_begin_read (bench.store);
        assert_int_equal (journal_size (bench.journal, txn), size);
        assert_true (journal_read (bench.journal, txn, size, &record) < 0);
        txn_abort (&txn);
    }
}

/* ---- erasing ----------------------------------------------------------------------------- */

static void entry_without_its_body_still_verifies (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 50);
    struct txn *txn = txn_begin_write (bench.store);
    for (uint64_t sequence = 1; sequence <= 50; sequence += 2)
        assert_int_equal (journal_erase_body (bench.journal, txn, sequence), 0);
    assert_int_equal (journal_erase_body (bench.journal, txn, 1), 0); /* again */
    assert_int_equal (journal_erase_body (bench.journal, txn, 51), -ENOENT);
    assert_int_equal (txn_commit (&txn), 0);
    assert_verifies (&bench);
    assert_root_is_naive (&bench, 50);

    txn = txn_begin_read (bench.store);
    struct journal_record record;
    char header[64], body[5000];
    assert_int_equal (journal_read (bench.journal, txn, 49, &record), 0);
    assert_true (record.is_erased);
    assert_null (record.body.data);
    assert_true (bytes_equal (record.header, header_of (49, header)));
    assert_int_equal (record.body_size, body_of (49, body).size);
    struct hash body_hash;
    journal_body_hash (body_of (49, body), &body_hash);
    assert_hash_equal (&record.body_hash, &body_hash);
    assert_int_equal (journal_read (bench.journal, txn, 50, &record), 0);
    assert_false (record.is_erased);
    assert_true (bytes_equal (record.body, body_of (50, body)));
    assert_int_equal (journal_read (bench.journal, txn, 3, &record), 0);
    assert_false (record.is_erased); /* it never had one */
    txn_abort (&txn);
    assert_true (stored_size (&bench, 49) < 200);
}

static void erased_body_cannot_be_put_back_changed (void **state UNUSED)
{
    CLEANUP (bench_done) struct bench bench = bench_make ();
    append_many (&bench, 2);
    struct txn *txn = txn_begin_write (bench.store);
    assert_int_equal (journal_erase_body (bench.journal, txn, 2), 0);
    assert_int_equal (txn_commit (&txn), 0);
    struct key key = sequence_key (2);
    flip (&bench, ENTRIES, key_view (&key), 45); /* of the body hash */
    struct err err = { 0 };
    assert_int_equal (verify (&bench, 1, 0, NULL, &err), -EBADMSG);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (roots_are_those_of_certificate_transparency),
        cmocka_unit_test (appending_gives_the_root_and_nodes_of_the_definition),
        cmocka_unit_test (every_leaf_is_proved_in_every_tree_and_nothing_else_is),
        cmocka_unit_test (every_tree_continues_every_smaller_one),
        cmocka_unit_test (leaf_hash_is_made_as_the_contract_says),
        cmocka_unit_test (entries_read_back_in_order_without_a_gap),
        cmocka_unit_test (identity_is_the_one_given_first),
        cmocka_unit_test (aborted_entries_leave_no_trace),
        cmocka_unit_test (reader_beside_a_writer_sees_the_committed_size),
        cmocka_unit_test (root_is_that_of_the_definition_at_every_size),
        cmocka_unit_test (proofs_from_the_store_convince_a_stranger),
        cmocka_unit_test (reader_goes_through_and_sees_what_is_appended_meanwhile),
        cmocka_unit_test (every_write_of_a_batch_fails_once_and_nothing_is_half_done),
        cmocka_unit_test (any_flipped_bit_of_an_entry_is_found_and_named),
        cmocka_unit_test (missing_entries_are_named_one_by_one),
        cmocka_unit_test (damaged_entry_is_put_back_where_it_fits_the_tree),
        cmocka_unit_test (bare_entry_is_proved_by_the_hash_of_its_body),
        cmocka_unit_test (journal_goes_on_under_another_name),
        cmocka_unit_test (replaced_entry_is_found_by_the_tree),
        cmocka_unit_test (replaced_entry_at_the_edge_is_found_by_the_root),
        cmocka_unit_test (damaged_node_of_the_tree_is_found),
        cmocka_unit_test (damaged_frontier_stops_the_opening),
        cmocka_unit_test (damaged_node_at_the_edge_is_put_back),
        cmocka_unit_test (missing_last_entry_does_not_stop_the_opening),
        cmocka_unit_test (entry_without_its_body_still_verifies),
        cmocka_unit_test (erased_body_cannot_be_put_back_changed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
