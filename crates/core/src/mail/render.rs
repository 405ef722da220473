//! A letter in words: one layout as HTML and as text, words from the catalogue.

use askama::Template;
use erpmax_types::Timestamp;
use fluent_templates::fluent_bundle::FluentValue;
use time::UtcDateTime;

use super::letter::{Letter, Piece};
use super::names::defuse;
use crate::messages::Language;

/// A letter in words.
pub(super) struct Page {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct HtmlLetter<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct TextLetter<'a> {
    words: &'a Words,
}

/// What both layouts show.
struct Words {
    language: String,
    subject: String,
    greeting: String,
    paragraphs: Vec<String>,
    button: String,
    link: String,
    link_hint: String,
    note: Vec<String>,
    footer: String,
}

/// Puts a letter into words.
pub(super) fn render(
    language: &Language,
    name: &str,
    letter: &Letter,
    public_url: &str,
) -> Result<Page, askama::Error> {
    let words = words(language, name, letter, public_url);
    let html = HtmlLetter { words: &words }.render()?;
    let text = TextLetter { words: &words }.render()?;
    Ok(Page { subject: words.subject, text, html })
}

fn words(language: &Language, name: &str, letter: &Letter, public_url: &str) -> Words {
    let pieces = letter.pieces();
    let arguments: Vec<_> = pieces.iter().map(|(place, piece)| (*place, say_piece(language, piece))).collect();
    let key = format!("mail-{}", letter.kind());
    let paragraphs = |part: &str| paragraphs_of(&language.say(&format!("{key}.{part}"), &arguments));
    Words {
        language: language.tag(),
        subject: language.say(&key, &[]),
        greeting: greeting(language, name),
        paragraphs: paragraphs("text"),
        button: language.say(&format!("{key}.button"), &[]),
        link: letter.link().unwrap_or(public_url).to_owned(),
        link_hint: language.say("mail-link_hint", &[]),
        note: paragraphs("note"),
        footer: language.say("mail-footer", &[("url", FluentValue::from(public_url.to_owned()))]),
    }
}

fn greeting(language: &Language, name: &str) -> String {
    match defuse(name).filter(|name| !name.is_empty()) {
        Some(name) => language.say("mail-greeting", &[("name", FluentValue::from(name))]),
        None => language.say("mail-greeting_nameless", &[]),
    }
}

/// Paragraphs are parted by empty lines; a line's end inside of one is a space.
fn paragraphs_of(text: &str) -> Vec<String> {
    text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn say_piece(language: &Language, piece: &Piece<'_>) -> FluentValue<'static> {
    match piece {
        Piece::Foreign(words, neutral) => defuse(words)
            .filter(|words| !words.is_empty())
            .unwrap_or_else(|| language.say(&format!("mail-a_{neutral}"), &[]))
            .into(),
        Piece::Own(words) => (*words).to_owned().into(),
        Piece::Day(day) => say_day(language, *day).into(),
        Piece::Moment(moment) => say_moment(language, *moment).into(),
        Piece::Number(number) => (*number).into(),
        Piece::Word(set, word) => language.say(&format!("mail-{set}_{word}"), &[]).into(),
    }
}

fn say_day(language: &Language, day: Timestamp) -> String {
    let date = UtcDateTime::from_unix_timestamp(day.as_seconds()).unwrap_or(UtcDateTime::UNIX_EPOCH);
    let month = language.say(&format!("mail-month_{}", u8::from(date.month())), &[]);
    let (day, year) = (date.day().to_string(), date.year().to_string());
    language.say("mail-day", &[("day", day.into()), ("month", month.into()), ("year", year.into())])
}

fn say_moment(language: &Language, moment: Timestamp) -> String {
    let time = UtcDateTime::from_unix_timestamp(moment.as_seconds()).unwrap_or(UtcDateTime::UNIX_EPOCH);
    let clock = format!("{:02}:{:02}", time.hour(), time.minute());
    language.say("mail-moment", &[("day", say_day(language, moment).into()), ("clock", clock.into())])
}
