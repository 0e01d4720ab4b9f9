---@meta
-- What a policy file may use while it loads: constructors only, no facts, no clock, no files.
-- A policy file ends with `return policy { ... }`.  Names that are not listed here, in check.lua or
-- in language.lua do not exist; an unknown field or name is an error with file, line and suggestion.

---@class Want        A wanted state.
---@class Predicate   What a value must be.
---@class Rule
---@class Policy
---@class Remedy
---@class InputRef    Stands for the input's value wherever a value may stand.
---@class InputDef
---@class Cause
---@class Diagnosis
---@class Profile

--- A policy.  `id` is made of [a-z0-9_-] words joined by dots; a built-in pack's agrees with its path
--- (windows/lsa.lua holds "windows.lsa").  Rules follow as list elements.
---   applies  a condition, say windows.version(at_least "6.1"); on a host that does not meet it no rule is
---            applicable, on one of which it is not known every rule is unknown
---@param fields {id: string, title: string, references?: string[], applies?: Want, inputs?: table<string, InputDef>, diagnosis?: Diagnosis, [integer]: Rule}
---@return Policy
function policy(fields) end

--- One control.  Exactly one of `want` and `check`; `needs` goes with `check` and lists the fact
--- namespaces it may read: "registry", "product", "service", "events", "file", "signature",
--- "certificates", "lists".  `applies` is a condition beside the policy's.
---@param fields {id: string, title: string, severity: "info"|"low"|"medium"|"high"|"critical", rationale?: string, references?: string[], applies?: Want, want?: Want, check?: fun(host: Host): Outcome, needs?: string[], repair?: Remedy|Want|(Remedy|Want)[]}
---@return Rule
function rule(fields) end

--- Which rules speak for which cause of the trouble that the rule `symptom` sees; causes follow as
--- list elements, in the order in which they are to be looked at.  `article` is what to read when none
--- is likely although there is trouble.
---@param fields {symptom: string, article: string, [integer]: Cause}
---@return Diagnosis
function diagnosis(fields) end

--- Likely when one of `rules` fails.  Where they are not known, a failing rule of `hints` makes it so.
---@param fields {title: string, article: string, rules: string[], hints?: string[]}
---@return Cause
function cause(fields) end

--- A profile: a file of its own that ends with `return profile { ... }`, given to --profile.  It selects
--- rules and sets inputs, and may change another one; what the command line says counts more.
---   extends   the profile it changes: a file beside it ("base.lua") or a built-in one ("quick")
---   rules     `only` (in place of that of the extended profile) and `skip` (beside it): ids or globs
---   inputs    ["kb71083.window_days"] = 60, or kb71083 = { window_days = 60 }
---   severity  rules of this severity and above
---@param fields {title: string, extends?: string, rules?: {only?: string[], skip?: string[]}, inputs?: table<string, any>, severity?: "info"|"low"|"medium"|"high"|"critical"}
---@return Profile
function profile(fields) end

--- A reference to an input of the policy.
---@param name string
---@return InputRef
function input(name) end

--- Typed parameters of a policy; `--set NAME=VALUE` overrides the default.
---@param fields {default: string, title?: string}
---@return InputDef
function input.text(fields) end

--- A whole number; `minimum` and `maximum` are included.
---@param fields {default: integer, minimum?: integer, maximum?: integer, title?: string}
---@return InputDef
function input.int(fields) end

--- A number.
---@param fields {default: number, minimum?: number, maximum?: number, title?: string}
---@return InputDef
function input.number(fields) end

--- true or false; on the command line also yes, no, on, off, 1 and 0.
---@param fields {default: boolean, title?: string}
---@return InputDef
function input.bool(fields) end

--- A dotted version of at most four numbers.
---@param fields {default: string, title?: string}
---@return InputDef
function input.version(fields) end

--- A list of texts; on the command line with commas between them.
---@param fields {default: string[], title?: string}
---@return InputDef
function input.list(fields) end

--- The value under `key` must satisfy the predicate; a plain value means equals.  Absent fails,
--- unless `if_absent` says otherwise.
---@param key string         full path: HKLM\..., HKU\..., HKCR\...
---@param name string        "" is the default value
---@param predicate Predicate|string|integer|InputRef
---@param options? {view?: "native"|"32"|"both", if_absent?: "fail"|"pass"|"not_applicable", set_to?: Predicate}
---@return Want
function registry.value(key, name, predicate, options) end

--- The value, or without `name` the whole key, must not exist.
---@param key string
---@param name? string
---@param options? {view?: "native"|"32"|"both"}
---@return Want
function registry.absent(key, name, options) end

--- The key must exist.
---@param key string
---@param options? {view?: "native"|"32"|"both"}
---@return Want
function registry.key(key, options) end

--- The product's version must satisfy the predicate (versions as text: at_least "8.8.0.975").
---@param id string         id of a product definition: "mcafee.vse"
---@param predicate Predicate
---@return Want
function product.version(id, predicate) end

--- Installed, whatever its version.  Unknown where sources that decide could not be read.
---@param id string
---@return Want
function product.installed(id) end

--- Not installed, and no trace of it.
---@param id string
---@return Want
function product.absent(id) end

--- What Windows the host runs, as major.minor.build.revision: windows.version(at_least "10.0.17763").
--- What the host does not tell is unknown, unless it makes no difference.
---@param predicate Predicate
---@return Want
function windows.version(predicate) end

--- One of "x86", "x64", "arm64", "ia64", "arm".
---@param words string|string[]
---@return Want
function windows.arch(words) end

--- One of "workstation", "server", "domain_controller" (ProductOptions\ProductType).
---@param words string|string[]
---@return Want
function windows.type(words) end

--- How Windows starts the service: "boot", "system", "automatic", "manual" or "disabled"; also one_of
--- { ... }, none_of { ... }, is_not "...".  A missing service fails, unless `if_absent` says otherwise.
--- In `repair`: sets it; there also written service.start { name = "s", mode = "automatic" }.
---@param name string
---@param mode string|Predicate|InputRef
---@param options? {if_absent?: "fail"|"pass"|"not_applicable", when_product?: string}
---@return Want
function service.start(name, mode, options) end

--- The service does not exist.
---@param name string
---@return Want
function service.absent(name) end

--- The service exists and is not disabled.  Not applicable while `when_product` is not installed.
---@param fields {name: string, when_product?: string, set_to?: "boot"|"system"|"automatic"|"manual"}
---@return Want
function service.enabled(fields) end

--- No such event in the last `window_days` days before the reference time.  `group_by = "image"`
--- counts by event id and process image.
---@param fields {channel: string, providers?: string[], ids?: integer[], window_days: integer, group_by?: "image"}
---@return Want
function eventlog.none(fields) end

--- At most so many events; more fail even where the log does not cover the window.
---@param fields {channel: string, providers?: string[], ids?: integer[], window_days: integer|InputRef, at_most: integer|InputRef, group_by?: "image"}
---@return Want
function eventlog.at_most(fields) end

--- At least so many events; as many pass even where the log does not cover the window.
---@param fields {channel: string, providers?: string[], ids?: integer[], window_days: integer|InputRef, at_least: integer|InputRef, group_by?: "image"}
---@return Want
function eventlog.at_least(fields) end

--- The log may grow to `bytes` or more (policy value, else its own key).  In `repair`: sets it, to
--- whole 64 KiB, and never to less than it is.
---@param fields {channel: string, bytes: integer|InputRef}
---@return Want
function eventlog.size(fields) end

--- The log, at its present growth, keeps at least `window_days` days.
---@param fields {channel: string, window_days: integer}
---@return Want
function eventlog.capacity(fields) end

--- Files that this host trusts, by its own stores, lists and catalogs.  Give `path` or `paths`: with
--- %variables%, a glob in the file's name, and <KEY:value> for a folder that the registry names.
---   signers   one of these organisations must have signed (exact O of the signing certificate)
---   claims    only files whose CompanyName or signer is one of these; others are passed over
---   roots     thumbprints; with `pin` chains must end in one of them
---   optional  files that do not exist are passed over; none at all is not applicable
---   partial   so are files that were not collected, as long as one was
--- A root that Windows fetches when needed is trusted only where updates of roots are on.
---@param fields {path?: string, paths?: string[], signers?: string[], claims?: string[], roots?: string[], pin?: boolean, optional?: boolean, partial?: boolean, view?: "native"|"32"|"both", when_product?: string}
---@return Want
function file.signed(fields) end

--- What the processes of these programs have loaded, the programs themselves included, is trusted by
--- this host: file.signed for modules, about the files as they are now.  Seen on a running host only:
--- elsewhere, and where no such process runs, it is not applicable.  A process that cannot be opened
--- makes it unknown.
---   processes  file names of programs: "McShield.exe"
---   signers, claims, roots, pin  as in file.signed
---@param fields {processes: string[], signers?: string[], claims?: string[], roots?: string[], pin?: boolean}
---@return Want
function module.signed(fields) end

--- Files that exist, all of them; a glob names at least one.  Paths as in file.signed.
---@param paths string|string[]|InputRef
---@param options? {view?: "native"|"32"|"both", when_product?: string}
---@return Want
function file.present(paths, options) end

--- Files of which none exists.
---@param paths string|string[]|InputRef
---@param options? {view?: "native"|"32"|"both", when_product?: string}
---@return Want
function file.absent(paths, options) end

--- The version resource of every one of the files; a file without one fails, and so does one that does
--- not exist, unless `if_absent` says otherwise.
---@param paths string|string[]|InputRef
---@param predicate Predicate|string
---@param options? {view?: "native"|"32"|"both", if_absent?: "fail"|"pass"|"not_applicable", when_product?: string}
---@return Want
function file.version(paths, predicate, options) end

--- The SHA-256 of every one of the files is among `digests`.
---@param paths string|string[]|InputRef
---@param digests string|string[]|InputRef  64 hexadecimal digits each
---@param options? {view?: "native"|"32"|"both", if_absent?: "fail"|"pass"|"not_applicable", when_product?: string}
---@return Want
function file.sha256(paths, digests, options) end

--- This host trusts the files: file.signed without a wanted signer.
---@param paths string|string[]|InputRef
---@param options? {optional?: boolean, partial?: boolean, view?: "native"|"32"|"both", when_product?: string}
---@return Want
function signature.trusted(paths, options) end

--- This host trusts the files, and the organisation that signed them satisfies the predicate: a name,
--- one_of { ... }, glob, matches or contains.
---@param paths string|string[]|InputRef
---@param predicate Predicate|string
---@param options? {view?: "native"|"32"|"both", if_absent?: "fail"|"pass"|"not_applicable", when_product?: string}
---@return Want
function signature.signer(paths, predicate, options) end

--- Roots that must be in a root store, or with `obtainable` in a verified list while updates are on:
--- those of `sha1`, and those that the chains of the files in `needed_by` end in.  Where files that
--- are there could not tell, the roots of `otherwise`.  An element is a thumbprint of 40 hexadecimal
--- digits, and behind a blank a name for people.
---@param fields {sha1?: string[], needed_by?: string[], otherwise?: string[], obtainable?: boolean}
---@return Want
function certificate.present(fields) end

--- Certificates that `store` holds, all of those named: by thumbprint, by SHA-256, or one for each
--- common name (a glob).
---@param fields {store: string, sha1?: string[], sha256?: string[], subject?: string[]}
---@return Want
function certificate.stored(fields) end

--- Certificates that must not be in `store`, or without it in any store but Disallowed.
---@param fields {sha1?: string[], sha256?: string[], subject?: string[], store?: string}
---@return Want
function certificate.absent(fields) end

--- The list was synchronised, or else made, at most `days` days before the reference time.  A host
--- that never had one is not applicable; a list whose signature does not verify is unknown.
---@param fields {name: "EncodedCtl"|"DisallowedCertEncodedCtl", days: integer}
---@return Want
function ctl.fresh(fields) end

--- The list is there and its own signature verifies.
---@param fields {name: "EncodedCtl"|"DisallowedCertEncodedCtl"}
---@return Want
function ctl.present(fields) end

--- Every one of the wants.  Three-valued: an unknown never hides a failure.
---@param wants Want[]
---@return Want
function all(wants) end

--- At least one of the wants.
---@param wants Want[]
---@return Want
function any(wants) end

--- None of the wants holds.  What is not known could be the one: unknown.
---@param wants Want[]
---@return Want
function none(wants) end

--- `want` where `condition` passes, else not applicable.
---@param condition Want
---@param want Want
---@return Want
function when(condition, want) end

--- The same: numbers by value, texts to the letter (glob "x" disregards case), versions by their numbers.
---@param value string|integer|InputRef
---@return Predicate
function equals(value) end

--- This or more.  A text in quotes compares by dotted numbers: at_least "19045".
---@param value string|integer|InputRef
---@return Predicate
function at_least(value) end

--- This or less.
---@param value string|integer|InputRef
---@return Predicate
function at_most(value) end

--- Both bounds included.
---@param low string|integer|InputRef
---@param high string|integer|InputRef
---@return Predicate
function between(low, high) end

--- Equal to one of them.
---@param values (string|integer)[]|InputRef
---@return Predicate
function one_of(values) end

--- Whole text, case-insensitive: `*` any run, `?` one character; at most 256 bytes.
---@param pattern string|InputRef
---@return Predicate
function glob(pattern) end

--- Text within a text, or one element of a REG_MULTI_SZ; case-insensitive.
---@param value string|InputRef
---@return Predicate
function contains(value) end

--- A regular expression (Perl's syntax, by PCRE2), anywhere in the text or in one element of a
--- REG_MULTI_SZ; case-sensitive unless it begins with (?i).  At most 1,024 bytes; a match that needs more
--- than a million steps, or a text beyond 64 KiB, is an error, never a pass.
---@param pattern string|InputRef
---@return Predicate
function matches(pattern) end

--- The predicate does not hold.  A value that it cannot judge (at_least of a text that is no number)
--- satisfies neither.
---@param predicate Predicate|string|integer|InputRef
---@return Predicate
function is_not(predicate) end

--- Equal to none of them.
---@param values (string|integer)[]|InputRef
---@return Predicate
function none_of(values) end

--- Every one of the texts is an element of the REG_MULTI_SZ; case-insensitive.
---@param values string[]|InputRef
---@return Predicate
function contains_all(values) end

--- Every element of the REG_MULTI_SZ is one of the texts; case-insensitive.
---@param values string[]|InputRef
---@return Predicate
function only(values) end

--- Must not exist.
---@type Predicate
absent = nil

--- REG_DWORD, 0 to 4294967295.
---@param value integer
---@return Predicate
function dword(value) end

--- REG_QWORD; negative numbers are the upper half.
---@param value integer
---@return Predicate
function qword(value) end

--- REG_SZ
---@param value string
---@return Predicate
function sz(value) end

--- REG_EXPAND_SZ, compared as stored.
---@param value string
---@return Predicate
function expand_sz(value) end

--- REG_MULTI_SZ
---@param values string[]
---@return Predicate
function multi_sz(values) end

--- REG_BINARY, bytes in hexadecimal: binary "01 00 ff".
---@param hex string
---@return Predicate
function binary(hex) end

--- What a person has to do.
---@param text string
---@return Remedy
function manual(text) end

--- Makes the rule's own `want` true, where that says enough: registry.value with a typed value or
--- `set_to`, registry.absent of a value, service.enabled with `set_to`, service.start with one mode,
--- eventlog.capacity, eventlog.size, certificate.absent by thumbprint, certificate.present, ctl.fresh,
--- ctl.present, and these joined by all{} or behind when().  Anything else is an error when the policy is loaded.  A wanted state in `repair`
--- is the repair that makes it true.
---@return Remedy
function enforce() end

--- A product has to be brought to a version: `rectify plan` records it (nothing is installed).
---@param fields {product: string, to: string|InputRef}
---@return Remedy
function upgrade(fields) end

--- A package of the admin's own repository is staged: fetched, its SHA-256 and signature verified,
--- put into the folder that --set upgrade.stage names.  Nothing is executed.
---@param fields {product: string, to: string|InputRef, package: string|InputRef, sha256: string|InputRef}
---@return Remedy
function upgrade.stage(fields) end

--- Sets a value, with the keys that it needs.
---@param fields {key: string, name: string, value: Predicate, view?: "native"|"32"}
---@return Remedy
function registry.set(fields) end

--- Deletes a value; its key stays.
---@param fields {key: string, name: string, view?: "native"|"32"}
---@return Remedy
function registry.delete_value(fields) end

--- Puts a certificate, written as PEM, into a store of the machine.
---@param fields {store: string, pem: string}
---@return Remedy
function certificate.add(fields) end

--- Takes certificates out of a store of the machine; without `store` out of every one but
--- Disallowed.  Copies that group policy or the enterprise put there stay, and are told.
---@param fields {store?: string, sha1: string|string[]}
---@return Remedy
function certificate.remove(fields) end

--- Brings Microsoft's lists of trusted and disallowed roots, and the roots that the host's files
--- need, up to date from --set roots.source; they are verified before anything is planned.
---@param fields {}
---@return Remedy
function roots.refresh(fields) end
