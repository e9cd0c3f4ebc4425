/* RADIO, DISH and DGRAM over udp. */

#define ZMQ_BUILD_DRAFT_API
#include "groups.h"

#include <arpa/inet.h>

/* A plain udp socket on a free port of 127.0.0.1, with `udp://` and its address as text. */
static int raw_socket (char *endpoint)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct timeval patience = {PATIENCE_MS / 1000, 0};
    int fd = socket (AF_INET, SOCK_DGRAM, 0);
    CHECK (fd >= 0 && bind (fd, (struct sockaddr *) &address, size) == 0);
    CHECK_OK (getsockname (fd, (struct sockaddr *) &address, &size));
    CHECK_OK (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
    sprintf (endpoint, "udp://127.0.0.1:%d", ntohs (address.sin_port));
    return fd;
}

static void expect_datagram (int fd, const char *bytes, size_t size)
{
    static char buffer[10000];
    ssize_t n = recv (fd, buffer, sizeof buffer, 0);
    if (n != (ssize_t) size || memcmp (buffer, bytes, size) != 0)
        FAIL ("a datagram of %zd bytes, expected %zu", n, size);
}

/* The address of `text`, as received from a DGRAM or from ZMQ_LAST_ENDPOINT: ip:port. */
static struct sockaddr_in address_of (const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char ip[64];
    const char *colon = strrchr (text, ':');
    CHECK (colon);
    snprintf (ip, sizeof ip, "%.*s", (int) (colon - text), text);
    CHECK_INT (inet_pton (AF_INET, ip, &address.sin_addr), 1);
    address.sin_port = htons ((uint16_t) atoi (colon + 1));
    return address;
}

static void radio_to_dish (void *context)
{
    char at[256], endpoint[300];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    bind_to (dish, "udp://127.0.0.1:*", at);
    CHECK (strncmp (at, "127.0.0.1:", 10) == 0);
    snprintf (endpoint, sizeof endpoint, "udp://%s", at);
    CHECK_OK (zmq_join (dish, "tv"));
    CHECK_OK (zmq_join (dish, ""));
    connect_to (radio, endpoint);
    send_in (radio, "radio", "not joined", 10);
    send_in (radio, "tv", "a film", 6);
    send_in (radio, "", "anything", 8);
    expect_in (dish, "tv", "a film");
    expect_in (dish, "", "anything");

    /* What others send, well or badly. */
    struct sockaddr_in to = address_of (at);
    static const struct { const char *bytes; size_t size; } datagrams[] = {
        {"", 0}, {"\5abc", 4}, {"\5other" "x", 7}, {"\2tv" "raw", 6},
    };
    char unused[64];
    int fd = raw_socket (unused);
    for (size_t i = 0; i < sizeof datagrams / sizeof *datagrams; i++)
        CHECK (sendto (fd, datagrams[i].bytes, datagrams[i].size, 0, (struct sockaddr *) &to, sizeof to) >= 0);
    expect_in (dish, "tv", "raw");
    CHECK_QUIET (dish);
    close (fd);
    /* Endpoints are told without their scheme, by which they were given. */
    size_t size = sizeof at;
    CHECK_OK (zmq_getsockopt (radio, ZMQ_LAST_ENDPOINT, at, &size));
    CHECK (strcmp (at, endpoint + strlen ("udp://")) == 0);
    CHECK_ERRNO (zmq_unbind (dish, endpoint), ENOENT);
    close_now (radio);
    close_now (dish);
}

static void what_a_radio_writes (void *context)
{
    static char content[8192], datagram[8192];
    char endpoint[64], group[256];
    int fd = raw_socket (endpoint);
    void *radio = new_socket (context, ZMQ_RADIO);
    connect_to (radio, endpoint);
    send_in (radio, "grp", "payload", 7);
    expect_datagram (fd, "\3grppayload", 11);
    send_in (radio, "g", "", 0);
    expect_datagram (fd, "\1g", 2);
    send_in (radio, "", "nogroup", 7);
    expect_datagram (fd, "\0nogroup", 8);
    memset (content, 'x', sizeof content);
    memset (datagram, 'x', sizeof datagram);
    memcpy (datagram, "\3grp", 4);
    send_in (radio, "grp", content, 8188);
    expect_datagram (fd, datagram, 8192);
    /* Too large, and so not sent. */
    send_in (radio, "grp", content, 8189);
    memset (group, 'G', 255);
    group[255] = 0;
    send_in (radio, group, "y", 1);
    memset (datagram, 'G', 256);
    datagram[0] = (char) 255;
    datagram[256] = 'y';
    expect_datagram (fd, datagram, 257);
    CHECK_OK (zmq_disconnect (radio, endpoint));
    close (fd);
    close_now (radio);
}

static void groups_of_the_network (void *context)
{
    char at[256], endpoint[300];
    void *radio = new_socket (context, ZMQ_RADIO), *one = new_socket (context, ZMQ_DISH);
    void *two = new_socket (context, ZMQ_DISH);
    if (zmq_bind (one, "udp://127.0.0.1;239.77.0.1:*") != 0)
        SKIP ("no multicast here: %s", zmq_strerror (errno));
    size_t size = sizeof at;
    CHECK_OK (zmq_getsockopt (one, ZMQ_LAST_ENDPOINT, at, &size));
    snprintf (endpoint, sizeof endpoint, "udp://127.0.0.1;239.77.0.1:%d", ntohs (address_of (at).sin_port));
    /* Several may listen. */
    CHECK_OK (zmq_bind (two, endpoint));
    CHECK_OK (zmq_join (one, "g"));
    CHECK_OK (zmq_join (two, "g"));
    CHECK_INT (get_int (radio, ZMQ_MULTICAST_HOPS), 1);
    CHECK_INT (get_int (radio, ZMQ_MULTICAST_LOOP), 1);
    connect_to (radio, endpoint);
    send_in (radio, "g", "to all", 6);
    expect_in (one, "g", "to all");
    expect_in (two, "g", "to all");
    close_now (radio);
    close_now (one);
    close_now (two);
}

/* A DISH in a group of the network, of any interface; its endpoint is told. */
static void *listen_in_group (void *context, const char *group, char *endpoint)
{
    char address[256], at[256];
    void *dish = new_socket (context, ZMQ_DISH);
    CHECK_OK (zmq_join (dish, "g"));
    snprintf (address, sizeof address, "udp://%s:*", group);
    if (zmq_bind (dish, address) != 0)
        SKIP ("no multicast here: %s", zmq_strerror (errno));
    size_t size = sizeof at;
    CHECK_OK (zmq_getsockopt (dish, ZMQ_LAST_ENDPOINT, at, &size));
    snprintf (endpoint, 300, "udp://%s%s", group, strrchr (at, ':'));
    return dish;
}

/* Members on this machine hear what is sent from it, unless the sender does not want that. */
static void groups_may_be_elsewhere (void *context)
{
    char endpoint[300];
    void *dish = listen_in_group (context, "239.77.0.2", endpoint);
    void *loud = new_socket (context, ZMQ_RADIO), *far = new_socket (context, ZMQ_RADIO);
    void *dgram = new_socket (context, ZMQ_DGRAM);
    set_int (far, ZMQ_MULTICAST_LOOP, 0);
    if (zmq_connect (loud, endpoint) != 0)
        SKIP ("no route for multicast: %s", zmq_strerror (errno));
    connect_to (far, endpoint);
    send_in (loud, "g", "here", 4);
    if (!ready_within (dish, ZMQ_POLLIN, 1000))
        SKIP ("multicast does not come back here");
    expect_in (dish, "g", "here");
    send_in (far, "g", "elsewhere", 9);
    CHECK_QUIET (dish);
    /* A DGRAM sends to groups by the same rules. */
    CHECK_OK (zmq_bind (dgram, "udp://*:*"));
    send_parts (dgram, endpoint + strlen ("udp://"), "\1g" "by hand", NULL);
    expect_in (dish, "g", "by hand");
    close_now (dgram);
    dgram = new_socket (context, ZMQ_DGRAM);
    set_int (dgram, ZMQ_MULTICAST_LOOP, 0);
    CHECK_OK (zmq_bind (dgram, "udp://*:*"));
    send_parts (dgram, endpoint + strlen ("udp://"), "\1g" "elsewhere", NULL);
    CHECK_QUIET (dish);
    close_now (dgram);
    close_now (loud);
    close_now (far);
    close_now (dish);
}

static void everybody_on_a_network (void *context)
{
    char at[256], endpoint[300];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    void *dgram = new_socket (context, ZMQ_DGRAM);
    CHECK_OK (zmq_join (dish, "g"));
    bind_to (dish, "udp://*:*", at);
    snprintf (endpoint, sizeof endpoint, "udp://127.255.255.255%s", strrchr (at, ':'));
    connect_to (radio, endpoint);
    send_in (radio, "g", "to all", 6);
    expect_in (dish, "g", "to all");
    CHECK_OK (zmq_bind (dgram, "udp://127.0.0.1:*"));
    send_parts (dgram, endpoint + strlen ("udp://"), "\1g" "by hand", NULL);
    expect_in (dish, "g", "by hand");
    close_now (dgram);
    close_now (radio);
    close_now (dish);
}

static void of_one_device (void *context)
{
    char at[256], endpoint[300];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    void *astray = new_socket (context, ZMQ_DISH);
    CHECK_OK (zmq_setsockopt (astray, ZMQ_BINDTODEVICE, "no-such-thing", 13));
    if (zmq_bind (astray, "udp://127.0.0.1:*") == 0 || errno == EPERM)
        SKIP ("devices cannot be chosen here");
    CHECK_INT (errno, ENODEV);
    CHECK_OK (zmq_setsockopt (dish, ZMQ_BINDTODEVICE, "lo", 2));
    CHECK_OK (zmq_setsockopt (radio, ZMQ_BINDTODEVICE, "lo", 2));
    CHECK_OK (zmq_join (dish, "g"));
    bind_to (dish, "udp://*:*", at);
    snprintf (endpoint, sizeof endpoint, "udp://127.0.0.1%s", strrchr (at, ':'));
    connect_to (radio, endpoint);
    send_in (radio, "g", "by lo", 5);
    expect_in (dish, "g", "by lo");
    close_now (radio);
    close_now (dish);
    close_now (astray);
}

static void with_ipv6 (void *context)
{
    char at[256], endpoint[300];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    set_int (radio, ZMQ_IPV6, 1);
    set_int (dish, ZMQ_IPV6, 1);
    CHECK_OK (zmq_join (dish, "g"));
    if (zmq_bind (dish, "udp://[::1]:*") != 0)
        SKIP ("no IPv6 here: %s", zmq_strerror (errno));
    size_t size = sizeof at;
    CHECK_OK (zmq_getsockopt (dish, ZMQ_LAST_ENDPOINT, at, &size));
    snprintf (endpoint, sizeof endpoint, "udp://[::1]%s", strrchr (at, ':'));
    connect_to (radio, endpoint);
    send_in (radio, "g", "over IPv6", 9);
    expect_in (dish, "g", "over IPv6");
    /* IPv4 is there as well. */
    void *older = new_socket (context, ZMQ_DISH);
    set_int (older, ZMQ_IPV6, 1);
    CHECK_OK (zmq_join (older, "g"));
    bind_to (older, "udp://127.0.0.1:*", at);
    snprintf (endpoint, sizeof endpoint, "udp://127.0.0.1%s", strrchr (at, ':'));
    connect_to (radio, endpoint);
    send_in (radio, "g", "to both", 7);
    expect_in (older, "g", "to both");
    expect_in (dish, "g", "to both");
    CHECK_ERRNO (zmq_bind (older, "udp://[::1%no-such-thing];[ff02::4d]:*"), ENODEV);
    close_now (older);
    close_now (radio);
    close_now (dish);
}

/* Nobody reads: what there is no room for is dropped, and what is read makes room. */
static void a_slow_dish_loses_messages (void *context)
{
    char at[256], endpoint[300], text[16];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    int received = 0;
    set_int (dish, ZMQ_RCVHWM, 5);
    set_int (dish, ZMQ_RCVBUF, 4096);
    CHECK_OK (zmq_join (dish, "g"));
    bind_to (dish, "udp://127.0.0.1:*", at);
    snprintf (endpoint, sizeof endpoint, "udp://%s", at);
    connect_to (radio, endpoint);
    for (int i = 0; i < 2000; i++)
        send_in (radio, "g", "flood", 5);
    while (ready_within (dish, ZMQ_POLLIN, QUIET_MS)) {
        CHECK_INT (recv_part (dish, text, sizeof text), 5);
        received++;
    }
    CHECK (received >= 5 && received < 2000);
    send_in (radio, "g", "after", 5);
    expect_in (dish, "g", "after");
    close_now (radio);
    close_now (dish);
}

static void datagrams_with_addresses (void *context)
{
    char at[256], from[64], endpoint[64], buffer[64];
    void *dgram = new_socket (context, ZMQ_DGRAM);
    CHECK (!ready_within (dgram, ZMQ_POLLOUT, 0));
    CHECK_ERRNO (zmq_send (dgram, "127.0.0.1:1", 11, ZMQ_SNDMORE | ZMQ_DONTWAIT), EAGAIN);
    bind_to (dgram, "udp://127.0.0.1:*", at);
    struct sockaddr_in to = address_of (at);
    int fd = raw_socket (endpoint);
    CHECK (sendto (fd, "ping", 4, 0, (struct sockaddr *) &to, sizeof to) == 4);
    int size = recv_part (dgram, from, sizeof from);
    CHECK_INT (size, (int) strlen (endpoint + 6) + 1);
    CHECK (strcmp (from, endpoint + 6) == 0);
    CHECK_INT (get_int (dgram, ZMQ_RCVMORE), 1);
    RECV_TEXT (dgram, "ping");
    CHECK_INT (get_int (dgram, ZMQ_RCVMORE), 0);

    send_parts (dgram, endpoint + 6, "pong", NULL);
    expect_datagram (fd, "pong", 4);
    CHECK_INT (zmq_send (dgram, from, (size_t) size, ZMQ_SNDMORE), size);
    CHECK_ERRNO (zmq_send (dgram, "x", 1, ZMQ_SNDMORE), EINVAL);
    send_text (dgram, "as received", 0);
    expect_datagram (fd, "as received", 11);
    CHECK_ERRNO (zmq_send (dgram, from, (size_t) size, 0), EINVAL);

    /* Nowhere. */
    send_parts (dgram, "somewhere:5", "lost", NULL);
    send_parts (dgram, "127.0.0.1:0", "lost", NULL);
    send_parts (dgram, endpoint + 6, "", NULL);
    expect_datagram (fd, "", 0);
    CHECK (sendto (fd, "", 0, 0, (struct sockaddr *) &to, sizeof to) == 0);
    CHECK_INT (recv_part (dgram, buffer, sizeof buffer), size);
    CHECK_INT (recv_part (dgram, buffer, sizeof buffer), 0);
    close (fd);
    close_now (dgram);
}

static void endpoints_are_checked (void *context)
{
    static const struct { int type, bind; const char *endpoint; int error; } cases[] = {
        {ZMQ_RADIO, 1, "udp://127.0.0.1:*", ENOCOMPATPROTO}, {ZMQ_DISH, 0, "udp://127.0.0.1:9", ENOCOMPATPROTO},
        {ZMQ_DGRAM, 0, "udp://127.0.0.1:9", ENOCOMPATPROTO}, {ZMQ_PUB, 0, "udp://127.0.0.1:9", ENOCOMPATPROTO},
        {ZMQ_PULL, 1, "udp://127.0.0.1:*", ENOCOMPATPROTO},  {ZMQ_DGRAM, 1, "tcp://127.0.0.1:*", ENOCOMPATPROTO},
        {ZMQ_DISH, 1, "udp://lo;127.0.0.1:9", EINVAL},       {ZMQ_DISH, 1, "udp://127.0.0.1", EINVAL},
        {ZMQ_RADIO, 0, "udp://*:9", EINVAL},                 {ZMQ_RADIO, 0, "udp://127.0.0.1:*", EINVAL},
        {ZMQ_DISH, 1, "udp://no-such-thing;239.77.0.1:9", ENODEV},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *socket = new_socket (context, cases[i].type);
        int rc = cases[i].bind ? zmq_bind (socket, cases[i].endpoint) : zmq_connect (socket, cases[i].endpoint);
        if (rc != -1 || errno != cases[i].error)
            FAIL ("%s: %d (%s)", cases[i].endpoint, rc, zmq_strerror (errno));
        close_now (socket);
    }
}

int main (void)
{
    begin_test ();
    in_context (radio_to_dish);
    in_context (what_a_radio_writes);
    in_context (datagrams_with_addresses);
    in_context (endpoints_are_checked);
    in_context (everybody_on_a_network);
    in_context (a_slow_dish_loses_messages);
    in_context (groups_of_the_network);
    in_context (of_one_device);
    in_context (with_ipv6);
    in_context (groups_may_be_elsewhere);
    return 0;
}
