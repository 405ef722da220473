//! The packets: Engine.IO 4 around Socket.IO 5, as text.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

/// The namespace of the contract.
const NAMESPACE: &str = "/ws";
/// Answers [`Packet::Ping`].
pub(super) const PONG: &str = "3";

/// What the server sends.
#[derive(Debug, PartialEq)]
pub(super) enum Packet {
    /// The connection is open.
    Open(Opening),
    /// To be answered.
    Ping,
    /// The namespace is joined; not yet who comes in.
    Joined,
    /// The namespace is not to be joined.
    NotJoined(Value),
    /// An event and its argument.
    Event(String, Value),
    /// The server is done.
    Closed,
    /// Nothing that concerns us.
    Other,
}

/// How the server keeps the connection.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opening {
    ping_interval: u64,
    ping_timeout: u64,
}

impl Opening {
    /// After this long without a sign of life the connection is gone.
    pub(super) const fn patience(&self) -> Duration {
        Duration::from_millis(self.ping_interval.saturating_add(self.ping_timeout))
    }
}

impl Packet {
    pub(super) fn read(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'0') => serde_json::from_str(&text[1..]).map_or(Self::Other, Self::Open),
            Some(b'1') => Self::Closed,
            Some(b'2') => Self::Ping,
            Some(b'4') => Self::read_message(&text[1..]),
            _ => Self::Other,
        }
    }

    fn read_message(text: &str) -> Self {
        let Some((kind, rest)) = text.split_at_checked(1) else { return Self::Other };
        let Some(content) = rest.strip_prefix(NAMESPACE).map(|rest| rest.strip_prefix(',').unwrap_or(rest)) else {
            return Self::Other;
        };
        match kind {
            "0" => Self::Joined,
            "1" => Self::Closed,
            "2" => Self::read_event(content),
            "4" => Self::NotJoined(serde_json::from_str(content).unwrap_or_default()),
            _ => Self::Other,
        }
    }

    /// `["name",{…}]`, with the number of an acknowledgement before it that nobody here asks for.
    fn read_event(content: &str) -> Self {
        let content = content.trim_start_matches(|character: char| character.is_ascii_digit());
        match serde_json::from_str::<Vec<Value>>(content)
            .map(Vec::into_iter)
            .map(|mut parts| (parts.next(), parts.next()))
        {
            Ok((Some(Value::String(name)), argument)) => Self::Event(name, argument.unwrap_or_default()),
            _ => Self::Other,
        }
    }
}

/// Joins the namespace.
pub(super) fn join(token: &str) -> String {
    format!("40{NAMESPACE},{}", json!({"token": token}))
}

/// Says an event.
pub(super) fn event(name: &str, argument: &Value) -> String {
    format!("42{NAMESPACE},{}", json!([name, argument]))
}

/// Leaves the namespace.
pub(super) fn leave() -> String {
    format!("41{NAMESPACE},")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_read() {
        let opening =
            Packet::read(r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1}"#);
        let Packet::Open(opening) = opening else { panic!("{opening:?}") };
        assert_eq!(opening.patience(), Duration::from_secs(45));
        assert_eq!(Packet::read("2"), Packet::Ping);
        assert_eq!(Packet::read("1"), Packet::Closed);
        assert_eq!(Packet::read(r#"40/ws,{"sid":"x"}"#), Packet::Joined);
        assert_eq!(Packet::read(r#"44/ws,{"message":"no"}"#), Packet::NotJoined(json!({"message": "no"})));
        assert_eq!(Packet::read("41/ws,"), Packet::Closed);
        assert_eq!(Packet::read("41/ws"), Packet::Closed);
        for text in [r#"42/ws,["pong",{}]"#, r#"42/ws,17["pong",{}]"#] {
            assert_eq!(Packet::read(text), Packet::Event("pong".to_owned(), json!({})));
        }
        assert_eq!(Packet::read(r#"42/ws,["pong"]"#), Packet::Event("pong".to_owned(), Value::Null));
    }

    #[test]
    fn what_is_not_for_us_is_passed_over() {
        for text in
            ["", "0", "0{", "4", "42", "42/other,[]", "42/ws,[", "42/ws,[1]", "42/ws,{}", "6", "9", "є", "4є", "42/wsє"]
        {
            assert_eq!(Packet::read(text), Packet::Other, "{text}");
        }
    }

    #[test]
    fn packets_are_written() {
        assert_eq!(join("t"), r#"40/ws,{"token":"t"}"#);
        assert_eq!(event("ping", &json!({})), r#"42/ws,["ping",{}]"#);
    }
}
