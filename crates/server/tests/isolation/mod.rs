//! Two companies full of unguessable marks, and everybody who might see the wrong one.
//!
//! A mark is a text that is in everything that people of one company can write. Every operation is sent by every kind of person
//! with own, foreign and random ids in every place; nothing that comes back to people of one company, that their sockets hear or
//! that is logged may hold the other's mark.

mod answers;
mod columns;
mod company;
mod log;
mod operators;
mod people;
