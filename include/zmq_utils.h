/* SPDX-License-Identifier: MIT OR Apache-2.0

   Deprecated: everything this header once declared is in zmq.h. It is here so that programs which
   include it still compile. */

#if defined _MSC_VER
#pragma message("zmq_utils.h is deprecated: include zmq.h instead")
#elif defined __GNUC__
#pragma message "zmq_utils.h is deprecated: include zmq.h instead"
#endif
