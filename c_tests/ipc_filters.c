/* ZMQ_IPC_FILTER_PID, _UID and _GID: with any set, a peer needs a match in one of them; the others
   are closed at accept with ACCEPT_FAILED (zmq_setsockopt (3)). */

#include "monitor.h"

#include <sys/types.h>

static void filters_are_checked (void *context)
{
    static const int options[] = {ZMQ_IPC_FILTER_PID, ZMQ_IPC_FILTER_UID, ZMQ_IPC_FILTER_GID};
    void *socket = new_socket (context, ZMQ_PULL);
    for (int i = 0; i < 3; i++) {
        long long wide = 1;
        int value = 1;
        size_t size = sizeof value;
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], &wide, sizeof wide), EINVAL);
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], &value, 2), EINVAL);
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], &value, 0), EINVAL);
        CHECK_ERRNO (zmq_getsockopt (socket, options[i], &value, &size), EINVAL);
        set_int (socket, options[i], 1);
        CHECK_OK (zmq_setsockopt (socket, options[i], NULL, 0));
    }
    close_now (socket);
}

/* Up to two filters (option 0: none); then whether this process may come in. */
static void peer_is (void *context, int first, int value, int second, int other, int admitted)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    void *monitor = watch (context, pull, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED);
    if (first)
        set_int (pull, first, value);
    if (second)
        set_int (pull, second, other);
    ipc_endpoint (endpoint, sizeof endpoint);
    CHECK_OK (zmq_bind (pull, endpoint));
    connect_to (push, endpoint);
    send_text (push, "let in", ZMQ_DONTWAIT);
    EXPECT_EVENT (monitor, admitted ? ZMQ_EVENT_ACCEPTED : ZMQ_EVENT_ACCEPT_FAILED);
    if (admitted)
        RECV_TEXT (pull, "let in");
    else
        CHECK_QUIET (pull);
    close_now (push);
    unwatch (pull, monitor);
    close_now (pull);
    ipc_done (endpoint);
}

static void filters_decide (void *context)
{
    int pid = (int) getpid (), uid = (int) geteuid (), gid = (int) getegid ();
    peer_is (context, 0, 0, 0, 0, 1);
    peer_is (context, ZMQ_IPC_FILTER_PID, pid, 0, 0, 1);
    peer_is (context, ZMQ_IPC_FILTER_PID, pid + 1, 0, 0, 0);
    peer_is (context, ZMQ_IPC_FILTER_UID, uid, 0, 0, 1);
    peer_is (context, ZMQ_IPC_FILTER_UID, uid + 1, 0, 0, 0);
    peer_is (context, ZMQ_IPC_FILTER_GID, gid, 0, 0, 1);
    peer_is (context, ZMQ_IPC_FILTER_GID, 65432, 0, 0, 0);
    peer_is (context, ZMQ_IPC_FILTER_PID, pid + 1, ZMQ_IPC_FILTER_UID, uid, 1);
    peer_is (context, ZMQ_IPC_FILTER_PID, pid + 1, ZMQ_IPC_FILTER_PID, pid, 1);
    peer_is (context, ZMQ_IPC_FILTER_PID, pid + 1, ZMQ_IPC_FILTER_UID, uid + 1, 0);
}

static void clearing_admits_all_again (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    set_int (pull, ZMQ_IPC_FILTER_UID, (int) geteuid () + 1);
    CHECK_OK (zmq_setsockopt (pull, ZMQ_IPC_FILTER_UID, NULL, 0));
    ipc_endpoint (endpoint, sizeof endpoint);
    CHECK_OK (zmq_bind (pull, endpoint));
    connect_to (push, endpoint);
    send_text (push, "hello", 0);
    RECV_TEXT (pull, "hello");
    close_now (push);
    close_now (pull);
    ipc_done (endpoint);
}

int main (void)
{
    begin_test ();
    in_context (filters_are_checked);
    in_context (filters_decide);
    in_context (clearing_admits_all_again);
    return 0;
}
