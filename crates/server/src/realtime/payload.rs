//! What an event carries, made once however many sockets are told.

use erpmax_types::EventId;
use erpmax_types::events::Event;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The one argument of an event, as JSON text.
pub(super) struct Payload(Box<RawValue>);

impl Payload {
    /// `content` with the `event_id` by which a receiver knows what it was told before.
    pub(super) fn new(content: &impl Serialize, id: EventId) -> serde_json::Result<Self> {
        Self::identified(serde_json::to_value(content)?, id)
    }

    /// What `event` carries.
    pub(super) fn of(event: &Event, id: EventId) -> serde_json::Result<Self> {
        let mut tagged = serde_json::to_value(event)?;
        Self::identified(tagged.get_mut("payload").map(Value::take).unwrap_or_default(), id)
    }

    fn identified(content: Value, id: EventId) -> serde_json::Result<Self> {
        let mut fields = match content {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.insert("event_id".to_owned(), serde_json::to_value(id)?);
        Ok(Self(serde_json::value::to_raw_value(&fields)?))
    }

    pub(super) fn json(&self) -> &RawValue {
        &self.0
    }
}
