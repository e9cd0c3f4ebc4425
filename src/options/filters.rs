//! Who may connect, by numeric address (`ZMQ_TCP_ACCEPT_FILTER`).

use super::leading_integer;
use crate::error::{Error, Result};
use std::net::{IpAddr, Ipv6Addr};

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressFilter {
    /// As an IPv6 number, IPv4 mapped.
    bits: u128,
    mask: u128,
}

impl AddressFilter {
    /// Reads `address[/prefix]`, numeric only, brackets allowed; what follows the digits of the prefix does
    /// not matter. With `ipv6` the prefix counts the
    /// bits of an IPv6 address, also where the text is an IPv4 one, which is mapped; without it, IPv6
    /// addresses are `Invalid`.
    pub fn parse(text: &[u8], ipv6: bool) -> Result<AddressFilter> {
        let text = std::str::from_utf8(text).map_err(|_| Error::Invalid)?;
        let (host, prefix) = text.split_once('/').map_or((text, None), |(host, prefix)| (host, Some(prefix)));
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let address: IpAddr = host.parse().map_err(|_| Error::Invalid)?;
        let (most, fixed) = match (address.to_canonical(), ipv6) {
            (_, true) => (128, 0),
            // What tells a mapped address from others counts always.
            (IpAddr::V4(_), false) => (32, 96),
            (IpAddr::V6(_), false) => return Err(Error::Invalid),
        };
        let prefix = match prefix {
            None => most,
            Some("0") => 0,
            Some(text) => match u32::try_from(leading_integer(text)) {
                Ok(prefix @ 1..) if prefix <= most => prefix,
                _ => return Err(Error::Invalid),
            },
        };
        let mask = u128::MAX.checked_shl(128 - fixed - prefix).unwrap_or(0);
        Ok(AddressFilter { bits: mapped(address) & mask, mask })
    }

    /// Whether the address lies in the network.
    pub fn admits(self, address: IpAddr) -> bool {
        mapped(address) & self.mask == self.bits
    }
}

fn mapped(address: IpAddr) -> u128 {
    let v6: Ipv6Addr = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    v6.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a peer from 127.0.0.1 is admitted; None for a bad filter.
    fn admits(filter: &str, ipv6: bool) -> Option<bool> {
        let filter = AddressFilter::parse(filter.as_bytes(), ipv6).ok()?;
        Some(filter.admits("127.0.0.1".parse().expect("an address")))
    }

    #[test]
    fn filters_without_and_with_ipv6() {
        const IN: Option<bool> = Some(true);
        const OUT: Option<bool> = Some(false);
        const BAD: Option<bool> = None;
        for (filter, v4, v6) in [
            ("127.0.0.1", IN, IN),
            ("127.0.0.2", OUT, OUT),
            ("127.0.0.0/31", IN, IN),
            ("127.0.0.2/31", OUT, IN),
            ("127.0.0.1/33", BAD, IN),
            ("127.0.0.1/128", BAD, IN),
            ("127.0.0.1/129", BAD, BAD),
            ("10.0.0.0/8", OUT, IN),
            ("10.0.0.0/104", BAD, OUT),
            ("0.0.0.0/0", IN, IN),
            ("::/0", BAD, IN),
            ("::1", BAD, OUT),
            ("[::1]", BAD, OUT),
            ("[127.0.0.1]", IN, IN),
            ("127.0.0.0/31\n", IN, IN),
            ("127.0.0.2/ 31", OUT, IN),
            ("127.0.0.1/00", BAD, BAD),
            ("127.0.0.1/x", BAD, BAD),
            ("127.1", BAD, BAD),
            ("127.0.0.1/", BAD, BAD),
            ("127.0.0.1/-1", BAD, BAD),
            ("/8", BAD, BAD),
            ("localhost", BAD, BAD),
            ("300.1.1.1", BAD, BAD),
            ("127.0.0.1:80", BAD, BAD),
            ("", BAD, BAD),
        ] {
            assert_eq!(admits(filter, false), v4, "{filter}");
            assert_eq!(admits(filter, true), v6, "{filter} with IPv6");
        }
        assert_eq!(AddressFilter::parse(b"\xff", true), Err(Error::Invalid));
        let all_v4 = AddressFilter::parse(b"0.0.0.0/0", false).expect("a filter");
        assert!(!all_v4.admits("::1".parse().expect("an address")));
    }
}
