/* A certificate written as text (RFC 7468), as policies and mirrors give it. */
#pragma once

#include "formats/cms.h"

/* The DER of the one certificate in `text`, held to the limits of cert_parse(). */
bool cert_pem(struct str text, struct arena *a, struct span *der, struct err *e);
