//! Which language somebody wishes to read (RFC 9110 §12.5.4).

/// The tags of an `Accept-Language` header, the heaviest wish first; without those of weight 0.
pub fn wishes(header: &str) -> Vec<&str> {
    let mut wishes: Vec<(f32, &str)> = header.split(',').filter_map(weigh).collect();
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    wishes.into_iter().map(|(_, tag)| tag).collect()
}

/// A wish with its weight; none for one with weight 0.
fn weigh(wish: &str) -> Option<(f32, &str)> {
    let (tag, weight) = match wish.split_once(';') {
        Some((tag, weight)) => (tag, weight.trim().strip_prefix("q=")?),
        None => (wish, "1"),
    };
    let weight: f32 = weight.parse().ok()?;
    (weight > 0.0).then_some((weight, tag.trim()))
}
