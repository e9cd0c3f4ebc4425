//! Socket options: the pattern's own first, then those of the socket itself, then the table.

use super::core::Socket;
use crate::error::{Error, Result};
use crate::options::{self, numbers};
use crate::sync::Notify;
use crate::sys::epoll::WakeFd;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;

impl Socket {
    /// Sets an option from its bytes; no value at all clears some. Errors: `EINVAL`.
    pub fn set_option(&mut self, option: i32, value: Option<&[u8]>) -> Result<()> {
        let bytes = value.unwrap_or_default();
        if option == numbers::CONNECT_ROUTING_ID && self.pattern.takes_connect_routing_id() {
            if bytes.is_empty() {
                return Err(Error::Invalid);
            }
            self.connect_routing_id = Some(bytes.to_vec());
            return Ok(());
        }
        let of_pattern = self.pattern.set_option(&mut self.pipes, option, bytes);
        self.settle_sent();
        match of_pattern {
            Some(result) => {
                // Subscriptions may be as many as messages.
                self.count_sent(bytes.len());
                result
            }
            None => {
                self.options.set(self.socket_type, option, value)?;
                if matches!(option, numbers::SNDHWM | numbers::RCVHWM) {
                    self.apply_hwm();
                }
                Ok(())
            }
        }
    }

    /// Reads an option into `buffer`; returns the size used. Errors: `EINVAL`; `EMFILE` for the
    /// first `ZMQ_FD`.
    pub fn option(&mut self, option: i32, buffer: &mut [u8]) -> Result<usize> {
        if let Some(value) = self.pattern.option(option) {
            let value = value?;
            return match option {
                numbers::ROUTER_NOTIFY => options::put_exact(buffer, &value),
                _ => options::put_bytes(buffer, &value),
            };
        }
        match option {
            numbers::RCVMORE => options::put_int(buffer, i32::from(self.receive_more)),
            numbers::FD => {
                let fd = self.descriptor()?;
                options::put_int(buffer, fd)
            }
            numbers::EVENTS => {
                self.obey_commands();
                self.check_alive()?;
                let events = self.events();
                options::put_int(buffer, events.into())
            }
            numbers::LAST_ENDPOINT => options::put_text(buffer, self.last_endpoint.as_bytes()),
            _ => self.options.get(self.socket_type, option, buffer),
        }
    }

    /// The descriptor that becomes readable when a command comes for a socket that has looked
    /// through its mailbox. `EINVAL` for types that have none, as in the reference.
    fn descriptor(&mut self) -> Result<i32> {
        if self.socket_type.is_thread_safe() {
            return Err(Error::Invalid);
        }
        if let Some(fd) = &self.fd {
            return Ok(fd.as_fd().as_raw_fd());
        }
        let fd = Arc::new(WakeFd::new()?);
        if self.mailbox.listen(Arc::clone(&fd) as Arc<dyn Notify>) {
            fd.signal();
        }
        let raw = fd.as_fd().as_raw_fd();
        self.fd = Some(fd);
        Ok(raw)
    }

    /// Changed limits hold for pipes that are there, too; one that was full may have room now.
    fn apply_hwm(&mut self) {
        // What was put off is as much as the old limits allow.
        self.pay_off();
        for id in self.pipes.ids() {
            self.apply_limits(id);
            self.pattern.activated(&mut self.pipes, id);
            if let Some(peer) = self.pipes.get_mut(id).and_then(|pipe| pipe.peer().cloned()) {
                peer.home.wake(peer.key);
            }
        }
        self.settle();
    }
}
