/* peer SCENARIO a|b TYPE TYPE binds|connects ADDRESS chosen|other LIFE LIBRARY

   One side of a scenario; see runner.c, which starts two. LD_LIBRARY_PATH chooses the library, and
   it is checked that this is the one that was loaded. */

#include "peer.h"

#include <limits.h>

static const struct {
    const char *name;
    int type;
} TYPES[] = {
    {"PAIR", ZMQ_PAIR},     {"PUB", ZMQ_PUB},   {"SUB", ZMQ_SUB},   {"REQ", ZMQ_REQ},
    {"REP", ZMQ_REP},       {"DEALER", ZMQ_DEALER}, {"ROUTER", ZMQ_ROUTER}, {"PULL", ZMQ_PULL},
    {"PUSH", ZMQ_PUSH},     {"XPUB", ZMQ_XPUB}, {"XSUB", ZMQ_XSUB}, {"STREAM", ZMQ_STREAM},
    {"NONE", NO_SOCKET},
};

static const struct {
    const char *name;
    void (*body) (struct peer *peer);
} SCENARIOS[] = {
#define SCENARIO(name, set, variations) {#name, scenario_##name},
    SCENARIO_LIST (SCENARIO)
#undef SCENARIO
};

static int type_by_name (const char *name)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp (TYPES[i].name, name) == 0)
            return TYPES[i].type;
    FAIL ("no socket type '%s'", name);
}

/* All libzmq that this process has in memory is the file in LD_LIBRARY_PATH, with its version. */
static void check_library (const char *name)
{
    char line[1024], wanted[PATH_MAX], loaded[PATH_MAX];
    const char *directory = getenv ("LD_LIBRARY_PATH");
    int count = 0;
    CHECK (directory);
    snprintf (line, sizeof line, "%s/libzmq.so.5", directory);
    CHECK (realpath (line, wanted));
    FILE *maps = fopen ("/proc/self/maps", "r");
    CHECK (maps);
    while (fgets (line, sizeof line, maps)) {
        char *path = strchr (line, '/');
        if (!path || !strstr (path, "libzmq"))
            continue;
        path[strcspn (path, "\n")] = 0;
        CHECK (realpath (path, loaded));
        if (strcmp (loaded, wanted) != 0)
            FAIL ("%s is loaded, not %s", loaded, wanted);
        count++;
    }
    fclose (maps);
    CHECK (count > 0);
    if (strcmp (name, "ours") == 0)
        CHECK_INT (library_version (), ZMQ_VERSION);
    else
        CHECK (library_version () >= ZMQ_MAKE_VERSION (4, 2, 0));
}

int main (int argc, char **argv)
{
    begin_test ();
    alarm (5 * PATIENCE_MS / 1000);
    if (argc != 10)
        FAIL ("this is started by the runner");
    check_library (argv[9]);
    struct peer peer = {
        .side = argv[2][0],
        .type = type_by_name (argv[3]),
        .other = type_by_name (argv[4]),
        .ours = strcmp (argv[9], "ours") == 0,
        .binds = strcmp (argv[5], "binds") == 0,
        .chosen = strcmp (argv[7], "chosen") == 0,
        .life = atoi (argv[8]),
    };
    snprintf (peer.address, sizeof peer.address, "%s", argv[6]);
    for (size_t i = 0; i < sizeof SCENARIOS / sizeof *SCENARIOS; i++)
        if (strcmp (SCENARIOS[i].name, argv[1]) == 0) {
            SCENARIOS[i].body (&peer);
            return 0;
        }
    FAIL ("no scenario '%s'", argv[1]);
}
