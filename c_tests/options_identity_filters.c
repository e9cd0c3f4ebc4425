/* Options of text and bytes: which lengths and forms they take, how they are read back, and which
   security mechanism they select (zmq_setsockopt(3), options: 5, 38, 44-50, 55, 58-60, 68, 92 and
   3.9, 3.10). */

#include "testing.h"

static char letters[400];

static void set_bytes (void *socket, int option, const void *bytes, size_t size)
{
    CHECK_OK (zmq_setsockopt (socket, option, bytes, size));
}

static void refuses (void *socket, int option, const void *bytes, size_t size)
{
    errno = 0;
    if (zmq_setsockopt (socket, option, bytes, size) != -1 || zmq_errno () != EINVAL)
        FAIL ("option %d took %zu bytes (errno %d): %.40s", option, size, zmq_errno (),
              bytes ? (const char *) bytes : "(null)");
}

/* Reads an option whose value has `size` bytes: with that room and more, but not with less. */
static void check_bytes (void *socket, int option, const void *bytes, size_t size)
{
    char got[300];
    for (size_t room = 0; room <= sizeof got; room += room < size + 3 ? 1 : 50) {
        size_t used = room;
        memset (got, '.', sizeof got);
        if (room < size) {
            CHECK_ERRNO (zmq_getsockopt (socket, option, got, &used), EINVAL);
            continue;
        }
        CHECK_OK (zmq_getsockopt (socket, option, got, &used));
        CHECK_INT (used, size);
        CHECK (memcmp (got, bytes, size) == 0);
        for (size_t i = size; i < room; i++)
            CHECK_INT (got[i], 0);
        for (size_t i = room; i < sizeof got; i++)
            CHECK_INT (got[i], '.');
    }
}

static void routing_ids_have_1_to_255_bytes (void *context)
{
    static const int types[] = {ZMQ_REQ, ZMQ_DEALER, ZMQ_ROUTER, ZMQ_PUSH, ZMQ_SUB};
    for (int i = 0; i < 5; i++) {
        void *socket = new_socket (context, types[i]);
        check_bytes (socket, ZMQ_ROUTING_ID, "", 0);
        refuses (socket, ZMQ_ROUTING_ID, NULL, 0);
        refuses (socket, ZMQ_ROUTING_ID, letters, 0);
        refuses (socket, ZMQ_ROUTING_ID, letters, 256);
        refuses (socket, ZMQ_ROUTING_ID, letters, 400);
        check_bytes (socket, ZMQ_ROUTING_ID, "", 0);
        static const size_t sizes[] = {1, 2, 5, 33, 254, 255};
        for (int k = 0; k < 6; k++) {
            set_bytes (socket, ZMQ_ROUTING_ID, letters, sizes[k]);
            check_bytes (socket, ZMQ_ROUTING_ID, letters, sizes[k]);
        }
        set_bytes (socket, ZMQ_ROUTING_ID, "\0a\0", 3);
        check_bytes (socket, ZMQ_ROUTING_ID, "\0a\0", 3);
        refuses (socket, ZMQ_ROUTING_ID, letters, 256);
        check_bytes (socket, ZMQ_ROUTING_ID, "\0a\0", 3);
        close_now (socket);
    }
}

struct text_option { int number, clearable, limited; size_t longest; };

/* Texts are read with a zero byte behind; some can be cleared by NULL. */
static void texts_have_their_limits (void *context)
{
    static const struct text_option options[] = {
        {ZMQ_SOCKS_PROXY, 1, 0, 255}, {ZMQ_ZAP_DOMAIN, 0, 1, 255}, {ZMQ_BINDTODEVICE, 1, 1, 16}};
    for (int i = 0; i < 3; i++) {
        void *socket = new_socket (context, ZMQ_DEALER);
        const struct text_option *option = &options[i];
        char text[256] = {0};
        check_bytes (socket, option->number, "", 1);
        refuses (socket, option->number, letters, 0);
        if (option->limited)
            refuses (socket, option->number, letters, option->longest + 1);
        for (size_t size = 1; size <= option->longest; size = size < 16 ? size + 5 : size + 239) {
            set_bytes (socket, option->number, letters, size);
            memset (text, 0, sizeof text);
            memcpy (text, letters, size);
            check_bytes (socket, option->number, text, size + 1);
        }
        set_bytes (socket, option->number, "abc", 3);
        if (option->clearable) {
            set_bytes (socket, option->number, NULL, 0);
            check_bytes (socket, option->number, "", 1);
        } else {
            refuses (socket, option->number, NULL, 0);
            check_bytes (socket, option->number, "abc", 4);
        }
        close_now (socket);
    }
}

static void plain_texts_select_the_client_role (void *context)
{
    static const int options[] = {ZMQ_PLAIN_USERNAME, ZMQ_PLAIN_PASSWORD};
    for (int i = 0; i < 2; i++) {
        void *socket = new_socket (context, ZMQ_DEALER);
        check_bytes (socket, options[i], "", 1);
        refuses (socket, options[i], "", 0);
        refuses (socket, options[i], letters, 256);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_NULL);
        set_bytes (socket, options[i], letters, 255);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_PLAIN);
        CHECK_INT (get_int (socket, ZMQ_PLAIN_SERVER), 0);
        set_bytes (socket, options[i], "secret", 6);
        check_bytes (socket, options[i], "secret", 7);
        set_int (socket, ZMQ_PLAIN_SERVER, 1);
        CHECK_INT (get_int (socket, ZMQ_PLAIN_SERVER), 1);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_PLAIN);
        set_int (socket, ZMQ_PLAIN_SERVER, 0);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_NULL);
        CHECK_INT (get_int (socket, ZMQ_PLAIN_SERVER), 0);
        set_bytes (socket, options[i], "again", 5);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_PLAIN);
        set_bytes (socket, options[i], NULL, 0);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_NULL);
        close_now (socket);
    }
}

/* A pair of 32 bytes and the text of 40 for them. */
static const unsigned char KEY[32] = {
    0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b, 0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b,
    0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b, 0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b};
static const char KEY_TEXT[] = "HelloWorldHelloWorldHelloWorldHelloWorld";

static void check_key (void *socket, int option, const void *raw, const char *text)
{
    char got[100];
    for (size_t room = 0; room <= sizeof got; room++) {
        size_t used = room;
        if (room != 32 && room != 41) {
            CHECK_ERRNO (zmq_getsockopt (socket, option, got, &used), EINVAL);
            continue;
        }
        CHECK_OK (zmq_getsockopt (socket, option, got, &used));
        CHECK_INT (used, room);
        CHECK (memcmp (got, room == 32 ? raw : text, room) == 0);
    }
}

static void curve_keys_are_raw_or_text (void *context)
{
    static const int options[] = {ZMQ_CURVE_PUBLICKEY, ZMQ_CURVE_SECRETKEY, ZMQ_CURVE_SERVERKEY};
    if (!zmq_has ("curve"))
        return;
    char zeros[32] = {0};
    for (int i = 0; i < 3; i++) {
        void *socket = new_socket (context, ZMQ_DEALER);
        check_key (socket, options[i], zeros, "0000000000000000000000000000000000000000");
        for (size_t size = 0; size <= 50; size++)
            if (size != 32 && size != 40 && size != 41)
                refuses (socket, options[i], KEY_TEXT, size);
        refuses (socket, options[i], "Hello~WorldHelloWorldHelloWorldHelloWorld", 40);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_NULL);
        set_bytes (socket, options[i], KEY, 32);
        check_key (socket, options[i], KEY, KEY_TEXT);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_CURVE);
        close_now (socket);
        socket = new_socket (context, ZMQ_DEALER);
        set_bytes (socket, options[i], KEY_TEXT, 41);
        check_key (socket, options[i], KEY, KEY_TEXT);
        set_bytes (socket, options[i], zeros, 32);
        set_bytes (socket, options[i], KEY_TEXT, 40);
        check_key (socket, options[i], KEY, KEY_TEXT);
        CHECK_INT (get_int (socket, ZMQ_CURVE_SERVER), 0);
        close_now (socket);
    }
}

/* There is one mechanism, the one set last. */
static void the_last_mechanism_set_counts (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    set_int (socket, ZMQ_PLAIN_SERVER, 1);
    CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_PLAIN);
    if (zmq_has ("curve")) {
        int bad = 2;
        refuses (socket, ZMQ_CURVE_SERVER, &bad, sizeof bad);
        set_int (socket, ZMQ_CURVE_SERVER, 1);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_CURVE);
        CHECK_INT (get_int (socket, ZMQ_CURVE_SERVER), 1);
        CHECK_INT (get_int (socket, ZMQ_PLAIN_SERVER), 0);
        set_bytes (socket, ZMQ_PLAIN_USERNAME, "user", 4);
        CHECK_INT (get_int (socket, ZMQ_CURVE_SERVER), 0);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_PLAIN);
        set_int (socket, ZMQ_CURVE_SERVER, 0);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_NULL);
    }
    close_now (socket);
}

static void accept_filters_are_numeric_addresses (void *context)
{
    static const char *const good[] = {
        "127.0.0.1", "127.0.0.1/32", "10.0.0.0/8", "0.0.0.0/0", "192.168.1.1/24"};
    static const char *const bad[] = {
        "", "nonsense", "localhost", "*", "127.0.0.1/33", "127.0.0.1/-1", "127.0.0.1/",
        "127.0.0.1/x", "/8", "127.0.0.1:80", "256.0.0.1", "::1"};
    static const char *const good6[] = {
        "::1", "::1/128", "::/0", "fe80::/10", "127.0.0.1"};
    static const char *const bad6[] = {"::1/129", "::1/", "::1/-1", "::g"};
    void *socket = new_socket (context, ZMQ_PULL);
    for (int i = 0; i < 5; i++)
        set_bytes (socket, ZMQ_TCP_ACCEPT_FILTER, good[i], strlen (good[i]));
    for (int i = 0; i < 12; i++)
        refuses (socket, ZMQ_TCP_ACCEPT_FILTER, bad[i], strlen (bad[i]));
    refuses (socket, ZMQ_TCP_ACCEPT_FILTER, letters, 256);
    set_int (socket, ZMQ_IPV6, 1);
    for (int i = 0; i < 5; i++)
        set_bytes (socket, ZMQ_TCP_ACCEPT_FILTER, good6[i], strlen (good6[i]));
    for (int i = 0; i < 4; i++)
        refuses (socket, ZMQ_TCP_ACCEPT_FILTER, bad6[i], strlen (bad6[i]));
    set_bytes (socket, ZMQ_TCP_ACCEPT_FILTER, NULL, 0);
    close_now (socket);
}

static void ipc_filters_are_numbers (void *context)
{
    static const int options[] = {ZMQ_IPC_FILTER_PID, ZMQ_IPC_FILTER_UID, ZMQ_IPC_FILTER_GID};
    char bytes[16] = {0};
    void *socket = new_socket (context, ZMQ_PULL);
    for (int i = 0; i < 3; i++)
        for (size_t size = 0; size <= sizeof bytes; size++) {
            if (size == 4)
                set_bytes (socket, options[i], bytes, size);
            else
                refuses (socket, options[i], bytes, size);
            set_bytes (socket, options[i], NULL, 0);
        }
    close_now (socket);
}

int main (void)
{
    begin_test ();
    memset (letters, 'l', sizeof letters);
    in_context (routing_ids_have_1_to_255_bytes);
    in_context (texts_have_their_limits);
    in_context (plain_texts_select_the_client_role);
    in_context (curve_keys_are_raw_or_text);
    in_context (the_last_mechanism_set_counts);
    in_context (accept_filters_are_numeric_addresses);
    in_context (ipc_filters_are_numbers);
    return 0;
}
