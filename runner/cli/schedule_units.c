/* A schedule as a service and a timer of systemd (systemd.service(5), systemd.timer(5)). */
#include "cli/schedule.h"

static void head(const struct schedule *s, struct sb *out, const char *verb)
{
    sb_printf(out,
              "# Written by rectify schedule install.\n"
              "[Unit]\n"
              "Description=rectify: %s \"" STR_FMT "\"\n"
              "Documentation=man:rectify(1)\n",
              verb, STR_ARG(s->name));
}

static void command(const struct schedule *s, struct sb *out)
{
    sb_puts(out, "ExecStart=");
    sb_unit_word(out, s->program, true);
    sb_printf(out, " schedule run --name " STR_FMT " --keep %u --", STR_ARG(s->name), s->keep);
    for (size_t i = 0; i < s->argument_count; i++) {
        sb_putc(out, ' ');
        sb_unit_word(out, s->arguments[i], false);
    }
    sb_putc(out, '\n');
}

/* A run reads a foreign file system and writes its results, nothing else: that is all it may do. */
static const char limits[] = "TimeoutStartSec=4h\n"
                             "Nice=10\n"
                             "IOSchedulingClass=idle\n"
                             "UMask=0077\n"
                             "NoNewPrivileges=yes\n"
                             "CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH\n"
                             "ProtectSystem=strict\n"
                             "ProtectHome=read-only\n"
                             "PrivateDevices=yes\n"
                             "PrivateNetwork=yes\n"
                             "ProtectClock=yes\n"
                             "ProtectControlGroups=yes\n"
                             "ProtectHostname=yes\n"
                             "ProtectKernelLogs=yes\n"
                             "ProtectKernelModules=yes\n"
                             "ProtectKernelTunables=yes\n"
                             "LockPersonality=yes\n"
                             "MemoryDenyWriteExecute=yes\n"
                             "RestrictAddressFamilies=AF_UNIX\n"
                             "RestrictNamespaces=yes\n"
                             "RestrictRealtime=yes\n"
                             "RestrictSUIDSGID=yes\n"
                             "SystemCallArchitectures=native\n"
                             "SystemCallFilter=@system-service\n"
                             "SystemCallErrorNumber=EPERM\n";

void schedule_service_unit(const struct schedule *s, struct sb *out)
{
    head(s, out, "compliance check");
    if (s->target.len) {
        sb_puts(out, "RequiresMountsFor=");
        sb_unit_word(out, s->target, true);
        sb_putc(out, '\n');
    }
    sb_puts(out, "\n[Service]\nType=oneshot\n");
    command(s, out);
    /* Temporary files of archives would fill a /tmp that is in memory, and a private /tmp would
     * hide what lies in the real one. */
    sb_printf(out,
              "StateDirectory=rectify/results/" STR_FMT "\n"
              "StateDirectoryMode=0700\n"
              "CacheDirectory=rectify/" STR_FMT "\n"
              "CacheDirectoryMode=0700\n"
              "Environment=TMPDIR=%%C/rectify/" STR_FMT "\n",
              STR_ARG(s->name), STR_ARG(s->name), STR_ARG(s->name));
    for (size_t i = 0; i < s->write_count; i++) {
        struct sb path;
        sb_init(&path, 1 << 16);
        sb_printf(&path, "-" STR_FMT, STR_ARG(s->writes[i]));
        sb_puts(out, "ReadWritePaths=");
        sb_unit_word(out, (struct str){path.ptr, path.len}, true);
        sb_putc(out, '\n');
        out->bad |= path.bad;
        sb_done(&path);
    }
    sb_puts(out, limits);
}

void schedule_timer_unit(const struct schedule *s, struct sb *out)
{
    head(s, out, "when to run the compliance check");
    sb_printf(out,
              "\n[Timer]\n"
              "OnCalendar=*-*-* %02u:%02u:00\n"
              "RandomizedDelaySec=%umin\n"
              "Persistent=true\n"
              "\n[Install]\n"
              "WantedBy=timers.target\n",
              s->hour, s->minute, s->delay);
}
