/* zmq_z85_encode and zmq_z85_decode: known pairs, sizes, round trips and what is refused
   (zmq_z85_encode (3), zmq_z85_decode (3), RFC 32). */

#include "testing.h"

static const struct {
    const char *bytes, *text;
    size_t size;
} PAIRS[] = {
    {"\x86\x4f\xd2\x6f\xb5\x59\xf7\x5b", "HelloWorld", 8},
    {"\0\0\0\0", "00000", 4},
    {"\0\0\0\x01", "00001", 4},
    {"\0\0\0\x54", "0000#", 4},
    {"\0\0\0\x55", "00010", 4},
    {"\xff\xff\xff\xff", "%nSc0", 4},
    {"\xff\xff\xff\xff\0\0\0\0", "%nSc000000", 8},
    {"\x8e\x0b\xdd\x69\x76\x28\xb9\x1d\x8f\x24\x55\x87\xee\x95\xc5\xb0"
     "\x4d\x48\x96\x3f\x79\x25\x98\x77\xb4\x9c\xd9\x06\x3a\xea\xd3\xb7",
     "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6", 32},
    {"", "", 0},
};

static void known_pairs_convert (void)
{
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        char text[64];
        uint8_t bytes[64];
        memset (text, 'x', sizeof text);
        CHECK (zmq_z85_encode (text, (const uint8_t *) PAIRS[i].bytes, PAIRS[i].size) == text);
        CHECK (strcmp (text, PAIRS[i].text) == 0);
        CHECK_INT (text[strlen (text) + 1], 'x');
        if (PAIRS[i].size == 0)
            continue;
        memset (bytes, 0x55, sizeof bytes);
        CHECK (zmq_z85_decode (bytes, PAIRS[i].text) == bytes);
        CHECK (memcmp (bytes, PAIRS[i].bytes, PAIRS[i].size) == 0);
        CHECK_INT (bytes[PAIRS[i].size], 0x55);
    }
}

static void sizes_are_multiples_of_four (void)
{
    static const uint8_t bytes[16] = {0};
    char text[32];
    for (size_t size = 0; size <= 16; size++) {
        errno = 0;
        char *result = zmq_z85_encode (text, bytes, size);
        if (size % 4 == 0) {
            CHECK (result == text);
            CHECK_INT (strlen (text), size / 4 * 5);
        } else {
            CHECK (!result);
            CHECK_INT (zmq_errno (), EINVAL);
        }
    }
}

static void bad_texts_are_refused (void)
{
    static const char *const texts[] = {
        "", "0", "0000", "000000", "000000000",       /* lengths */
        "%nSc1", "#####", "%nSd0", "00000#####",      /* above ffffffff */
        "0000 ", "0000\"", "0000,", "0000;", "0000~", "0000_", "0000|", "0000`", "0000'", "0000\\",
        "0000\x7f", "0000\x1f", "0000\x80", "0000\xff", "000000000\n",
    };
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        errno = 0;
        if (zmq_z85_decode (bytes, texts[i]) || zmq_errno () != EINVAL)
            FAIL ("'%s' is decoded, or gives %s", texts[i], zmq_strerror (zmq_errno ()));
    }
}

/* Every character has its value. */
static void the_alphabet_is_complete (void)
{
    static const char alphabet[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    CHECK_INT (strlen (alphabet), 85);
    for (int i = 0; i < 85; i++) {
        uint8_t bytes[4] = {0xee};
        char text[] = "0000x";
        text[4] = alphabet[i];
        CHECK (zmq_z85_decode (bytes, text));
        CHECK_INT (bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3], i);
    }
}

static void anything_makes_a_round_trip (void)
{
    uint32_t state = 12345;
    for (size_t size = 4; size <= 400; size += 4) {
        uint8_t bytes[400], back[400];
        char text[501];
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t) ((state = state * 1664525u + 1013904223u) >> 24);
        CHECK (zmq_z85_encode (text, bytes, size) == text);
        CHECK_INT (strlen (text), size / 4 * 5);
        CHECK (zmq_z85_decode (back, text) == back);
        CHECK (memcmp (bytes, back, size) == 0);
    }
}

int main (void)
{
    begin_test ();
    known_pairs_convert ();
    sizes_are_multiples_of_four ();
    bad_texts_are_refused ();
    the_alphabet_is_complete ();
    anything_makes_a_round_trip ();
    return 0;
}
