//! Between greeting and traffic: commands of the security mechanism, or the identity frame of older peers.

use super::greeting::Detected;
use super::{Fault, Link, Sink};
use crate::mechanism::{Finished, Mechanism, Verdict};
use crate::msg::Flags;
use crate::wire::Violation;
use crate::wire::frame::Framing;
use crate::wire::greeting::Version;
use crate::wire::properties::PeerProperties;
use zeroize::Zeroizing;

/// What a handshake comes to.
pub(super) struct Established {
    pub version: Version,
    pub unversioned: bool,
    pub mechanism: Option<&'static str>,
    pub finished: Finished,
}

/// Awaits commands of the mechanism.
pub(super) struct ExpectCommand {
    version: Version,
    mechanism: Box<dyn Mechanism>,
}

/// Awaits the identity frame of a ZMTP 1.0 or 2.0 peer.
pub(super) struct ExpectIdentity {
    peer: Detected,
}

impl ExpectCommand {
    pub(super) fn has_heard_out(&self) -> bool {
        self.mechanism.has_heard_out()
    }

    pub(super) fn new(version: Version, link: &Link) -> Result<ExpectCommand, Fault> {
        let config = &link.config;
        let mechanism = config.security.start(&config.local(), config.random)?;
        Ok(ExpectCommand { version, mechanism })
    }

    pub(super) fn framing(&self) -> Framing {
        self.version.framing()
    }

    /// Takes a command of the peer. Whether its frame was marked as one does not matter here.
    pub(super) fn handle<S: Sink + ?Sized>(
        &mut self,
        body: &[u8],
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Option<Established>, Fault> {
        self.mechanism.handle_command(body)?;
        self.proceed(link, sink)
    }

    pub(super) fn handle_verdict<S: Sink + ?Sized>(
        &mut self,
        verdict: Verdict,
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Option<Established>, Fault> {
        self.mechanism.handle_verdict(verdict)?;
        self.proceed(link, sink)
    }

    /// Asks and sends whatever it is time for.
    pub(super) fn proceed<S: Sink + ?Sized>(
        &mut self,
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Option<Established>, Fault> {
        if let Some(question) = self.mechanism.question()
            && let Some(verdict) = sink.authenticate(question)
        {
            self.mechanism.handle_verdict(verdict)?;
        }
        while let Some(body) = self.mechanism.next_command().map(Zeroizing::new) {
            link.confidential = true;
            // Growing in the middle would leave behind what is there by then.
            link.output.reserve(body.len()).ok_or(Violation::FrameTooLarge)?;
            let out = link.output.copied();
            self.framing().push_header(out, Flags::COMMAND, body.len());
            out.extend_from_slice(&body);
        }
        if let Some(failure) = self.mechanism.failure() {
            return Err(failure.into());
        }
        let Some(finished) = self.mechanism.finish() else { return Ok(None) };
        let mechanism = Some(link.config.security.name());
        Ok(Some(Established { version: self.version, unversioned: false, mechanism, finished }))
    }
}

impl ExpectIdentity {
    /// Sends the own identity, unless the peer is turned away.
    pub(super) fn new(peer: Detected, link: &mut Link) -> Result<ExpectIdentity, Violation> {
        if link.config.security.refuses_old_versions() {
            return Err(Violation::OldVersion);
        }
        let (config, out) = (&link.config, link.output.copied());
        if !peer.unversioned {
            peer.version.framing().push_header(out, Flags::empty(), config.routing_id.len());
        }
        // To unversioned peers, the signature was the header.
        out.extend_from_slice(&config.routing_id);
        Ok(ExpectIdentity { peer })
    }

    pub(super) fn framing(&self) -> Framing {
        self.peer.version.framing()
    }

    pub(super) fn handle(&self, identity: &[u8]) -> Established {
        Established {
            version: self.peer.version,
            unversioned: self.peer.unversioned,
            mechanism: None,
            finished: Finished {
                peer: PeerProperties::default(),
                routing_id: identity.to_vec(),
                authenticated: Vec::new(),
                cipher: None,
            },
        }
    }
}
