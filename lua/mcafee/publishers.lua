-- Organisations (the O of a signing certificate's subject, compared exactly) under which McAfee and
-- its successors have signed.  Which exact names VirusScan Enterprise's files bear is not published;
-- "McAfee, Inc." is the company's name of the time, the others are what it was called later.
return {
  "McAfee, Inc.",
  "McAfee, LLC",
  "McAfee, LLC.",
  "McAfee LLC",
  "Musarubra US LLC", -- the company behind Trellix
  "Trellix",
}
