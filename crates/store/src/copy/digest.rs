//! What two tables are compared by.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::rows::Value;

/// Number of rows and SHA-256 over them, in the order of keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) rows: u64,
    pub(super) checksum: String,
}

/// A summary that grows by a row at a time.
#[derive(Default)]
pub(super) struct Digest {
    rows: u64,
    hash: Sha256,
}

impl Digest {
    /// Each value goes in with its kind and length, so that no two rows can look alike.
    pub(super) fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            match value {
                Value::Text(Some(text)) => {
                    self.hash.update(b"t");
                    self.hash.update((text.len() as u64).to_be_bytes());
                    self.hash.update(text);
                }
                Value::Int(Some(number)) => {
                    self.hash.update(b"i");
                    self.hash.update(number.to_be_bytes());
                }
                Value::Bool(Some(value)) => self.hash.update([b'b', u8::from(*value)]),
                Value::Text(None) | Value::Int(None) | Value::Bool(None) => self.hash.update(b"n"),
            }
        }
    }

    pub(super) fn finish(self) -> Summary {
        let mut checksum = String::with_capacity(64);
        for byte in self.hash.finalize() {
            let _ = write!(checksum, "{byte:02x}");
        }
        Summary { rows: self.rows, checksum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(rows: &[&[Value]]) -> String {
        let mut digest = Digest::default();
        for row in rows {
            digest.add(row);
        }
        digest.finish().checksum
    }

    fn text(text: &str) -> Value {
        Value::Text(Some(text.to_owned()))
    }

    #[test]
    fn a_border_between_two_values_that_moves_is_a_difference() {
        assert_ne!(checksum(&[&[text("ab"), text("c")]]), checksum(&[&[text("a"), text("bc")]]));
    }

    #[test]
    fn nothing_is_not_the_empty_text() {
        assert_ne!(checksum(&[&[Value::Text(None)]]), checksum(&[&[text("")]]));
    }

    #[test]
    fn the_order_of_rows_counts() {
        assert_ne!(checksum(&[&[text("a")], &[text("b")]]), checksum(&[&[text("b")], &[text("a")]]));
    }
}
