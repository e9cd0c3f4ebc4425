/* selftest CLASS

   Runs the test that CZMQ's library carries of one of its classes. CZMQ is a large program that was
   written for the genuine libzmq: it mixes sockets with objects of its own, polls descriptors of sockets
   and sockets together, interrupts and terminates. */

#include <czmq.h>
#include <dlfcn.h>

int main (int argc, char **argv)
{
    char name[64];
    if (argc != 2)
        return 2;
    snprintf (name, sizeof name, "%s_test", argv[1]);
    void *library = dlopen (NULL, RTLD_NOW);
    void (*test) (bool) = NULL;
    if (library)
        *(void **) &test = dlsym (library, name);
    if (!test)
        return 77; /* built without its tests */
    zsys_init ();
    test (false);
    return 0;
}
