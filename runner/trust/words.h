/* What rules and check functions say of a judged file, in one wording. */
#pragma once

#include "trust/trust.h"

/* Trusted, or with a root that Windows would fetch because updates are on. */
bool trust_holds(const struct trust_verdict *v);

/* The leaf of the deciding signature; NULL where nobody signed, or the chain was not built. */
const struct trust_certificate *trust_leaf(const struct trust_verdict *v);
/* The last certificate of its chain: the root where it was found. */
const struct trust_certificate *trust_top(const struct trust_verdict *v);
/* Organisation of the leaf; empty where there is none. */
struct str trust_signer(const struct trust_verdict *v);
/* The name of the root that the chain ends in, or would. */
struct str trust_root_name(const struct trust_verdict *v);

/* Windows was asked, and trusts what we do not, or the other way round.  It was asked without the
 * network: a root that it would fetch is as good as one that it has. */
bool trust_differs(const struct trust_verdict *v);
/* "Windows (WinVerifyTrust) says untrusted_root 0x800B0109, rectify says trusted" */
struct str trust_difference(const struct trust_verdict *v, struct arena *a);

/* "trusted (embedded, signed by X, root Y in ROOT)", "untrusted_root 0x800B0109 (...): reason" */
struct str trust_text(const struct trust_verdict *v, struct arena *a);

/* The file, and the catalog that decided, with what was decided, and what Windows says to the
 * contrary. */
void trust_evidence(const struct trust_verdict *v, const struct evidence *file, struct arena *a,
                    struct evidence_list *out);
