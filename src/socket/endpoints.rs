//! bind, connect, unbind, disconnect.

use super::core::{Endpoint, Link, PeerHwm, Place, Socket};
use super::names::{Binder, Parked};
use crate::engine::{self, EngineConfig, Heartbeat};
use crate::error::{Error, Result};
use crate::mechanism::Security;
use crate::options::SocketType;
use crate::pattern::{Attachment, PipeId};
use crate::reactor::Domain;
use crate::session::{
    Datagrams, EndpointId, Event, Events, Listener, Names, NewPipe, Session, SessionConfig, SocketCommand,
    Target, Use, message_of, pipe_of,
};
use crate::sys::net::{self, ListenError};
use crate::sys::random;
use crate::transport::{self, BindAddress, ConnectAddress, Scheme, UdpAddress};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Socket {
    /// Starts accepting on an endpoint. Errors: zmq_bind(3).
    pub fn bind(&mut self, text: &str) -> Result<()> {
        let endpoint = transport::Endpoint::parse(text)?;
        self.check_transport(endpoint.scheme(), &[SocketType::Dish, SocketType::Dgram])?;
        let bound = match endpoint.bind_address() {
            Ok(BindAddress::Inproc(name)) => return self.bind_name(text, name),
            Ok(BindAddress::Udp(address)) => return self.bind_datagrams(endpoint.address(), &address),
            Ok(address) => self.listen(&address),
            Err(error) => Err(error.into()),
        };
        let Err(ListenError { error, number }) = bound else { return Ok(()) };
        if let Some(number) = number {
            let text = if endpoint.scheme() == Scheme::Ipc { endpoint.text() } else { "" };
            self.monitor.raise(Event::Closed, number as u64, text, "", true);
        }
        self.monitor.raise(Event::BindFailed, error.errno() as u64, endpoint.address(), "", true);
        Err(error)
    }

    /// Starts connecting in the background; the pipe for that, if there is one already. Errors:
    /// zmq_connect(3).
    pub fn connect(&mut self, text: &str) -> Result<Option<PipeId>> {
        let endpoint = transport::Endpoint::parse(text)?;
        self.check_transport(endpoint.scheme(), &[SocketType::Radio])?;
        let target = match endpoint.connect_address()? {
            ConnectAddress::Inproc(name) => return self.connect_name(text, name),
            ConnectAddress::Tcp(address) => {
                self.options.check_proxy()?;
                Target::Tcp(address)
            }
            ConnectAddress::Ipc(name) => Target::Ipc(name),
            ConnectAddress::Udp(address) => return self.connect_datagrams(&endpoint, &address).map(Some),
        };
        if self.ignores_duplicates() && self.is_connected_to(text) {
            return Ok(None);
        }
        let engine = self.engine_config()?;
        let domain = self.domain()?;
        let id = self.endpoints.insert(Endpoint { text: text.to_owned(), place: Place::Name(String::new()) });
        let config = self.config(id, text, engine);
        let mut pipe = None;
        let session_end = if self.options.immediate() {
            None
        } else {
            let (mine, session_end) = config.pipe();
            let attachment =
                Attachment { assigned: config.assigned.clone(), connected: true, ..Attachment::default() };
            let key = self.insert_pipe(mine, Link::of(id, true));
            self.pattern.attached(&mut self.pipes, key, attachment);
            pipe = Some(key);
            Some(session_end)
        };
        let session = Session::connecting(config, target, session_end);
        let record = session.record();
        // One that has ended already says so in the mailbox.
        if let Some(actor) = domain.turn(|turn| turn.add(Box::new(session))) {
            if let Some(pipe) = pipe {
                self.link(pipe, &domain, actor, record);
            }
            if let Some(endpoint) = self.endpoints.get_mut(id) {
                endpoint.place = Place::Actor(domain, actor);
            }
        }
        self.last_endpoint = text.to_owned();
        self.settle();
        Ok(pipe)
    }

    /// Connects and says by which number the peer is known. `NotSupported` for all types but PEER; `Fault`
    /// when there is no pipe before there is a connection.
    pub fn connect_peer(&mut self, text: &str) -> Result<u32> {
        if self.socket_type != SocketType::Peer {
            return Err(Error::NotSupported);
        }
        if self.options.immediate() {
            return Err(Error::Fault);
        }
        let pipe = self.connect(text)?;
        pipe.and_then(|pipe| self.pattern.number(pipe)).ok_or(Error::Fault)
    }

    /// Ends the connection to a peer. `NotSupported` for types that know no numbers, `HostUnreachable` for
    /// one that nobody has.
    pub fn disconnect_peer(&mut self, number: u32) -> Result<()> {
        if !matches!(self.socket_type, SocketType::Server | SocketType::Peer | SocketType::Router) {
            return Err(Error::NotSupported);
        }
        let pipe = self.pattern.pipe_of_number(number).ok_or(Error::HostUnreachable)?;
        self.pipes.terminate(pipe);
        self.settle();
        Ok(())
    }

    /// Removes all endpoints recorded under a string. Errors: `ENOENT`, `ENOCOMPATPROTO`, and those of parsing
    /// it.
    pub fn remove_endpoint(&mut self, text: &str) -> Result<()> {
        let parsed = transport::Endpoint::parse(text)?;
        self.check_transport(parsed.scheme(), &[SocketType::Radio, SocketType::Dish, SocketType::Dgram])?;
        let mut found = self.recorded_as(text);
        if found.is_empty()
            && let Some(resolved) = transport::resolved_text(&parsed, self.options.ipv6())
        {
            found = self.recorded_as(&resolved);
        }
        if found.is_empty() {
            return Err(Error::NotFound);
        }
        self.removed_any.store(true, Ordering::Relaxed);
        for id in found {
            if let Some(endpoint) = self.endpoints.remove(id) {
                self.leave(id, endpoint);
            }
        }
        self.settle();
        Ok(())
    }

    fn leave(&mut self, id: EndpointId, endpoint: Endpoint) {
        match endpoint.place {
            Place::Name(name) => self.environment.names.unbind(&name, &self.mailbox),
            Place::Peer(pipe) => {
                let name = endpoint.text.trim_start_matches("inproc://");
                self.environment.names.forget(&self.mailbox, name);
                self.end_pipe(pipe);
            }
            Place::Actor(domain, actor) => {
                let linger = self.options.linger();
                let pipes = self.pipes_of(id);
                for pipe in &pipes {
                    self.end_pipe(*pipe);
                }
                domain.turn(|turn| turn.dismiss(actor, linger));
                for session in pipes.iter().filter_map(|pipe| self.session_of(*pipe)) {
                    session.0.turn(|turn| turn.dismiss(session.1, linger));
                }
            }
        }
    }

    fn recorded_as(&self, text: &str) -> Vec<EndpointId> {
        self.endpoints.iter().filter(|(_, endpoint)| endpoint.text == text).map(|(id, _)| id).collect()
    }

    fn ignores_duplicates(&self) -> bool {
        matches!(self.socket_type, SocketType::Dealer | SocketType::Sub | SocketType::Pub | SocketType::Req)
    }

    fn is_connected_to(&self, text: &str) -> bool {
        !self.recorded_as(text).is_empty()
    }

    // ---- tcp and ipc ----

    fn listen(&mut self, address: &BindAddress) -> std::result::Result<(), ListenError> {
        let engine = self.engine_config()?;
        let homes = self.all_domains()?;
        let domain = self.domain()?;
        let id = self.endpoints.insert(Endpoint { text: String::new(), place: Place::Name(String::new()) });
        let listened = transport::listen(address, &self.options);
        let (listener, text) = match listened.map(|listener| (listener.local_endpoint(), listener)) {
            Ok((text, listener)) => (listener, text),
            Err(error) => {
                self.endpoints.remove(id);
                return Err(error);
            }
        };
        let config = self.config(id, &text, engine);
        let Some(actor) = domain.turn(|turn| turn.add(Box::new(Listener::new(config, listener, homes))))
        else {
            // The kernel has no memory for watching it.
            self.endpoints.remove(id);
            return Err(Error::OutOfMemory.into());
        };
        if let Some(endpoint) = self.endpoints.get_mut(id) {
            *endpoint = Endpoint { text: text.clone(), place: Place::Actor(domain, actor) };
        }
        self.last_endpoint = text;
        Ok(())
    }

    /// A domain for a new listener or session.
    fn domain(&mut self) -> Result<Arc<Domain>> {
        self.domain_on(self.options.affinity())
    }

    /// The domains in which accepted connections may live: one on each I/O thread allowed.
    fn all_domains(&mut self) -> Result<Vec<Arc<Domain>>> {
        let threads = self.environment.threads(self.options.affinity());
        threads.map(|affinity| self.domain_on(affinity)).collect()
    }

    /// A domain on one of these I/O threads. The socket has it from then on, whatever else fails.
    fn domain_on(&mut self, affinity: u64) -> Result<Arc<Domain>> {
        let domain = self.environment.domain(affinity, &self.domains)?;
        if !self.domains.iter().any(|known| Arc::ptr_eq(known, &domain)) {
            self.domains.push(Arc::clone(&domain));
        }
        Ok(domain)
    }

    fn config(&mut self, endpoint: EndpointId, text: &str, engine: EngineConfig) -> Arc<SessionConfig> {
        Arc::new(SessionConfig {
            endpoint,
            text: text.to_owned(),
            socket_type: self.socket_type,
            options: self.options.clone(),
            engine: Arc::new(engine),
            resolver: self.environment.resolver(),
            mailbox: Arc::clone(&self.mailbox),
            events: Arc::clone(&self.monitor) as Arc<dyn Events>,
            removed_any: Arc::clone(&self.removed_any),
            totals: Arc::clone(&self.totals),
            names: Arc::clone(&self.environment) as Arc<dyn Names>,
            assigned: self.connect_routing_id.take(),
        })
    }

    /// What the socket's connections have in common. `ProtocolNotSupported` for a security mechanism
    /// that is not there.
    fn engine_config(&self) -> Result<EngineConfig> {
        let options = &self.options;
        let raw = self.pattern.is_raw();
        Ok(EngineConfig {
            routing_id: options.routing_id().to_vec(),
            max_message_size: options.max_message_size(),
            handshake_interval: options.handshake_interval(),
            heartbeat: options.heartbeat_interval().map(|interval| Heartbeat {
                interval,
                timeout: options.heartbeat_timeout(interval),
                ttl: options.heartbeat_ttl(),
            }),
            raw,
            raw_notify: raw && self.pattern.notifies_connections(),
            security: Security::new(options.security()).ok_or(Error::ProtocolNotSupported)?,
            random: random::fill,
            application_metadata: options.application_metadata().to_vec(),
            in_batch_size: options.in_batch_size(),
            out_batch_size: options.out_batch_size().unwrap_or(engine::BATCH),
            ..EngineConfig::new(self.socket_type)
        })
    }

    // ---- udp ----

    /// Whether the type speaks the transport: udp only some, named by the caller, and DGRAM nothing else.
    fn check_transport(&self, scheme: Scheme, datagrams: &[SocketType]) -> Result<()> {
        let fits = match scheme {
            Scheme::Udp => datagrams.contains(&self.socket_type),
            Scheme::Tcp | Scheme::Ipc | Scheme::Inproc => self.socket_type != SocketType::Dgram,
        };
        if fits { Ok(()) } else { Err(Error::IncompatibleProtocol) }
    }

    fn bind_datagrams(&mut self, text: &str, address: &UdpAddress) -> Result<()> {
        let socket = address.listen(&self.options)?;
        let meaning = if self.socket_type == SocketType::Dish { Use::Dish } else { Use::Dgram };
        // The only way to learn of a port that the kernel has chosen.
        let text = if address.has_port() { text.to_owned() } else { socket.local_address()?.to_string() };
        self.add_datagrams(&text, socket, meaning).map(drop)
    }

    fn connect_datagrams(&mut self, endpoint: &transport::Endpoint, address: &UdpAddress) -> Result<PipeId> {
        let (socket, to) = address.dial(&self.options)?;
        let pipe = self.add_datagrams(endpoint.text(), socket, Use::Radio(to))?;
        self.last_endpoint = endpoint.address().to_owned();
        Ok(pipe)
    }

    fn add_datagrams(&mut self, text: &str, socket: net::Datagrams, meaning: Use) -> Result<PipeId> {
        let domain = self.domain()?;
        let id = self.endpoints.insert(Endpoint { text: text.to_owned(), place: Place::Name(String::new()) });
        let (mine, theirs) = pipe_of(self.socket_type, &self.options);
        let key = self.insert_pipe(mine, Link::of(id, matches!(meaning, Use::Radio(_))));
        let attachment = Attachment { connected: true, without_subscriptions: true, ..Attachment::default() };
        self.pattern.attached(&mut self.pipes, key, attachment);
        let datagrams = Box::new(Datagrams::new(socket, meaning, theirs));
        let Some(actor) = domain.turn(|turn| turn.add(datagrams)) else {
            // A DGRAM that is bound already has ended the pipe.
            self.endpoints.remove(id);
            self.settle();
            return Err(Error::Invalid);
        };
        if let Some(endpoint) = self.endpoints.get_mut(id) {
            endpoint.place = Place::Actor(domain, actor);
        }
        self.last_endpoint = text.to_owned();
        self.settle();
        Ok(key)
    }

    // ---- inproc ----

    fn bind_name(&mut self, text: &str, name: String) -> Result<()> {
        let place = Place::Name(name.clone());
        let endpoint = self.endpoints.insert(Endpoint { text: text.to_owned(), place });
        let binder = Binder {
            mailbox: Arc::clone(&self.mailbox),
            endpoint,
            send_hwm: self.options.send_hwm(),
            receive_hwm: self.options.receive_hwm(),
            routing_id: self.options.routing_id().to_vec(),
            hello: self.options.hello_message(self.socket_type, true).to_vec(),
            farewell: self.farewell(),
            backlog: self.backlog.clone(),
        };
        let bound = self.environment.names.bind(&name, binder);
        if bound.is_err() {
            self.endpoints.remove(endpoint);
        }
        for parked in bound? {
            self.adopt(parked, endpoint);
        }
        self.last_endpoint = text.to_owned();
        self.settle();
        Ok(())
    }

    /// Takes over a connection that was made before the name was bound.
    fn adopt(&mut self, parked: Parked, endpoint: EndpointId) {
        // Before the pipe is looked at: once this side sleeps, the connecter must know its peer.
        parked.connecter.post(SocketCommand::Joined {
            pipe: parked.key,
            send_hwm: self.options.send_hwm(),
            receive_hwm: self.options.receive_hwm(),
            announced: self.options.routing_id().to_vec(),
            farewell: self.farewell(),
        });
        let (id, attachment) = self.admit(NewPipe {
            pipe: parked.pipe,
            attachment: Attachment {
                announced: Some(parked.routing_id),
                local: true,
                ..Attachment::default()
            },
            session: None,
            record: None,
            endpoint: Some(endpoint),
            peer_hwm: Some((parked.send_hwm, parked.receive_hwm)),
            farewell: parked.farewell,
        });
        self.greet(id);
        self.pattern.attached(&mut self.pipes, id, attachment);
    }

    fn connect_name(&mut self, text: &str, name: String) -> Result<Option<PipeId>> {
        let (send_hwm, receive_hwm) = (self.options.send_hwm(), self.options.receive_hwm());
        let (mine, mut theirs) = pipe_of(self.socket_type, &self.options);
        let id = self.endpoints.insert(Endpoint { text: text.to_owned(), place: Place::Name(String::new()) });
        let key = self.insert_pipe(mine, Link::of(id, true));
        if let Some(endpoint) = self.endpoints.get_mut(id) {
            endpoint.place = Place::Peer(key);
        }
        let (routing_id, farewell) = (self.options.routing_id().to_vec(), self.farewell());
        let mut attachment = Attachment {
            assigned: self.connect_routing_id.take(),
            connected: true,
            local: true,
            ..Attachment::default()
        };
        let environment = Arc::clone(&self.environment);
        environment.names.connect(&name, |binder| {
            let Some(binder) = binder else {
                let connecter = Arc::clone(&self.mailbox);
                return Some(Parked {
                    pipe: theirs,
                    connecter,
                    key: key.to_bits(),
                    send_hwm,
                    receive_hwm,
                    routing_id,
                    farewell,
                });
            };
            self.set_farewell(key, binder.farewell.clone());
            let mut backlog = binder.backlog.as_ref().map(|backlog| backlog.open());
            // In the binder's place, as it hears of the connection only with its next call.
            if let Some(hello) = message_of(&binder.hello) {
                theirs.write(hello);
            }
            if let Some(backlog) = &mut backlog {
                backlog.give(|part| theirs.write(part));
            }
            theirs.flush();
            self.limit(key, PeerHwm { send: binder.send_hwm, receive: binder.receive_hwm });
            attachment.announced = Some(binder.routing_id.clone());
            let theirs = NewPipe {
                pipe: theirs,
                attachment: Attachment { announced: Some(routing_id), local: true, ..Attachment::default() },
                session: None,
                record: None,
                endpoint: Some(binder.endpoint),
                peer_hwm: Some((send_hwm, receive_hwm)),
                farewell,
            };
            binder.mailbox.post(SocketCommand::Attach(Box::new(theirs)));
            None
        });
        self.greet(key);
        self.pattern.attached(&mut self.pipes, key, attachment);
        self.last_endpoint = text.to_owned();
        self.settle();
        Ok(Some(key))
    }

    /// What this socket wants to be sent in the end of a connection to a socket of this process.
    fn farewell(&self) -> Vec<u8> {
        self.options.disconnect_message(self.socket_type).to_vec()
    }
}
