//! Option values for sockets and contexts. What can be set and read is read as it was set, or in the one
//! form that the option has for it, and setting that form again changes nothing.

use super::input::Input;
use ferrozmq::options::{ContextOptions, SocketOptions, has};
use ferrozmq::pattern::{self, Pipes};

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let socket_type = input.socket_type();
    let mut context = ContextOptions::default();
    let mut options = SocketOptions::new(socket_type, &context);
    let mut pattern = pattern::new(socket_type);
    let mut pipes = Pipes::default();
    while !input.is_empty() {
        let option = i32::from(input.byte()) - 2;
        let how = input.byte();
        let value = input.short();
        match how % 4 {
            0 => {
                let _ = pattern.set_option(&mut pipes, option, value);
                let _ = pattern.option(option);
            }
            1 => {
                let _ = context.set(option, value);
                let _ = context.get(option);
                let mut buffer = vec![0; value.len()];
                let _ = context.get_ext(option, &mut buffer);
            }
            2 => {
                let _ = options.set(socket_type, option, None);
            }
            _ => {
                let before = read(&options, socket_type, option, 256);
                let set = options.set(socket_type, option, value);
                let after = read(&options, socket_type, option, 256);
                if set.is_err() {
                    assert_eq!(before, after, "option {option} was refused and has changed");
                }
            }
        }
        for len in [0, 1, 4, 8, 40, 41, value.len()] {
            let mut buffer = vec![0xAA; len];
            if let Ok(used) = options.get(socket_type, option, &mut buffer) {
                assert!(used <= len, "option {option} uses more than there is");
            }
        }
        let _ = has(value);
    }
    let _ = (options.check_security(), options.check_proxy(), options.tcp_settings());
    let _ = context.thread_settings();
}

fn read(
    options: &SocketOptions,
    socket_type: ferrozmq::options::SocketType,
    option: i32,
    room: usize,
) -> Option<Vec<u8>> {
    let mut buffer = vec![0; room];
    let mut small = [0; 4];
    if let Ok(used) = options.get(socket_type, option, &mut small) {
        return Some(small[..used].to_vec());
    }
    options.get(socket_type, option, &mut buffer).ok().map(|used| buffer[..used].to_vec())
}
