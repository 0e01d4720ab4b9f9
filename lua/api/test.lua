---@meta
-- What a file of policy tests may use: these, the typed values of policy.lua (dword, qword, sz,
-- expand_sz, multi_sz, binary, absent) and language.lua.  It ends with
-- `return cases "policy.id" { ... }`; `rectify policy test FILE` runs it.
--
-- Each case names a rule and says what the host is like; whatever is not said does not exist.  Keys
-- and paths are those of the disk: on a 64-bit Windows a 32-bit program's key lies below
-- HKLM\SOFTWARE\Wow6432Node.  Times are texts such as "2023-05-01T12:00:00Z".
--
-- Without a line from you every case is run again: with each fact that it read made unreadable (the
-- verdict must become unknown), twice (the same bytes), and each rule must have a case that passes
-- and one that fails.

---@class FactState    denied(), damaged(), not_collected() or absent, in place of a fact.
---@class Cases

--- One key's values: text (REG_SZ), whole numbers (REG_DWORD, or REG_QWORD where they are larger), lists of
--- text (REG_MULTI_SZ), dword(5), sz "x", ... or a state.  "" is the default value.
---@alias GivenKey table<string, string|integer|string[]|Predicate|FactState>

--- A service or driver; without `start` it has no such value.
---@alias GivenService {start?: "boot"|"system"|"automatic"|"manual"|"disabled", type?: "driver"|"service", image?: string, display_name?: string}

--- A program file that is described instead of being there byte by byte.  `signature` is what the host makes of
--- it: without it "trusted" where there is a signer, else "unsigned".  `root` is the thumbprint of the
--- root of its chain, its name behind it if wanted.
---@alias GivenFile {version?: string, product_version?: string, company?: string, product_name?: string, original_name?: string, machine?: "x86"|"x64"|"arm64"|"ia64", signature?: string, signer?: string, root?: string, root_in_program?: boolean, catalog?: string, reason?: string}

--- A log with ordinary records at `from` and `to` and what is listed; `lost` records are missing
--- behind the first.
---@alias GivenLog {from: string, to: string, lost?: integer, [integer]: {at: string, provider: string, id: integer, strings?: string[], count?: integer}}

--- `os` is "6.1 x64" unless given ("" for none).  `products` are versions (two that contradict each
--- other in a list), set where the product's definition reads them first.  `certificates` are lists of
--- "THUMBPRINT name" or {sha1, common_name, organisation, not_before, not_after, key_bits} by store; `lists` are
--- EncodedCtl and DisallowedCertEncodedCtl: {this_update, last_sync, roots}.  `modules` are processes
--- that run, by the file name of their program, each with the paths of what it has loaded.
---@alias Given {at?: string, now?: string, os?: string, registry?: table<string, GivenKey|FactState>, services?: table<string, GivenService|FactState>, products?: table<string, string|string[]|FactState>, files?: table<string, string|Predicate|GivenFile|FactState>, events?: table<string, GivenLog|FactState>, certificates?: table<string, table|FactState>, lists?: table<string, table|FactState>, modules?: table<string, string[]|FactState>}

--- The cases of one policy.  The first element of each is the id of its rule; `says` are texts that
--- the message contains, `message` is all of it.  `repairs`: a plan of the rule's repair makes it pass,
--- and leaves nothing for a second plan to do.  A list of cases may stand where a case does.
---@param policy string
---@return fun(list: {[1]: string, title?: string, given: Given, set?: table<string, any>, expect: "pass"|"fail"|"conflict"|"unknown"|"not_applicable"|"error", says?: string|string[], message?: string, repairs?: boolean}[]): Cases
function cases(policy) end

--- A key, value, file, log, store or list that may not be read.
---@param reason? string
---@return FactState
function denied(reason) end

--- One that is damaged.
---@param reason? string
---@return FactState
function damaged(reason) end

--- One that a collection does not hold.
---@param reason? string
---@return FactState
function not_collected(reason) end
