/* Keys: found or made, given the security of their parent, taken away again. */
#include "formats/regf_edit_part.h"

enum { KEY_NO_DELETE = 0x08, KEY_PREDEF_HANDLE = 0x40, SK_FLINK = 4, SK_BLINK = 8, SK_COUNT = 12 };
enum { SK_SIZE = 20, DEPTH_MAX = 512 };

void regf_edit_stamp(const struct regf_edit *ed, uint32_t key, uint8_t *nk)
{
    if (key != ed->hive.root)
        store_u64(nk + NK_WRITTEN, ed->now);
}

static void raise_u16(uint8_t *p, uint32_t to)
{
    if (load_u16(p) < to)
        store_u16(p, (uint16_t)to);
}

/* One more key has the security of `parent`. */
static bool share_security(struct regf_edit *ed, uint32_t parent, uint32_t *security, struct err *e)
{
    uint8_t *nk, *sk;
    if (!regf_edit_cell(ed, parent, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    *security = load_u32(nk + NK_SECURITY);
    if (!regf_edit_cell(ed, *security, "sk", SK_SIZE, &sk, e))
        return false;
    uint32_t count = load_u32(sk + SK_COUNT);
    if (count == 0 || count == UINT32_MAX)
        return regf_bad(e, *security, "cannot be edited: security cell 0x%x is used by %u keys",
                        *security, count);
    store_u32(sk + SK_COUNT, count + 1);
    return true;
}

/* Takes a security cell that nobody uses out of the ring of all of them. */
static bool unlink_security(struct regf_edit *ed, uint32_t security, struct err *e)
{
    uint8_t *sk, *before, *after;
    if (!regf_edit_cell(ed, security, "sk", SK_SIZE, &sk, e))
        return false;
    uint32_t flink = load_u32(sk + SK_FLINK), blink = load_u32(sk + SK_BLINK);
    if (!regf_edit_cell(ed, flink, "sk", SK_SIZE, &after, e) ||
        !regf_edit_cell(ed, blink, "sk", SK_SIZE, &before, e))
        return false;
    if (load_u32(after + SK_BLINK) != security || load_u32(before + SK_FLINK) != security ||
        flink == security)
        return regf_bad(e, security, "cannot be edited: security cell 0x%x is not in the ring",
                        security);
    store_u32(after + SK_BLINK, blink);
    store_u32(before + SK_FLINK, flink);
    return true;
}

static bool release_security(struct regf_edit *ed, uint32_t security, struct err *e)
{
    uint8_t *sk;
    if (!regf_edit_cell(ed, security, "sk", SK_SIZE, &sk, e))
        return false;
    uint32_t count = load_u32(sk + SK_COUNT);
    if (count == 0)
        return regf_bad(e, security, "cannot be edited: security cell 0x%x is used by 0 keys",
                        security);
    store_u32(sk + SK_COUNT, count - 1);
    return count > 1 || unlink_security(ed, security, e);
}

static bool new_node(struct regf_edit *ed, const struct regf_key *parent, struct regf_name name,
                     uint32_t *cell, struct err *e)
{
    uint8_t *nk;
    uint32_t security;
    if (!share_security(ed, parent->cell, &security, e) ||
        !regf_edit_alloc(ed, REGF_NK_SIZE + name.bytes.len, cell, e) ||
        !regf_edit_cell(ed, *cell, NULL, REGF_NK_SIZE + name.bytes.len, &nk, e))
        return false;
    memcpy(nk, "nk", 2);
    store_u16(nk + NK_FLAGS, name.compressed ? NK_COMP_NAME : 0);
    store_u64(nk + NK_WRITTEN, ed->now);
    store_u32(nk + NK_PARENT, parent->cell);
    store_u32(nk + NK_LIST, REGF_NIL);
    store_u32(nk + NK_VOLATILE_LIST, REGF_NIL);
    store_u32(nk + NK_VALUE_LIST, REGF_NIL);
    store_u32(nk + NK_SECURITY, security);
    store_u32(nk + NK_CLASS, REGF_NIL);
    store_u16(nk + NK_NAME_LEN, (uint16_t)name.bytes.len);
    memcpy(nk + REGF_NK_SIZE, name.bytes.ptr, name.bytes.len);
    return true;
}

bool regf_edit_make_key(struct regf_edit *ed, const struct regf_key *parent, struct str name,
                        struct regf_key *out, struct err *e)
{
    struct regf_name stored;
    struct arena a;
    uint8_t *nk;
    uint32_t cell;
    if (name.len == 0)
        return err_set(e, ERR_USAGE, 0, "a key without a name");
    arena_init(&a, 1 << 16);
    bool ok = regf_edit_name(name, REGF_EDIT_NAME, &a, &stored, e) &&
              new_node(ed, parent, stored, &cell, e) &&
              regf_edit_link(ed, parent->cell, cell, name, e) &&
              regf_edit_cell(ed, parent->cell, "nk", REGF_NK_SIZE, &nk, e);
    if (ok)
        raise_u16(nk + NK_MAX_SUBKEY_NAME, regf_edit_name_size(stored));
    arena_done(&a);
    return ok && regf_key_at(&ed->hive, cell, parent->cell, out, e);
}

bool regf_edit_remove_key(struct regf_edit *ed, const struct regf_key *k, struct err *e)
{
    uint8_t *nk;
    if (!regf_edit_cell(ed, k->cell, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    uint32_t security = load_u32(nk + NK_SECURITY), parent = load_u32(nk + NK_PARENT);
    if (k->cell == ed->hive.root || load_u16(nk + NK_FLAGS) & (KEY_NO_DELETE | KEY_PREDEF_HANDLE))
        return regf_bad(e, k->cell, "a key that may not be deleted");
    if (!release_security(ed, security, e) || !regf_edit_unlink(ed, parent, k->cell, e))
        return false;
    regf_edit_free(ed, k->cell);
    return true;
}

/* ---- paths ---------------------------------------------------------------------------------- */

static struct str component(struct str *rest)
{
    const char *slash = rest->len ? memchr(rest->ptr, '\\', rest->len) : NULL;
    struct str one = {rest->ptr, slash ? (size_t)(slash - rest->ptr) : rest->len};
    size_t skip = one.len + (slash != NULL);
    *rest = (struct str){rest->ptr + skip, rest->len - skip};
    return one;
}

bool regf_edit_find(struct regf_edit *ed, struct str path, struct regf_key *out, struct err *e)
{
    struct regf_key k;
    if (!regf_root(&ed->hive, &k, e))
        return false;
    for (int depth = 0; path.len; depth++) {
        struct regf_key sub;
        struct str name = component(&path);
        if (depth == DEPTH_MAX)
            return err_set(e, ERR_LIMIT, 0, "limit: keys more than %d deep", DEPTH_MAX);
        enum regf_answer got = regf_subkey(&ed->hive, &k, name, &sub, e);
        if (got == REGF_BAD || (got == REGF_ABSENT && !regf_edit_make_key(ed, &k, name, &sub, e)))
            return false;
        k = sub;
    }
    *out = k;
    return true;
}

bool regf_edit_drop_key(struct regf_edit *ed, struct str key, struct err *e)
{
    struct regf_key k;
    uint8_t *nk;
    if (ed->broken)
        return err_set(e, ERR_FORMAT, 0, "an edit failed before");
    ed->broken = true;
    switch (regf_path(&ed->hive, key, &k, e)) {
    case REGF_BAD:
        return false;
    case REGF_ABSENT:
        ed->broken = false;
        return true;
    case REGF_FOUND:
        break;
    }
    if (!regf_edit_cell(ed, k.cell, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    if (load_u32(nk + NK_SUBKEYS) == 0 && load_u32(nk + NK_VALUES) == 0) {
        if (!regf_edit_remove_key(ed, &k, e) ||
            !regf_edit_touch(ed, &(struct regf_touch){.key = key, .dropped = true}, e))
            return false;
        ed->changed = true;
        ed->verified = false;
    }
    ed->broken = false;
    return true;
}
