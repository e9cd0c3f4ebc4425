//! Numbers within texts, as programs have got used to write them.

/// The integer that a text begins with, as atoi(3) reads it: white space and a sign may precede it, and anything
/// may follow. 0 if there is none; what is too large for the type is its limit.
pub fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.bytes().take_while(u8::is_ascii_digit).map(|digit| i64::from(digit - b'0'));
    let sign = if negative { -1 } else { 1 };
    digits.fold(0i64, |value, digit| value.saturating_mul(10).saturating_add(sign * digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_at_the_beginning_of_texts() {
        for (text, expected) in [
            ("17", 17),
            ("017x", 17),
            (" \t\r\n+17 ", 17),
            ("-17", -17),
            ("- 17", 0),
            ("+-17", 0),
            ("x17", 0),
            ("", 0),
            ("99999999999999999999", i64::MAX),
            ("-99999999999999999999", i64::MIN),
        ] {
            assert_eq!(leading_integer(text), expected, "{text}");
        }
    }
}
