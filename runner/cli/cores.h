/* Processors that this process may use, at least 1. */
#pragma once

unsigned cores(void);
