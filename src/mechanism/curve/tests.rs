//! Handshakes and traffic command by command, between our own two sides and against captured bytes.
