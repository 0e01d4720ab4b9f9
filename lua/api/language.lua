---@meta
-- The Lua that all files may use: a small part of Lua 5.4.  There are no metatables, coroutines,
-- pcall, load, require, debug, os, io, or patterns.  Global variables cannot be made: use `local`.
-- Strings have their functions as methods: ("x"):upper().

--- The value when it is neither nil nor false; else an error with `message`: the rule is then broken.
---@generic T
---@param value T
---@param message? any
---@return T
function assert(value, message) end

--- Stops the script: the rule is broken, never passed.
---@param message any
---@param level? integer
function error(message, level) end

--- The elements 1, 2, ... up to the first nil.
---@generic T
---@param list T[]
---@return fun(): integer, T
function ipairs(list) end

--- In sorted order: numbers, then text bytewise, then booleans.
---@generic K, V
---@param map table<K, V>
---@return fun(): K, V
function pairs(map) end

--- The arguments from the one at `from` on, or with "#" their number.
---@param from integer|"#"
---@return any ...
function select(from, ...) end

--- The number that a text is (in `base` 2 to 36), or nil.
---@param value any
---@param base? integer
---@return number|nil
function tonumber(value, base) end

--- Never shows an address.
---@param value any
---@return string
function tostring(value) end

--- "nil", "number", "string", "boolean", "table", "function" or "userdata".
---@param value any
---@return string
function type(value) end

--- A module of lua/: use "mcafee.builds" reads lua/mcafee/builds.lua, once.
---@param name string
---@return any
function use(name) end

--- The bytes from `from` to `to` as numbers.
---@param text string
---@param from? integer
---@param to? integer
---@return integer ...
function string.byte(text, from, to) end

--- The text of these bytes.
---@param ... integer
---@return string
function string.char(...) end

--- %d %s %x %f %g %q %%, with at most two digits of width and precision.
---@param format string
---@return string
function string.format(format, ...) end

--- Whole text, case-insensitive: `*` any run, `?` one character.
---@param text string       at most 32,768 bytes
---@param pattern string    at most 256 bytes
---@return boolean
function string.glob(text, pattern) end

--- Length in bytes.
---@param text string
---@return integer
function string.len(text) end

--- A to Z as a to z; other bytes stay.
---@param text string
---@return string
function string.lower(text) end

--- At most 1 MiB.
---@param text string
---@param count integer
---@param separator? string
---@return string
function string.rep(text, count, separator) end

--- The bytes in reverse order.
---@param text string
---@return string
function string.reverse(text) end

--- The bytes from `from` to `to`; negative numbers count from the end.
---@param text string
---@param from integer
---@param to? integer
---@return string
function string.sub(text, from, to) end

--- a to z as A to Z; other bytes stay.
---@param text string
---@return string
function string.upper(text) end

--- The elements as one text, `separator` between them.
---@param list (string|number)[]
---@param separator? string
---@param from? integer
---@param to? integer
---@return string
function table.concat(list, separator, from, to) end

--- Adds an element at the end, or before the one at a place.
---@param list table
---@param at_or_value any
---@param value? any
function table.insert(list, at_or_value, value) end

--- Takes out the last element, or that at a place, and returns it.
---@param list table
---@param at? integer
---@return any
function table.remove(list, at) end

--- Stable; at most 65,536 elements.
---@param list table
---@param less? fun(a: any, b: any): boolean
function table.sort(list, less) end

--- At most 4,096 elements.
---@param list table
---@param from? integer
---@param to? integer
---@return any ...
function table.unpack(list, from, to) end

--- The number without its sign.
---@param x number
---@return number
function math.abs(x) end

--- The least whole number that is not less.
---@param x number
---@return integer
function math.ceil(x) end

--- The greatest whole number that is not greater.
---@param x number
---@return integer
function math.floor(x) end

--- The greatest of the numbers.
---@param x number
---@return number
function math.max(x, ...) end

--- The least of the numbers.
---@param x number
---@return number
function math.min(x, ...) end

--- The whole number that `x` is, or nil.
---@param x any
---@return integer|nil
function math.tointeger(x) end

--- "integer", "float", or nil for what is no number.
---@param x any
---@return "integer"|"float"|nil
function math.type(x) end

--- Whether a is less than b, both taken as unsigned.
---@param a integer
---@param b integer
---@return boolean
function math.ult(a, b) end

--- Regular expressions (Perl's syntax, by PCRE2; case-sensitive unless they begin with (?i)): patterns of
--- at most 1,024 bytes, at most 64 different ones a run, texts of at most 64 KiB.  A match that needs more
--- than a million steps stops the script: the rule is an error.
text = {}

--- Whether the pattern matches anywhere in the text.
---@param text string
---@param pattern string
---@return boolean
function text.matches(text, pattern) end

--- What the groups matched, or the whole match of a pattern without groups; false for a group that took
--- no part.  nil when the text does not match.
---@param text string
---@param pattern string
---@return (string|false)[]?
function text.capture(text, pattern) end
