/* Does this process have rights that whoever set its environment has not? */
#pragma once

#include <stdbool.h>

/* Set-user-id, set-group-id, file capabilities, or root by way of sudo. */
bool net_elevated(void);

/* Takes out of the environment what would let its author see or steer connections: proxies, key
 * logs, certificate files and configuration of OpenSSL and curl. */
void net_clean_environment(void);
