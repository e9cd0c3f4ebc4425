/* Children of a test, by fork. */

#ifndef CHILDREN_H
#define CHILDREN_H

#include "testing.h"

#include <sys/wait.h>

/* Runs `body` in a child, which must exit with 0, while `parent` runs here. */
static inline void in_child (void (*body) (void *), void (*parent) (void *), void *argument)
{
    int status;
    pid_t child = fork ();
    CHECK (child >= 0);
    if (child == 0) {
        begin_test ();
        body (argument);
        _exit (0);
    }
    if (parent)
        parent (argument);
    CHECK_INT (waitpid (child, &status, 0), child);
    CHECK (WIFEXITED (status));
    CHECK_INT (WEXITSTATUS (status), 0);
}

#endif
