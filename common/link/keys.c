/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and the files that hold them. The file is text, because a clerk carries it on a
 * stick and must be able to see whose it is; its secret never leaves it otherwise.
 *
 * Saving: all bytes under a temporary name, fsync, link to the real name (which fails
 * where one exists, unlike rename), fsync of the folder. */
#include "link/keys.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/zpl.h"
#include "wire/names.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert (KEY_SIZE == crypto_box_PUBLICKEYBYTES,
               "CURVE keys are those of crypto_box");
static_assert (KEY_SIZE == crypto_box_SECRETKEYBYTES,
               "CURVE keys are those of crypto_box");

void key_pair_make (struct key_pair *ret_pair)
{
    int rc = sodium_init ();
    assert (rc >= 0);
    rc = crypto_box_keypair (ret_pair->public_key, ret_pair->secret_key);
    assert (rc == 0);
}

void key_pair_forget (struct key_pair *pair)
{
    sodium_memzero (pair, sizeof *pair);
}

void key_format (const uint8_t key[KEY_SIZE], char ret_text[KEY_TEXT_SIZE])
{
    sodium_bin2hex (ret_text, KEY_TEXT_SIZE, key, KEY_SIZE);
}

bool key_parse (const char *text, uint8_t ret_key[KEY_SIZE])
{
    uint8_t key[KEY_SIZE];
    size_t size = 0;
    if (strlen (text) != KEY_TEXT_SIZE - 1 ||
        sodium_hex2bin (key, sizeof key, text, KEY_TEXT_SIZE - 1, NULL, &size, NULL) !=
            0 ||
        size != KEY_SIZE)
        return false;
    memcpy (ret_key, key, KEY_SIZE);
    sodium_memzero (key, sizeof key);
    return true;
}

/* ---- reading --------------------------------------------------------------------- */

enum field {
    FIELD_NUMBER,
    FIELD_ROLE,
    FIELD_NAME,
    FIELD_INCARNATION,
    FIELD_PUBLIC,
    FIELD_SECRET,
    FIELD_COUNT
};

static const char *const field_names[] = {
    [FIELD_NUMBER] = "number", [FIELD_ROLE] = "role",
    [FIELD_NAME] = "name",     [FIELD_INCARNATION] = "incarnation",
    [FIELD_PUBLIC] = "public", [FIELD_SECRET] = "secret",
};
static_assert (ARRAY_SIZE (field_names) == FIELD_COUNT, "a name for every field");

static bool take_number (const char *value, uint32_t *ret)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul (value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 || number == 0 ||
        number > UINT32_MAX)
        return false;
    *ret = (uint32_t) number;
    return true;
}

static bool take_text (const char *value, char *ret, size_t size)
{
    size_t length = strlen (value);
    if (length >= size)
        return false;
    memcpy (ret, value, length + 1);
    return true;
}

/* NULL, or what is wrong with the value. */
static const char *take_field (struct key_file *key, enum field field, const char *value)
{
    switch (field) {
    case FIELD_NUMBER:
        return take_number (value, &key->number) ? NULL : "is not a client number";
    case FIELD_ROLE:
        return role_parse (value, &key->role) ? NULL : "is not a role";
    case FIELD_NAME:
        return take_text (value, key->name, sizeof key->name) ? NULL : "is too long";
    case FIELD_INCARNATION:
        return take_number (value, &key->incarnation) ? NULL : "is not 1, 2, 3 …";
    case FIELD_PUBLIC:
        return key_parse (value, key->pair.public_key) ? NULL : "is not 64 hex digits";
    case FIELD_SECRET:
        return key_parse (value, key->pair.secret_key) ? NULL : "is not 64 hex digits";
    case FIELD_COUNT:
        break;
    }
    return "is unknown";
}

/* "servers", "servers/NAME", "servers/NAME/connect" and "…/public". */
static const char *take_server (struct key_file *key, const char *path, const char *value)
{
    char name[ZPL_PATH_SIZE];
    if (!take_text (path, name, sizeof name))
        return "is too long";
    char *leaf = strchr (name, '/');
    if (leaf != NULL)
        *leaf++ = '\0';
    enum speaker speaker;
    if (!speaker_parse (name, &speaker))
        return "is not one of intake, routing, escalation, notification";
    if (leaf == NULL)
        return value == NULL ? NULL : "is a section and has no value";
    struct key_server *server = &key->servers[speaker];
    if (value == NULL)
        return "has no value";
    if (strcmp (leaf, "connect") == 0)
        return take_text (value, server->endpoint, sizeof server->endpoint)
                   ? NULL
                   : "is too long";
    if (strcmp (leaf, "public") == 0)
        return key_parse (value, server->public_key) ? NULL : "is not 64 hex digits";
    return "is unknown; there are connect and public";
}

static const char *take_item (struct key_file *key, const struct zpl_item *item,
                              unsigned *seen)
{
    if (strcmp (item->path, "servers") == 0)
        return item->value == NULL ? NULL : "is a section and has no value";
    if (strncmp (item->path, "servers/", 8) == 0)
        return take_server (key, item->path + 8, item->value);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (strcmp (item->path, field_names[field]) != 0)
            continue;
        if ((*seen & (1u << field)) != 0)
            return "stands here a second time";
        *seen |= 1u << field;
        if (item->value == NULL)
            return "has no value";
        return take_field (key, (enum field) field, item->value);
    }
    return "is unknown";
}

/* The public key follows from the secret one; a file that disagrees with itself was
 * edited, and would fail later as "unknown key" with nobody knowing why. */
static int check_whole (const char *file, const struct key_file *key, unsigned seen,
                        struct err *err)
{
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if ((seen & (1u << field)) == 0 && field != FIELD_NAME)
            return err_set (err, -EINVAL, "%s: \"%s\" is missing", file,
                            field_names[field]);
    uint8_t public_key[KEY_SIZE];
    crypto_scalarmult_base (public_key, key->pair.secret_key);
    if (memcmp (public_key, key->pair.public_key, KEY_SIZE) != 0)
        return err_set (err, -EINVAL, "%s: public and secret do not belong together",
                        file);
    for (unsigned i = 0; i < SPEAKER_COUNT; i++)
        if (key->servers[i].endpoint[0] != '\0' &&
            sodium_is_zero (key->servers[i].public_key, KEY_SIZE))
            return err_set (err, -EINVAL, "%s: servers/%s/public is missing", file,
                            speaker_name ((enum speaker) i));
    return 0;
}

static int read_items (struct zpl *zpl, struct key_file *key, unsigned *seen,
                       struct err *err)
{
    struct zpl_item item;
    int rc;
    while ((rc = zpl_next (zpl, &item, err)) == 1) {
        const char *wrong = take_item (key, &item, seen);
        if (wrong != NULL)
            return err_set (err, -EINVAL, "%s:%u: \"%s\" %s", zpl->source, item.line,
                            item.path, wrong);
    }
    return rc;
}

static int check_mode (const char *file, struct err *err)
{
    struct stat status;
    if (stat (file, &status) < 0)
        return err_set (err, -errno, "%s: %s", file, strerror (errno));
    if ((status.st_mode & 077) != 0)
        return err_set (err, -EACCES,
                        "%s: others may read this key (mode %03o); type: chmod 600 %s",
                        file, (unsigned) status.st_mode & 0777u, file);
    return 0;
}

int key_file_load (const char *file, struct key_file *ret_key, struct err *err)
{
    struct buffer text = { 0 };
    struct key_file key = { 0 };
    struct zpl zpl;
    unsigned seen = 0;
    int rc = check_mode (file, err);
    if (rc == 0)
        rc = file_read (file, ZPL_FILE_MAX, &text, err);
    if (rc == 0) {
        zpl_init (&zpl, file, buffer_bytes (&text));
        rc = read_items (&zpl, &key, &seen, err);
        sodium_memzero (&zpl, sizeof zpl);
    }
    if (rc == 0)
        rc = check_whole (file, &key, seen, err);
    if (rc == 0)
        *ret_key = key;
    key_pair_forget (&key.pair);
    if (text.data != NULL)
        sodium_memzero (text.data, text.capacity);
    buffer_done (&text);
    return rc;
}

/* ---- writing --------------------------------------------------------------------- */

static void append_line (struct buffer *text, const char *format, ...) PRINTF_LIKE (2, 3);
static void append_line (struct buffer *text, const char *format, ...)
{
    char line[2 * ENDPOINT_SIZE];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (line, sizeof line, format, args);
    va_end (args);
    assert (size > 0 && (size_t) size < sizeof line);
    buffer_append (text, line, (size_t) size);
    sodium_memzero (line, sizeof line);
}

static bool append_named (struct buffer *text, const char *indent, const char *name,
                          const char *value)
{
    append_line (text, "%s%s = ", indent, name);
    bool is_possible = zpl_append_value (text, value);
    append_line (text, "\n");
    return is_possible;
}

static int write_text (const struct key_file *key, struct buffer *text, struct err *err)
{
    char hex[KEY_TEXT_SIZE];
    append_line (text,
                 "# Minqing key of client %u (%s). Keep it secret; never copy it.\n",
                 key->number, role_name (key->role));
    append_line (text, "number = %u\nrole = %s\n", key->number, role_name (key->role));
    if (key->name[0] != '\0' && !append_named (text, "", "name", key->name))
        return err_set (err, -EINVAL,
                        "the name of client %u cannot be written to a key file",
                        key->number);
    key_format (key->pair.public_key, hex);
    append_line (text, "incarnation = %u\npublic = %s\n", key->incarnation, hex);
    key_format (key->pair.secret_key, hex);
    append_line (text, "secret = %s\n", hex);
    sodium_memzero (hex, sizeof hex);

    bool is_first = true;
    for (unsigned i = SPEAKER_NONE + 1; i < SPEAKER_COUNT; i++) {
        const struct key_server *server = &key->servers[i];
        if (server->endpoint[0] == '\0')
            continue;
        if (is_first)
            append_line (text, "servers\n");
        is_first = false;
        append_line (text, "    %s\n", speaker_name ((enum speaker) i));
        if (!append_named (text, "        ", "connect", server->endpoint))
            return err_set (err, -EINVAL,
                            "the endpoint of %s cannot be written to a key file",
                            speaker_name ((enum speaker) i));
        key_format (server->public_key, hex);
        append_line (text, "        public = %s\n", hex);
    }
    return 0;
}

static int write_all (int fd, struct bytes bytes)
{
    while (bytes.size > 0) {
        ssize_t written = write (fd, bytes.data, bytes.size);
        if (written < 0 && errno != EINTR)
            return -errno;
        if (written > 0)
            bytes = BYTES (bytes.data + written, bytes.size - (size_t) written);
    }
    return 0;
}

static int sync_folder (const char *file)
{
    char copy[PATH_MAX];
    if (!take_text (file, copy, sizeof copy))
        return -ENAMETOOLONG;
    int fd = open (dirname (copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = fsync (fd) < 0 ? -errno : 0;
    close (fd);
    return rc;
}

/* Under a name of its own, whole and on disk; then 'file', if nobody has it. */
static int publish (const char *file, struct bytes text)
{
    char draft[PATH_MAX];
    int length = snprintf (draft, sizeof draft, "%s.XXXXXX", file);
    if (length < 0 || (size_t) length >= sizeof draft)
        return -ENAMETOOLONG;
    int fd = mkostemp (draft, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return -errno;
    int rc = write_all (fd, text);
    if (rc == 0 && fsync (fd) < 0)
        rc = -errno;
    close (fd);
    if (rc == 0 && link (draft, file) < 0)
        rc = -errno;
    unlink (draft);
    return rc == 0 ? sync_folder (file) : rc;
}

int key_file_save (const char *file, const struct key_file *key, struct err *err)
{
    assert (key->number > 0 && key->incarnation > 0);
    assert (key->role > ROLE_NONE && key->role < ROLE_COUNT);
    struct buffer text = { 0 };
    int rc = write_text (key, &text, err);
    if (rc == 0) {
        rc = publish (file, buffer_bytes (&text));
        if (rc == -EEXIST)
            err_set (err, rc, "%s exists; a key is never overwritten", file);
        else if (rc < 0)
            err_set (err, rc, "%s: %s", file, strerror (-rc));
    }
    sodium_memzero (text.data, text.capacity);
    buffer_done (&text);
    return rc;
}
