/* What the process as a whole needs before anything else: signals, and an environment that does not
 * change results. */
#pragma once

void process_begin(void);
