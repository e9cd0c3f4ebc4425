//! How a reader that keeps up with a busy writer looks for more.
//!
//! Each look at what is published takes that cache line away from the writer, who then waits for it with
//! its next message. So a reader that finds little, time after time, lets the writer get ahead before it looks
//! again; and once it finds nothing, it looks around for a moment rather than fall asleep, as being woken
//! costs the writer as much as many messages.

/// Looks and what came of them.
#[derive(Default)]
pub(super) struct Pace {
    /// Looks that found something, but little, most of them in a row.
    hurried: u32,
}

impl Pace {
    /// Items found by a look that was worth it.
    const PLENTY: usize = 16;
    /// Looks before it is taken for a flood rather than a conversation.
    const FLOOD: u32 = 8;
    /// How much longer to wait after another look that found little.
    const STEP: u32 = 4;
    /// The longest wait, in pauses of the processor: of the order of a microsecond.
    const LONGEST: u32 = if cfg!(loom) { 0 } else { 32 };
    /// Pauses between two looks around, and how many of those there are.
    const BETWEEN: u32 = 8;
    const LOOKS: u32 = if cfg!(loom) { 0 } else { 4 };

    /// This end has answered: it is a conversation.
    #[inline]
    pub(super) fn converse(&mut self) {
        self.hurried = 0;
    }

    /// Looks, by `look`, which says how many items are there: after a wait, and again if it is worth it.
    #[inline]
    pub(super) fn look(&mut self, mut look: impl FnMut() -> usize) {
        let wait = self.hurried.saturating_sub(Self::FLOOD);
        pause(wait);
        let mut found = look();
        if found == 0 && wait > 0 {
            for _ in 0..Self::LOOKS {
                pause(Self::BETWEEN);
                found = look();
                if found > 0 {
                    break;
                }
            }
        }
        self.hurried = match found {
            0 => self.hurried / 2,
            Self::PLENTY.. => self.hurried.saturating_sub(1),
            _ => (self.hurried + Self::STEP).min(Self::FLOOD + Self::LONGEST),
        };
    }
}

#[inline]
fn pause(times: u32) {
    for _ in 0..times {
        std::hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a look looks that finds so much.
    fn looks(pace: &mut Pace, found: usize) -> u32 {
        let mut count = 0;
        pace.look(|| {
            count += 1;
            found
        });
        count
    }

    #[test]
    fn a_conversation_is_not_waited_for() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            assert_eq!((looks(&mut pace, 1), looks(&mut pace, 0)), (1, 1));
        }
    }

    #[test]
    fn an_answer_makes_a_conversation_of_it() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            assert_eq!(looks(&mut pace, 2), 1);
            assert!(pace.hurried <= Pace::FLOOD, "it is not waited");
            pace.converse();
        }
    }

    #[test]
    fn after_a_flood_it_is_looked_around_for_more_but_not_for_long() {
        let mut pace = Pace::default();
        (0..100).for_each(|_| assert_eq!(looks(&mut pace, 2), 1));
        assert_eq!(looks(&mut pace, 0), 1 + Pace::LOOKS);
        for _ in 0..10 {
            looks(&mut pace, 0);
        }
        assert_eq!(looks(&mut pace, 0), 1);
    }

    #[test]
    fn who_finds_plenty_does_not_wait() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            looks(&mut pace, 1);
        }
        for _ in 0..100 {
            looks(&mut pace, 1000);
        }
        assert_eq!(pace.hurried, 0);
    }
}
