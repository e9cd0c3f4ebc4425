# cmake -DBUILD= -DPREFIX= -DLIBDIR= -DVERSION= -P install.cmake
# Installs the build somewhere else, moves it to PREFIX, and checks that all files are there.

file (REMOVE_RECURSE "${PREFIX}" "${PREFIX}-before-move")
execute_process (
    COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}-before-move"
    OUTPUT_QUIET
    RESULT_VARIABLE result)
if (NOT result EQUAL 0)
    message (FATAL_ERROR "cmake --install failed: ${result}")
endif ()
file (RENAME "${PREFIX}-before-move" "${PREFIX}")

foreach (file
        include/zmq.h
        include/zmq_utils.h
        ${LIBDIR}/libzmq.so
        ${LIBDIR}/libzmq.so.5
        ${LIBDIR}/libzmq.so.${VERSION}
        ${LIBDIR}/libzmq.a
        ${LIBDIR}/pkgconfig/libzmq.pc
        ${LIBDIR}/cmake/ZeroMQ/ZeroMQConfig.cmake
        ${LIBDIR}/cmake/ZeroMQ/ZeroMQConfigVersion.cmake
        ${LIBDIR}/cmake/ZeroMQ/ZeroMQTargets.cmake)
    if (NOT EXISTS "${PREFIX}/${file}")
        message (FATAL_ERROR "${file} is not installed")
    endif ()
endforeach ()
foreach (link libzmq.so libzmq.so.5)
    if (NOT IS_SYMLINK "${PREFIX}/${LIBDIR}/${link}")
        message (FATAL_ERROR "${link} is not a link")
    endif ()
    get_filename_component (file "${PREFIX}/${LIBDIR}/${link}" REALPATH)
    if (NOT file MATCHES "/libzmq\\.so\\.${VERSION}$")
        message (FATAL_ERROR "${link} leads to ${file}")
    endif ()
endforeach ()
