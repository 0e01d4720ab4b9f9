---@meta
-- What a file of lua/products/ may use, beside language.lua.  It ends with `return product { ... }`.

---@class Source
---@class Product

--- How to find a product and its version.  `builds` ascend; an entry is {from, name} or
--- {from = , name = , exact = }; `exact` says that builds up to the next entry are its hotfixes.
---@param fields {id: string, name: string, successor?: string, sources: Source[], builds?: table[]}
---@return Product
function product(fields) end

--- A registry value whose text is the version; both WOW64 views are read unless `key` names one.
---@param fields {key: string, value: string, role?: "primary"|"corroborates"|"trace"|"hotfix", label?: string, prefix?: string}
---@return Source
function source.registry(fields) end

--- An entry of Uninstall: by `code`, or one whose DisplayName contains `text`.
---@param fields {code?: string, text?: string, role?: "primary"|"corroborates"|"trace"|"hotfix", label?: string, prefix?: string}
---@return Source
function source.uninstall(fields) end

--- A Windows Installer product.
---@param fields {code: string, role?: "primary"|"corroborates"|"trace"|"hotfix", label?: string, prefix?: string}
---@return Source
function source.msi(fields) end

--- The file version of a file.  `path` may hold %variables% and <KEY:value>, a registry value that
--- holds a folder.
---@param fields {path: string, role?: "primary"|"corroborates"|"trace"|"hotfix", label?: string, prefix?: string}
---@return Source
function source.file(fields) end

--- The file version of the program that a service's ImagePath names.
---@param fields {name: string, role?: "primary"|"corroborates"|"trace"|"hotfix", label?: string, prefix?: string}
---@return Source
function source.service(fields) end
