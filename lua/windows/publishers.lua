-- Organisations (the O of a signing certificate's subject, compared exactly) under which Microsoft
-- signs Windows, its updates, and what it lets others ship.
return { "Microsoft Corporation" }
