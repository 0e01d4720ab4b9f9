---@meta
-- What a `check` function gets and may return.  Facts are read-only; reading what was not found ends
-- the check as unknown, with path and reason.  Times are whole seconds since 1970-01-01 UTC.
--
-- pass and not_applicable are believed only where nothing is in doubt: when a fact that the check
-- asked for is unreadable, not collected or in conflict, or when a log does not cover the window,
-- the verdict is unknown (or conflict) instead.  A pass without having looked at any fact is an
-- error, as is returning anything but findings(), pass, fail, unknown or not_applicable.

---@alias State "found"|"absent"|"unreadable"|"not_collected"
---@class Outcome

---@class Version    Compares with versions and with text by its numbers: v >= "8.8.0.975".

---@class Fact
---@field state State     always readable
---@field reason string   why it is unreadable or not collected, else ""
---@field path string     where it is, or would be

---@class RegistryFact: Fact
---@field name string                      of the value
---@field type string                      "REG_SZ", ... or a number in text
---@field data string|integer|string[]     by its type; bytes where there is no better shape
---@field text string                      REG_SZ, REG_EXPAND_SZ
---@field number integer                   REG_DWORD, REG_QWORD
local registry_fact = {}

--- `data`, or `value` when the fact is absent; unreadable still ends the check as unknown.
---@param value any
---@return any
function registry_fact:or_default(value) end

---@class ProductFact: Fact
---@field state State|"conflict"  "found" when installed
---@field id string               as in host.product(id)
---@field name string             what people call it
---@field version Version         of the primary source; a conflict ends the check as conflict
---@field patch string            name of the build's interval, or "unknown build"
---@field patch_known boolean     the build lies in an interval that the definition names

---@class ServiceFact: Fact
---@field name string            of the key below Services, as asked for
---@field display_name string    DisplayName as stored: in the language of the installation, or "@file,-id"
---@field image_path string      ImagePath as stored: may hold %variables%, quotes and arguments
---@field start string           "boot", "system", "automatic", "manual", "disabled", "unknown"

---@class FileFact: Fact
---@field size integer          bytes
---@field sha256 string         64 lower-case hexadecimal digits, of the whole file
---@field machine string         "x86", "x64", ... or "" for what is no program
---@field version Version|nil    file version resource
---@field product_version Version|nil  of the same resource
---@field company string        CompanyName of the version resource, "" = none; anybody can write it
---@field product_name string   ProductName of it: may differ between languages
---@field original_name string  OriginalFilename of it
local file_fact = {}

--- A fact that could not be read no longer keeps the check from passing; `note` says why the check
--- can do without it, and becomes evidence.  Only for what is unreadable or not collected.
---@param note string
function file_fact:excuse(note) end

--- Does this host trust a file, by its own stores, lists and catalogs, at the reference time?  A file
--- that was read but of which that cannot be told is unreadable.  Revocation is not checked.
---@class SignatureFact: Fact
---@field word string             "trusted", "unsigned", "bad_digest", "untrusted_root", "root_obtainable", "disallowed", "expired", "not_yet_valid", "wrong_usage", "malformed"
---@field code integer            Windows' own: 0x800B0109, ...; 0 = trusted
---@field trusted boolean         trusted, or its root is obtainable and updates of roots are on
---@field text string             all of it in one line
---@field reason string           why it is not trusted, or could not be read
---@field signer string           O of the signing certificate, "" = none
---@field root string             name of the root that the chain ends in, or would
---@field root_sha1 string        thumbprint of the chain's last certificate
---@field root_in_program boolean the root is in a verified Microsoft list
---@field decided_by string       "ROOT", "AuthRoot", "EncodedCtl", "Disallowed", ...
---@field source string           "embedded", "catalog", "none"
---@field catalog string          path of the catalog
---@field sha256 string           of the file
---@field company string          of the version resource
---@field version Version|nil    file version of it
local signature_fact = {}

--- As with a file: the check can do without it, and `note` says why.
---@param note string
function signature_fact:excuse(note) end

--- A list of Microsoft's that this host keeps.  It counts only while its own signature verifies.
---@class ListFact: Fact
---@field entries integer         certificates that it names
---@field this_update integer|nil when Microsoft made it, by the list itself
---@field last_sync integer|nil   when Windows last looked for a newer one; there without the list too
---@field sequence string         hexadecimal
local list_fact = {}

--- As with a file: the check can do without it, and `note` says why.
---@param note string
function list_fact:excuse(note) end

--- A check that passes although the log does not cover the window becomes unknown.
---@class EventsFact: Fact
---@field count integer          events in the window, of the part of it that the log covers
---@field first integer|nil      time of the first
---@field last integer|nil       time of the last
---@field groups {id: integer, image: string, count: integer, first: integer, last: integer}[]  by id, and with group_by = "image" by process image ("" where an event names none)
---@field covered boolean        the log covers the whole window

---@class Registry
local registry = {}

--- One value; its state tells whether it is there.  Read from the hives, CurrentControlSet through
--- Select\Current, transaction logs replayed.
---@param key string     full path
---@param name string    "" is the default value
---@param view? "native"|"32"
---@return RegistryFact
function registry:value(key, name, view) end

--- All values of a key, as an iterator over facts; none when the key is absent.
---@param key string
---@param view? "native"|"32"
---@return fun(): RegistryFact
function registry:values(key, view) end

--- Names of the subkeys, as an iterator; none when the key is absent.
---@param key string
---@param view? "native"|"32"
---@return fun(): string
function registry:keys(key, view) end

---@class Host     Only the namespaces that the rule `needs`, and inputs and reference_time.
---@field registry Registry         needs "registry"
---@field inputs table<string, any> values of the policy's inputs by name; an unknown name is an error
---@field reference_time integer    "now" for the rules
---@field is_64bit boolean          Windows has a 32-bit view beside the native one
---@field nt_version Version        "5.1", "6.1", "10.0"; ends the check where it is not known
local host = {}

--- A product by its definition in lua/products: every source of its version is read and compared.
--- An id that no definition has is an error.
---@param id string
---@return ProductFact
function host.product(id) end

--- A service or driver of the current control set, by the name of its key.
---@param name string
---@return ServiceFact
function host.service(name) end

--- `window_days` counts back from the reference time; `since` and `until_` are times.
---@param query {channel: string, providers?: string[], ids?: integer[], window_days?: integer, since?: integer, until_?: integer, group_by?: "image"}
---@return EventsFact
function host.events(query) end

--- A file, by Windows path with %variables%.
---@param path string
---@param view? "native"|"32"
---@return FileFact
function host.file(path, view) end

--- Is the file trusted by this host?  Paths as for host.file.
---@param path string
---@param view? "native"|"32"
---@return SignatureFact
function host.signature(path, view) end

--- Certificates of the machine's stores (group policy's, the enterprise's and services' too).
---@param query {store?: string, sha1?: string}
--- `location` is "machine", "policy", "enterprise" or "service:NAME"; `damage` says why one could not
--- be read, else ""; `key_bits` is 0 and `key_algorithm` ("RSA", "EC", "DSA") "" where they are not known;
--- `in_program`: a verified list of Microsoft's on this host names it, or it is one of Microsoft's own roots.
---@return {common_name: string, organisation: string, issuer: string, sha1: string, sha256: string, store: string, location: string, friendly_name: string, damage: string, not_before?: integer, not_after?: integer, key_algorithm: string, key_bits: integer, in_program: boolean}[]
function host.certificates(query) end

--- A list of Microsoft's, as this host keeps it below SystemCertificates\AuthRoot and Disallowed.
---@param name "EncodedCtl"|"DisallowedCertEncodedCtl"
---@return ListFact
function host.lists(name) end

---@class Findings: Outcome     Empty is a pass.
local bag = {}

--- One finding: where it is (a text or a fact) and what is wrong.
---@param where string|Fact
---@param text string|number|Version
function bag:add(where, text) end

--- An empty list of findings, to be added to and returned.
---@return Findings
function findings() end

--- The rule holds.  Believed only where nothing that was asked for is in doubt.
---@param message? string
---@return Outcome
function pass(message) end

--- The rule does not hold; `observed` and `expected` are shown beside each other.
---@param message string
---@param values? {observed?: any, expected?: any}
---@return Outcome
function fail(message, values) end

--- It cannot be told.
---@param message string
---@return Outcome
function unknown(message) end

--- The rule does not concern this host.  Believed as pass is.
---@param message string
---@return Outcome
function not_applicable(message) end

--- For comparing with `==`, which text cannot.
---@param text string
---@return Version
function version(text) end
