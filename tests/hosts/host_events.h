/* What happens on a sample host, day by day, whichever format its log has.  Internal. */
#pragma once

#include "host_spec.h"

enum host_event_kind {
    EVENT_UPTIME,        /* EventLog 6013 */
    EVENT_LOG_START,     /* EventLog 6005 */
    EVENT_LOG_STOP,      /* EventLog 6006 */
    EVENT_VERSION,       /* EventLog 6009 */
    EVENT_CLEARED,       /* Microsoft-Windows-Eventlog 104 (NT 5 has it in Security only) */
    EVENT_SERVICE,       /* Service Control Manager 7036 */
    EVENT_TIME_SYNC,     /* Microsoft-Windows-Time-Service 35 */
    EVENT_UPDATE,        /* Microsoft-Windows-WindowsUpdateClient 19 */
    EVENT_DISK,          /* volsnap 36, a kernel driver like mfehidk */
    EVENT_UNTRUSTED_CODE /* mfehidk 514, 516, 519 */
};

struct host_event {
    uint64_t time;
    enum host_event_kind kind;
    uint32_t number; /* counts within its kind: varies the details */
    uint32_t id;     /* of EVENT_UNTRUSTED_CODE */
};

struct host_events {
    struct host_event *list;
    size_t count, room;
};

/* Ordered by time; freed with host_events_done(). */
void host_events_plan(const struct host_spec *h, struct host_events *out);
void host_events_done(struct host_events *ev);

/* Insertion strings of an event; text lives in `buffer`. */
enum { HOST_STRINGS = 8, HOST_STRING_SIZE = 320 };

struct host_strings {
    char buffer[HOST_STRINGS][HOST_STRING_SIZE];
    struct str list[HOST_STRINGS];
    size_t count;
    uint8_t binary[64];
    size_t binary_size;
};
void host_event_strings(const struct host_spec *h, const struct host_event *ev,
                        struct host_strings *out);
