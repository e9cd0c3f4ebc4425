//! The greeting, step by step: what is sent depends on what the peer has shown so far.

use super::EngineConfig;
use crate::wire::Violation;
use crate::wire::greeting::{self, Opening, SETTINGS_LEN, SIGNATURE_LEN, Version};

/// The greeting, named for what is awaited next.
pub(super) enum Greeting {
    ExpectSignature,
    ExpectMajor,
    ExpectSettings { major: u8 },
    ExpectSocketType { version: Version },
    Done(Detected),
}

/// What the peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detected {
    pub version: Version,
    /// It sent a 1.0 frame where others send a signature.
    pub unversioned: bool,
}

impl Greeting {
    /// Sends the first step.
    pub(super) fn begin(config: &EngineConfig, out: &mut Vec<u8>) -> Greeting {
        out.extend_from_slice(&greeting::signature(config.routing_id.len()));
        Greeting::ExpectSignature
    }

    pub(super) fn detected(&self) -> Option<Detected> {
        match self {
            Greeting::Done(detected) => Some(*detected),
            _ => None,
        }
    }

    /// Takes one step if `bytes` suffice for it; how many it used, 0 if they do not (or if the step is to
    /// see that there is no greeting).
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        config: &EngineConfig,
        out: &mut Vec<u8>,
    ) -> Result<usize, Violation> {
        match *self {
            Greeting::ExpectSignature => match greeting::opening(bytes) {
                Opening::Undecided => Ok(0),
                Opening::Unversioned => {
                    *self = Greeting::Done(Detected { version: Version::V1_0, unversioned: true });
                    Ok(0)
                }
                Opening::Signature => {
                    out.push(greeting::MAJOR);
                    *self = Greeting::ExpectMajor;
                    Ok(SIGNATURE_LEN)
                }
            },
            Greeting::ExpectMajor => {
                let Some(&major) = bytes.first() else { return Ok(0) };
                if let Some(version) = greeting::old_version(major) {
                    out.push(config.socket_type as u8);
                    *self = Greeting::ExpectSocketType { version };
                } else {
                    out.extend_from_slice(&greeting::settings(config.security.name()));
                    *self = Greeting::ExpectSettings { major };
                }
                Ok(1)
            }
            Greeting::ExpectSocketType { version } => {
                if bytes.is_empty() {
                    return Ok(0);
                }
                *self = Greeting::Done(Detected { version, unversioned: false });
                Ok(1)
            }
            Greeting::ExpectSettings { major } => {
                let Some(settings) = bytes.first_chunk() else { return Ok(0) };
                let (minor, mechanism) = greeting::parse_settings(settings);
                if mechanism != greeting::padded(config.security.name()) {
                    return Err(Violation::MechanismMismatch);
                }
                let version = greeting::version(major, minor);
                *self = Greeting::Done(Detected { version, unversioned: false });
                Ok(SETTINGS_LEN)
            }
            Greeting::Done(_) => Ok(0),
        }
    }
}
