//! Every exported function, called with NULL, with garbage and with handles of the wrong kind: each
//! answers with its failure value and the errno of the documentation, and nothing crashes.

use crate::constants::*;
use crate::context::*;
use crate::curve::*;
use crate::draft::*;
use crate::entry::{entry, errno, set_errno};
use crate::message::*;
use crate::poll::*;
use crate::poller::*;
use crate::proxy::*;
use crate::send_recv::*;
use crate::socket::*;
use crate::statistics::*;
use crate::timers::*;
use crate::utilities::*;
use ferrozmq::error::Error;
use ferrozmq::msg::Message;
use libc::{EFAULT, EINVAL, ENOMEM, ENOTSOCK, ENOTSUP};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI32, Ordering};

/// Asserts that a call gives that answer and leaves that errno.
macro_rules! gives {
    ($call:expr, $answer:expr, $errno:expr) => {{
        set_errno(0);
        // SAFETY: the tests pass NULL where that is to be tested, else memory of their own.
        #[allow(unused_unsafe, reason = "some of the functions are safe")]
        let answer = unsafe { $call };
        assert_eq!((answer, errno()), ($answer, $errno), "{}", stringify!($call));
    }};
}

/// Evaluates a call.
macro_rules! call {
    ($call:expr) => {{
        // SAFETY: as in `gives`.
        #[allow(unused_unsafe, reason = "some of the functions are safe")]
        unsafe {
            $call
        }
    }};
}

const NULL: *mut c_void = null_mut();
const ADDRESS: *const c_char = c"inproc://a".as_ptr();

/// A context and one of its sockets; the handles of both are stale once this is dropped.
struct Live {
    context: *mut c_void,
    socket: *mut c_void,
}

impl Live {
    fn new() -> Live {
        let context = zmq_ctx_new();
        let socket = zmq_socket(context, ZMQ_PAIR);
        assert!(!context.is_null() && !socket.is_null(), "errno {}", errno());
        Live { context, socket }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        assert_eq!((zmq_close(self.socket), zmq_ctx_term(self.context)), (0, 0));
    }
}

/// Pointers that are no handles of any kind, among them an address and stale handles.
fn garbage() -> Vec<*mut c_void> {
    let mut garbage: Vec<_> = [0, 1, 2, 7, 0xdead_beef, 1 << 40, isize::MAX as usize, usize::MAX]
        .map(std::ptr::without_provenance_mut)
        .into();
    garbage.push((&raw const garbage).cast_mut().cast());
    let live = Live::new();
    garbage.extend([live.context, live.socket]);
    garbage
}

/// Handles that are alive and of another kind than context and socket.
struct Foreign([*mut c_void; 3]);

impl Foreign {
    fn new() -> Foreign {
        Foreign([zmq_timers_new(), zmq_stopwatch_start(), zmq_atomic_counter_new()])
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let [mut timers, watch, mut counter] = self.0;
        assert_eq!(call!(zmq_timers_destroy(&mut timers)), 0);
        zmq_stopwatch_stop(watch);
        call!(zmq_atomic_counter_destroy(&mut counter));
        assert!(timers.is_null() && counter.is_null());
    }
}

#[test]
fn no_exported_function_is_missing_here() {
    let tests = include_str!("tests.rs");
    for name in include_str!("../../packaging/exports.txt").lines() {
        assert!(tests.contains(&format!("{name}(")), "{name} is not tested");
    }
}

#[test]
fn what_is_no_context_gives_efault() {
    let (live, foreign) = (Live::new(), Foreign::new());
    let mut value = 0;
    let mut len = 4;
    for bad in garbage().into_iter().chain(foreign.0).chain([live.socket]) {
        gives!(zmq_ctx_term(bad), -1, EFAULT);
        gives!(zmq_term(bad), -1, EFAULT);
        gives!(zmq_ctx_destroy(bad), -1, EFAULT);
        gives!(zmq_ctx_shutdown(bad), -1, EFAULT);
        gives!(zmq_ctx_set(bad, ZMQ_IO_THREADS, 1), -1, EFAULT);
        gives!(zmq_ctx_get(bad, ZMQ_IO_THREADS), -1, EFAULT);
        gives!(zmq_ctx_set_ext(bad, ZMQ_IO_THREADS, (&raw const value).cast(), 4), -1, EFAULT);
        gives!(zmq_ctx_set_ext(bad, ZMQ_IO_THREADS, null(), 4), -1, EFAULT);
        gives!(zmq_ctx_get_ext(bad, ZMQ_IO_THREADS, (&raw mut value).cast(), &mut len), -1, EFAULT);
        gives!(zmq_socket(bad, ZMQ_PAIR), NULL, EFAULT);
    }
}

#[test]
fn contexts_refuse_bad_arguments() {
    let live = Live::new();
    let context = live.context;
    let mut value = 5;
    let place: *mut c_void = (&raw mut value).cast();
    gives!(zmq_ctx_set(context, -1, 1), -1, EINVAL);
    gives!(zmq_ctx_get(context, -1), -1, EINVAL);
    gives!(zmq_ctx_set_ext(context, ZMQ_IO_THREADS, place, 3), -1, EINVAL);
    gives!(zmq_ctx_set_ext(context, ZMQ_IO_THREADS, null(), 4), -1, EFAULT);
    gives!(zmq_ctx_get_ext(context, ZMQ_IO_THREADS, place, null_mut()), -1, EFAULT);
    gives!(zmq_ctx_get_ext(context, ZMQ_IO_THREADS, NULL, &mut 4), -1, EFAULT);
    gives!(zmq_ctx_get_ext(context, ZMQ_IO_THREADS, place, &mut 3), -1, EINVAL);
    assert_eq!(call!(zmq_ctx_get_ext(context, ZMQ_IO_THREADS, place, &mut 4)), 0);
    assert_eq!((value, zmq_ctx_get(context, ZMQ_IO_THREADS)), (1, 1));
    gives!(zmq_socket(context, -1), NULL, EINVAL);
    gives!(zmq_socket(context, 99), NULL, EINVAL);
    gives!(zmq_init(-1), NULL, EINVAL);
    let context = zmq_init(3);
    assert_eq!(zmq_ctx_get(context, ZMQ_IO_THREADS), 3);
    set_errno(77);
    assert_eq!((zmq_ctx_term(context), errno()), (0, 77));
}

#[test]
fn what_is_no_socket_gives_enotsock() {
    let (live, foreign) = (Live::new(), Foreign::new());
    let mut buffer = [0u8; 16];
    let data: *mut c_void = buffer.as_mut_ptr().cast();
    let mut message = Message::new();
    let message = &raw mut message;
    let mut vector = libc::iovec { iov_base: data, iov_len: 4 };
    for bad in garbage().into_iter().chain(foreign.0).chain([live.context]) {
        gives!(zmq_close(bad), -1, ENOTSOCK);
        gives!(zmq_setsockopt(bad, ZMQ_LINGER, data, 4), -1, ENOTSOCK);
        gives!(zmq_setsockopt(bad, ZMQ_LINGER, null(), 4), -1, ENOTSOCK);
        gives!(zmq_getsockopt(bad, ZMQ_LINGER, data, &mut 4), -1, ENOTSOCK);
        gives!(zmq_getsockopt(bad, ZMQ_LINGER, NULL, null_mut()), -1, ENOTSOCK);
        for address in [ADDRESS, null(), c"nonsense".as_ptr()] {
            gives!(zmq_bind(bad, address), -1, ENOTSOCK);
            gives!(zmq_connect(bad, address), -1, ENOTSOCK);
            gives!(zmq_unbind(bad, address), -1, ENOTSOCK);
            gives!(zmq_disconnect(bad, address), -1, ENOTSOCK);
            gives!(zmq_socket_monitor(bad, address, ZMQ_EVENT_ALL), -1, ENOTSOCK);
            gives!(zmq_socket_monitor_versioned(bad, address, 1, 2, ZMQ_PAIR), -1, ENOTSOCK);
            gives!(zmq_connect_peer(bad, address), 0, ENOTSOCK);
        }
        gives!(zmq_disconnect_peer(bad, 1), -1, ENOTSOCK);
        gives!(zmq_join(bad, c"g".as_ptr()), -1, ENOTSOCK);
        gives!(zmq_join(bad, null()), -1, ENOTSOCK);
        gives!(zmq_leave(bad, c"g".as_ptr()), -1, ENOTSOCK);
        gives!(zmq_leave(bad, null()), -1, ENOTSOCK);
        gives!(zmq_socket_get_peer_state(bad, data, 4), -1, ENOTSOCK);
        gives!(zmq_socket_get_peer_state(bad, null(), 4), -1, ENOTSOCK);
        gives!(zmq_socket_monitor_pipes_stats(bad), -1, ENOTSOCK);
        gives!(zmq_socket_stats(bad, 1), null(), ENOTSOCK);
        gives!(zmq_send(bad, data, 4, 0), -1, ENOTSOCK);
        gives!(zmq_send(bad, null(), 4, 0), -1, ENOTSOCK);
        gives!(zmq_send_const(bad, data, 4, 0), -1, ENOTSOCK);
        gives!(zmq_send_const(bad, null(), 4, 0), -1, ENOTSOCK);
        gives!(zmq_recv(bad, data, 4, 0), -1, ENOTSOCK);
        gives!(zmq_recv(bad, NULL, 4, 0), -1, ENOTSOCK);
        for message in [message, null_mut()] {
            gives!(zmq_msg_send(message, bad, 0), -1, ENOTSOCK);
            gives!(zmq_sendmsg(bad, message, 0), -1, ENOTSOCK);
            gives!(zmq_msg_recv(message, bad, 0), -1, ENOTSOCK);
            gives!(zmq_recvmsg(bad, message, 0), -1, ENOTSOCK);
        }
        for vector in [&raw mut vector, null_mut()] {
            gives!(zmq_sendiov(bad, vector, 1, 0), -1, ENOTSOCK);
            gives!(zmq_recviov(bad, vector, &mut 1, 0), -1, ENOTSOCK);
            gives!(zmq_recviov(bad, vector, null_mut(), 0), -1, ENOTSOCK);
        }
        if !bad.is_null() {
            let mut item = zmq_pollitem_t { socket: bad, fd: 0, events: 1, revents: 0 };
            gives!(zmq_poll(&mut item, 1, 0), -1, ENOTSOCK);
        }
    }
}

#[test]
fn sockets_refuse_bad_arguments() {
    let live = Live::new();
    let socket = live.socket;
    let mut buffer = [0u8; 16];
    let data: *mut c_void = buffer.as_mut_ptr().cast();
    for address in [null(), c"".as_ptr(), c"nonsense".as_ptr(), c"tcp://\xff:1".as_ptr()] {
        gives!(zmq_bind(socket, address), -1, EINVAL);
        gives!(zmq_connect(socket, address), -1, EINVAL);
        gives!(zmq_unbind(socket, address), -1, EINVAL);
        gives!(zmq_disconnect(socket, address), -1, EINVAL);
    }
    gives!(zmq_socket_monitor(socket, ADDRESS, -1), -1, EINVAL);
    gives!(zmq_setsockopt(socket, ZMQ_LINGER, null(), 4), -1, EINVAL);
    gives!(zmq_setsockopt(socket, ZMQ_LINGER, data, 3), -1, EINVAL);
    gives!(zmq_setsockopt(socket, ZMQ_LINGER, data, usize::MAX), -1, EINVAL);
    gives!(zmq_setsockopt(socket, -1, data, 4), -1, EINVAL);
    gives!(zmq_getsockopt(socket, ZMQ_LINGER, data, null_mut()), -1, EFAULT);
    gives!(zmq_getsockopt(socket, ZMQ_LINGER, NULL, &mut 4), -1, EINVAL);
    gives!(zmq_getsockopt(socket, ZMQ_LINGER, data, &mut 1), -1, EINVAL);
    gives!(zmq_getsockopt(socket, -1, data, &mut 4), -1, EINVAL);
    gives!(zmq_send(socket, null(), 4, ZMQ_DONTWAIT), -1, EFAULT);
    gives!(zmq_send(socket, data, usize::MAX, ZMQ_DONTWAIT), -1, EFAULT);
    gives!(zmq_send_const(socket, null(), 4, ZMQ_DONTWAIT), -1, EFAULT);
    gives!(zmq_recv(socket, NULL, 4, ZMQ_DONTWAIT), -1, EFAULT);
    gives!(zmq_sendiov(socket, null_mut(), 1, 0), -1, EINVAL);
    let mut vector = libc::iovec { iov_base: NULL, iov_len: 4 };
    gives!(zmq_sendiov(socket, &mut vector, 0, 0), -1, EINVAL);
    gives!(zmq_sendiov(socket, &mut vector, 1, ZMQ_DONTWAIT), -1, EFAULT);
    gives!(zmq_recviov(socket, null_mut(), &mut 1, 0), -1, EINVAL);
    gives!(zmq_recviov(socket, &mut vector, null_mut(), 0), -1, EINVAL);
    gives!(zmq_recviov(socket, &mut vector, &mut 0, 0), -1, EINVAL);
    let mut count = 3;
    gives!(zmq_recviov(NULL, &mut vector, &mut count, 0), -1, ENOTSOCK);
    assert_eq!(count, 3);
    gives!(zmq_recviov(socket, &mut vector, &mut count, ZMQ_DONTWAIT), -1, libc::EAGAIN);
    assert_eq!(count, 0);
    gives!(zmq_connect_peer(socket, ADDRESS), 0, ENOTSUP);
    gives!(zmq_disconnect_peer(socket, 1), -1, ENOTSUP);
    gives!(zmq_join(socket, c"g".as_ptr()), -1, ENOTSUP);
    gives!(zmq_join(socket, null()), -1, EINVAL);
    gives!(zmq_leave(socket, c"g".as_ptr()), -1, ENOTSUP);
    gives!(zmq_socket_get_peer_state(socket, data, 4), -1, ENOTSUP);
    gives!(zmq_socket_get_peer_state(socket, null(), 4), -1, EFAULT);
    for message in bad_messages(&mut garbage_memory()) {
        gives!(zmq_msg_send(message, socket, ZMQ_DONTWAIT), -1, EFAULT);
        gives!(zmq_sendmsg(socket, message, ZMQ_DONTWAIT), -1, EFAULT);
        gives!(zmq_msg_recv(message, socket, ZMQ_DONTWAIT), -1, EFAULT);
        gives!(zmq_recvmsg(socket, message, ZMQ_DONTWAIT), -1, EFAULT);
    }
}

/// Rather than go around the proxy, of which this build has none.
#[test]
fn a_connection_through_a_proxy_is_refused() {
    let live = Live::new();
    let (proxy, tcp) = (c"127.0.0.1:1080", c"tcp://127.0.0.1:9".as_ptr());
    let set = |proxy: &CStr| {
        call!(zmq_setsockopt(live.socket, ZMQ_SOCKS_PROXY, proxy.as_ptr().cast(), proxy.count_bytes()))
    };
    assert_eq!(set(proxy), 0);
    gives!(zmq_connect(live.socket, tcp), -1, libc::EPROTONOSUPPORT);
    gives!(zmq_connect(live.socket, c"inproc://a".as_ptr()), 0, 0);
    assert_eq!(call!(zmq_setsockopt(live.socket, ZMQ_SOCKS_PROXY, null(), 0)), 0);
    gives!(zmq_connect(live.socket, tcp), 0, 0);
}

/// Memory in which C never made a message, with different contents.
fn garbage_memory() -> Vec<[u64; 9]> {
    vec![
        [0; 9],
        [u64::MAX; 9],
        [0xA1; 9],
        [0x5A5A_5A5A_5A5A_5A5A; 9],
        std::array::from_fn(|i| i as u64 * 0x0123_4567),
    ]
}

/// NULL, misaligned memory and memory that holds no message.
fn bad_messages(memory: &mut [[u64; 9]]) -> Vec<*mut Message> {
    let mut bad = vec![null_mut(), std::ptr::without_provenance_mut(1)];
    for block in memory {
        bad.extend([block.as_mut_ptr().cast(), block.as_mut_ptr().cast::<Message>().wrapping_byte_add(3)]);
    }
    bad
}

#[test]
fn what_is_no_message_gives_efault() {
    let mut good = Message::new();
    let good = &raw mut good;
    for bad in bad_messages(&mut garbage_memory()) {
        gives!(zmq_msg_close(bad), -1, EFAULT);
        gives!(zmq_msg_move(bad, good), -1, EFAULT);
        gives!(zmq_msg_move(good, bad), -1, EFAULT);
        gives!(zmq_msg_copy(bad, good), -1, EFAULT);
        gives!(zmq_msg_copy(good, bad), -1, EFAULT);
        gives!(zmq_msg_data(bad), NULL, EFAULT);
        gives!(zmq_msg_size(bad), 0, EFAULT);
        gives!(zmq_msg_more(bad), 0, EFAULT);
        gives!(zmq_msg_get(bad, ZMQ_MORE), -1, EFAULT);
        gives!(zmq_msg_set(bad, ZMQ_MORE, 1), -1, EINVAL);
        gives!(zmq_msg_gets(bad, c"Socket-Type".as_ptr()), null(), EFAULT);
        gives!(zmq_msg_set_routing_id(bad, 1), -1, EFAULT);
        gives!(zmq_msg_routing_id(bad), 0, EFAULT);
        gives!(zmq_msg_set_group(bad, c"g".as_ptr()), -1, EFAULT);
        gives!(zmq_msg_group(bad), null(), EFAULT);
    }
    gives!(zmq_msg_init(null_mut()), -1, EFAULT);
    gives!(zmq_msg_init_size(null_mut(), 100), -1, EFAULT);
    gives!(zmq_msg_init_buffer(null_mut(), c"abc".as_ptr().cast(), 3), -1, EFAULT);
    gives!(zmq_msg_init_data(null_mut(), NULL, 0, Some(count_call), NULL), -1, EFAULT);
}

unsafe extern "C" fn count_call(_data: *mut c_void, hint: *mut c_void) {
    // SAFETY: the tests pass a counter of their own that outlives the message.
    unsafe { &*hint.cast::<AtomicI32>() }.fetch_add(1, Ordering::Relaxed);
}

/// Memory for a message, with garbage in it.
fn memory() -> Box<MaybeUninit<Message>> {
    let mut memory = Box::new(MaybeUninit::<Message>::uninit());
    // SAFETY: writes the 64 bytes of the box.
    unsafe { memory.as_mut_ptr().write_bytes(0xA1, 1) };
    memory
}

#[test]
fn messages_refuse_bad_arguments_and_keep_what_they_have() {
    let mut place = memory();
    let message = place.as_mut_ptr();
    let freed = AtomicI32::new(0);
    let hint: *mut c_void = (&raw const freed).cast_mut().cast();
    gives!(zmq_msg_init_size(message, usize::MAX), -1, ENOMEM);
    gives!(zmq_msg_init_buffer(message, null(), 5), -1, EFAULT);
    gives!(zmq_msg_init_buffer(message, hint, usize::MAX), -1, ENOMEM);
    gives!(zmq_msg_init_data(message, NULL, 5, Some(count_call), hint), -1, EFAULT);
    gives!(zmq_msg_init_data(message, hint, usize::MAX, Some(count_call), hint), -1, ENOMEM);
    assert_eq!((freed.load(Ordering::Relaxed), call!(zmq_msg_close(message))), (0, -1));

    assert_eq!(call!(zmq_msg_init_buffer(message, c"hello".as_ptr().cast(), 5)), 0);
    assert_eq!((call!(zmq_msg_size(message)), call!(zmq_msg_more(message))), (5, 0));
    assert!((message as usize..message as usize + 64).contains(&(call!(zmq_msg_data(message)) as usize)));
    for (property, answer) in [(ZMQ_MORE, 0), (ZMQ_SHARED, 0)] {
        assert_eq!(call!(zmq_msg_get(message, property)), answer);
    }
    for property in [-1, 0, ZMQ_SRCFD, 4] {
        gives!(zmq_msg_get(message, property), -1, EINVAL);
        gives!(zmq_msg_set(message, property, 1), -1, EINVAL);
    }
    for name in [null(), c"".as_ptr(), c"Socket-Type".as_ptr(), c"\xff".as_ptr()] {
        gives!(zmq_msg_gets(message, name), null(), EINVAL);
    }
    gives!(zmq_msg_set_routing_id(message, 0), -1, EINVAL);
    assert_eq!((call!(zmq_msg_set_routing_id(message, 7)), call!(zmq_msg_routing_id(message))), (0, 7));
    gives!(zmq_msg_set_group(message, null()), -1, EINVAL);
    let group = || text(call!(zmq_msg_group(message)));
    assert_eq!(group(), c"");
    assert_eq!(call!(zmq_msg_set_group(message, c"weather".as_ptr())), 0);
    assert_eq!(group(), c"weather");

    // Copied onto itself it is no message any more; the content is released.
    let mut other = memory();
    let lent = other.as_mut_ptr();
    assert_eq!(call!(zmq_msg_init_data(lent, NULL, 0, Some(count_call), hint)), 0);
    assert_eq!(call!(zmq_msg_copy(lent, lent)), 0);
    gives!(zmq_msg_close(lent), -1, EFAULT);
    assert_eq!(freed.load(Ordering::Relaxed), 1);

    // Moved onto itself it is empty.
    assert_eq!((call!(zmq_msg_move(message, message)), call!(zmq_msg_size(message))), (0, 0));
    assert_eq!(call!(zmq_msg_init(lent)), 0);
    assert_eq!((call!(zmq_msg_close(message)), call!(zmq_msg_close(lent))), (0, 0));
    gives!(zmq_msg_close(message), -1, EFAULT);
}

#[test]
fn polling_refuses_bad_arguments() {
    gives!(zmq_poll(null_mut(), -1, 0), -1, EINVAL);
    gives!(zmq_poll(null_mut(), 1, 0), -1, EFAULT);
    gives!(zmq_poll(std::ptr::without_provenance_mut(3), 1, 0), -1, EFAULT);
    assert_eq!(call!(zmq_poll(null_mut(), 0, 0)), 0);
    gives!(zmq_ppoll(null_mut(), -1, 0, null()), -1, EINVAL);
    gives!(zmq_ppoll(null_mut(), 1, 0, null()), -1, EFAULT);
    assert_eq!(call!(zmq_ppoll(null_mut(), 0, 0, null())), 0);
    for count in [1, 16, 17, 100] {
        let mut items: Vec<_> =
            (0..count).map(|_| zmq_pollitem_t { socket: NULL, fd: -1, events: 1, revents: 9 }).collect();
        assert_eq!(call!(zmq_poll(items.as_mut_ptr(), count, 0)), 0);
        assert!(items.iter().all(|item| item.revents == 0));
    }
}

#[test]
fn pollers_refuse_bad_handles_and_places() {
    gives!(zmq_poller_destroy(null_mut()), -1, EFAULT);
    let mut poller = zmq_poller_new();
    gives!(zmq_poller_wait(poller, null_mut(), 0), -1, EFAULT);
    gives!(zmq_poller_wait_all(poller, std::ptr::without_provenance_mut(3), 1, 0), -1, EFAULT);
    gives!(zmq_poller_fd(poller, null_mut()), -1, EFAULT);
    gives!(zmq_poller_add(poller, NULL, NULL, 1), -1, ENOTSOCK);
    assert_eq!((call!(zmq_poller_destroy(&mut poller)), poller.is_null()), (0, true));
    for mut bad in garbage() {
        gives!(zmq_poller_destroy(&mut bad), -1, EFAULT);
        gives!(zmq_poller_size(bad), -1, EFAULT);
        gives!(zmq_poller_add(bad, NULL, NULL, 1), -1, EFAULT);
        gives!(zmq_poller_modify(bad, NULL, 1), -1, EFAULT);
        gives!(zmq_poller_remove(bad, NULL), -1, EFAULT);
        gives!(zmq_poller_add_fd(bad, 0, NULL, 1), -1, EFAULT);
        gives!(zmq_poller_modify_fd(bad, 0, 1), -1, EFAULT);
        gives!(zmq_poller_remove_fd(bad, 0), -1, EFAULT);
        gives!(zmq_poller_wait(bad, null_mut(), 0), -1, EFAULT);
        let mut event = zmq_poller_event_t { socket: bad, fd: 5, user_data: bad, events: 3 };
        gives!(zmq_poller_wait(bad, &mut event, 0), -1, EFAULT);
        assert!(event.socket.is_null() && event.fd == -1 && event.events == 0);
        gives!(zmq_poller_wait_all(bad, null_mut(), 0, 0), -1, EFAULT);
        gives!(zmq_poller_fd(bad, null_mut()), -1, EFAULT);
    }
}

#[test]
fn snapshots_are_told_from_other_pointers() {
    let context = zmq_ctx_new();
    let socket = zmq_socket(context, ZMQ_PAIR);
    gives!(zmq_socket_stats(socket, 0), null(), EINVAL);
    let mut stats = zmq_socket_stats(socket, 1);
    gives!(zmq_socket_stats_peer(stats, 0), null(), EINVAL);
    gives!(zmq_socket_stats_destroy(null_mut()), -1, EFAULT);
    for bad in garbage() {
        let mut bad = bad.cast_const().cast();
        gives!(zmq_socket_stats_peer(bad, 0), null(), EFAULT);
        gives!(zmq_socket_stats_destroy(&mut bad), -1, EFAULT);
    }
    assert_eq!((call!(zmq_socket_stats_destroy(&mut stats)), stats.is_null()), (0, true));
    gives!(zmq_socket_stats_destroy(&mut stats), -1, EFAULT);
    assert_eq!((zmq_close(socket), zmq_ctx_term(context)), (0, 0));
}

#[test]
fn proxies_refuse_missing_sockets() {
    let live = Live::new();
    for (front, back) in [(NULL, NULL), (live.socket, NULL), (NULL, live.socket)] {
        gives!(zmq_proxy(front, back, NULL), -1, EFAULT);
        gives!(zmq_proxy_steerable(front, back, NULL, NULL), -1, EFAULT);
        gives!(zmq_device(ZMQ_QUEUE, front, back), -1, EFAULT);
    }
    for bad in garbage().into_iter().filter(|bad| !bad.is_null()) {
        assert_eq!(zmq_proxy(bad, bad, bad), -1);
        assert_eq!(zmq_proxy_steerable(live.socket, bad, NULL, bad), -1);
    }
}

#[test]
fn keys_and_their_text() {
    let mut text_place = [7 as c_char; 11];
    let mut data = [7u8; 8];
    let bytes = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
    let dest = text_place.as_mut_ptr();
    gives!(zmq_z85_encode(dest, bytes.as_ptr(), 5), null_mut(), EINVAL);
    gives!(zmq_z85_encode(dest, null(), 4), null_mut(), EFAULT);
    gives!(zmq_z85_encode(null_mut(), bytes.as_ptr(), 8), null_mut(), EFAULT);
    gives!(zmq_z85_encode(dest, null(), 0), dest, 0);
    assert_eq!(text(dest), c"");
    gives!(zmq_z85_encode(dest, bytes.as_ptr(), 8), dest, 0);
    assert_eq!(text(dest), c"HelloWorld");
    for bad in [c"", c"0000", c"000000", c"%nSc1", c"0000 "] {
        gives!(zmq_z85_decode(data.as_mut_ptr(), bad.as_ptr()), null_mut(), EINVAL);
    }
    gives!(zmq_z85_decode(data.as_mut_ptr(), null()), null_mut(), EFAULT);
    gives!(zmq_z85_decode(null_mut(), dest), null_mut(), EFAULT);
    gives!(zmq_z85_decode(data.as_mut_ptr(), dest), data.as_mut_ptr(), 0);
    assert_eq!(data, bytes);
    let (mut public, mut secret, mut derived) = ([7 as c_char; 42], [7 as c_char; 42], [7 as c_char; 42]);
    gives!(zmq_curve_keypair(null_mut(), null_mut()), -1, EFAULT);
    gives!(zmq_curve_keypair(public.as_mut_ptr(), null_mut()), -1, EFAULT);
    gives!(zmq_curve_keypair(null_mut(), secret.as_mut_ptr()), -1, EFAULT);
    assert_eq!((public, secret), ([7; 42], [7; 42]));
    gives!(zmq_curve_keypair(public.as_mut_ptr(), secret.as_mut_ptr()), 0, 0);
    gives!(zmq_curve_public(derived.as_mut_ptr(), null()), -1, EFAULT);
    gives!(zmq_curve_public(null_mut(), secret.as_ptr()), -1, EFAULT);
    gives!(zmq_curve_public(derived.as_mut_ptr(), c"HelloWorld".as_ptr()), -1, EINVAL);
    gives!(zmq_curve_public(derived.as_mut_ptr(), secret.as_ptr()), 0, 0);
    assert_eq!(derived, public);
    assert_eq!((public[40], public[41], secret[40], secret[41]), (0, 7, 0, 7));
}

unsafe extern "C" fn count_and_cancel(id: c_int, arg: *mut c_void) {
    // SAFETY: the test passes these two, which outlive the timers.
    let (timers, fired) = unsafe { &*arg.cast::<(*mut c_void, AtomicI32)>() };
    fired.fetch_add(1, Ordering::Relaxed);
    // Uses the set that is being executed.
    assert_eq!(zmq_timers_cancel(*timers, id), 0);
}

unsafe extern "C" fn destroy_set(_id: c_int, arg: *mut c_void) {
    let mut timers = arg;
    assert_eq!(call!(zmq_timers_destroy(&mut timers)), 0);
}

#[test]
fn timers_refuse_bad_arguments_and_survive_their_handlers() {
    let foreign = Foreign::new();
    gives!(zmq_timers_destroy(null_mut()), -1, EFAULT);
    for mut bad in garbage().into_iter().chain([foreign.0[1]]) {
        gives!(zmq_timers_destroy(&mut bad), -1, EFAULT);
        gives!(zmq_timers_add(bad, 1, Some(count_and_cancel), NULL), -1, EFAULT);
        gives!(zmq_timers_cancel(bad, 1), -1, EFAULT);
        gives!(zmq_timers_set_interval(bad, 1, 1), -1, EFAULT);
        gives!(zmq_timers_reset(bad, 1), -1, EFAULT);
        gives!(zmq_timers_timeout(bad), -1, EFAULT);
        gives!(zmq_timers_execute(bad), -1, EFAULT);
    }
    let mut timers = zmq_timers_new();
    let state = (timers, AtomicI32::new(0));
    let arg: *mut c_void = (&raw const state).cast_mut().cast();
    gives!(zmq_timers_timeout(timers), -1, 0);
    gives!(zmq_timers_add(timers, 0, None, NULL), -1, EFAULT);
    gives!(zmq_timers_cancel(timers, 1), -1, EINVAL);
    gives!(zmq_timers_set_interval(timers, 1, 1), -1, EINVAL);
    gives!(zmq_timers_reset(timers, 1), -1, EINVAL);
    assert_eq!(zmq_timers_add(timers, 0, Some(count_and_cancel), arg), 1);
    assert_eq!(zmq_timers_add(timers, usize::MAX, Some(count_and_cancel), arg), 2);
    assert_eq!((zmq_timers_timeout(timers), zmq_timers_execute(timers)), (0, 0));
    assert!(state.1.load(Ordering::Relaxed) == 1 && zmq_timers_timeout(timers) > 1_000_000);
    assert_eq!(zmq_timers_add(timers, 0, Some(destroy_set), timers), 3);
    gives!(zmq_timers_execute(timers), -1, EFAULT);
    gives!(zmq_timers_destroy(&mut timers), -1, EFAULT);
}

#[test]
fn counters_count_and_refuse_what_is_none() {
    let mut counter = zmq_atomic_counter_new();
    zmq_atomic_counter_set(counter, i32::MAX);
    assert_eq!(zmq_atomic_counter_inc(counter), i32::MAX);
    assert_eq!(zmq_atomic_counter_value(counter), i32::MIN);
    zmq_atomic_counter_set(counter, 1);
    assert_eq!((zmq_atomic_counter_dec(counter), zmq_atomic_counter_dec(counter)), (0, 1));
    let stale = counter;
    call!(zmq_atomic_counter_destroy(&mut counter));
    assert!(counter.is_null());
    gives!(zmq_atomic_counter_destroy(null_mut()), (), EFAULT);
    for mut bad in garbage().into_iter().chain([stale]) {
        gives!(zmq_atomic_counter_set(bad, 1), (), EFAULT);
        gives!(zmq_atomic_counter_inc(bad), -1, EFAULT);
        gives!(zmq_atomic_counter_dec(bad), -1, EFAULT);
        gives!(zmq_atomic_counter_value(bad), -1, EFAULT);
        gives!(zmq_atomic_counter_destroy(&mut bad), (), EFAULT);
    }
}

unsafe extern "C-unwind" fn note_thread(arg: *mut c_void) {
    let mut name = [0; 16];
    // SAFETY: the test's counter, which outlives the thread; memory of this function.
    unsafe {
        let mut mask: libc::sigset_t = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_SETMASK, null(), &mut mask);
        libc::pthread_getname_np(libc::pthread_self(), name.as_mut_ptr(), name.len());
        let blocked =
            [libc::SIGINT, libc::SIGTERM, libc::SIGUSR1].map(|signal| libc::sigismember(&mask, signal));
        let right = blocked == [1; 3] && text(name.as_ptr()) == c"ZMQapp";
        (*arg.cast::<AtomicI32>()).store(if right { 1 } else { 2 }, Ordering::Relaxed);
        libc::pthread_exit(null_mut());
    }
}

#[test]
fn threads_and_stopwatches() {
    let noted = AtomicI32::new(0);
    let thread = zmq_threadstart(Some(note_thread), (&raw const noted).cast_mut().cast());
    zmq_threadclose(thread);
    assert_eq!(noted.load(Ordering::Relaxed), 1);
    gives!(zmq_threadstart(None, NULL), NULL, EFAULT);
    let watch = zmq_stopwatch_start();
    let first = zmq_stopwatch_intermediate(watch);
    assert!(zmq_stopwatch_stop(watch) >= first);
    for bad in garbage().into_iter().chain([watch, thread]) {
        gives!(zmq_threadclose(bad), (), EFAULT);
        gives!(zmq_stopwatch_intermediate(bad), 0, EFAULT);
        gives!(zmq_stopwatch_stop(bad), 0, EFAULT);
    }
    zmq_sleep(0);
    zmq_sleep(-1);
}

#[test]
fn version_errors_and_capabilities() {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    call!(zmq_version(&mut major, &mut minor, &mut patch));
    assert_eq!((major, minor, patch), (4, 3, 6));
    gives!(zmq_version(null_mut(), null_mut(), null_mut()), (), EFAULT);
    set_errno(5);
    assert_eq!(zmq_errno(), 5);
    for (number, message) in [
        (0, c"Success"),
        (EINVAL, c"Invalid argument"),
        (libc::EHOSTUNREACH, c"Host unreachable"),
        (ETERM, c"Context was terminated"),
        (EFSM, c"Operation cannot be accomplished in current state"),
        (ENOCOMPATPROTO, c"The protocol is not compatible with the socket type"),
        (EMTHREAD, c"No thread available"),
        (-1, c"Unknown error -1"),
    ] {
        assert_eq!(text(zmq_strerror(number)), message);
    }
    for (name, answer) in [(c"ipc", 1), (c"tcp", 0), (c"inproc", 0), (c"", 0), (c"IPC", 0), (c"\xff", 0)] {
        assert_eq!(call!(zmq_has(name.as_ptr())), answer);
    }
    gives!(zmq_has(null()), 0, EFAULT);
}

#[test]
fn native_errors_are_those_of_the_header() {
    let errors = [Error::State, Error::IncompatibleProtocol, Error::Terminated, Error::NoThread];
    assert_eq!(errors.map(Error::errno), [EFSM, ENOCOMPATPROTO, ETERM, EMTHREAD]);
}

#[test]
fn a_panic_costs_one_call() {
    gives!(entry::<c_int>(|| panic!("for the test")), -1, EFAULT);
    gives!(entry::<*mut c_void>(|| panic!("for the test")), NULL, EFAULT);
}

fn text<'a>(text: *const c_char) -> &'a CStr {
    // SAFETY: the tests pass what the library returned, or text of their own.
    unsafe { CStr::from_ptr(text) }
}
