//! The update of all parameters, shared by the threads where there are many.
//! Each parameter is computed by itself, so who does it changes no bit.

use super::segments::Segment;
use super::threads::Threads;
use crate::optim::{Pieces, Update};

/// Parameters from which on a meeting of the threads is worth it.
const MANY: usize = 1 << 16;

/// Parameters that one thread updates before it takes more: few enough that
/// they and their state stay in its second-level cache.
const PIECE: usize = 1 << 14;

/// Updates `segments`, which are in order, with the gradient of each.
pub fn update_segments<'a>(
    threads: &mut Threads,
    update: &Update<'_>,
    mut pieces: Pieces<'a>,
    segments: &[Segment],
    gradient: impl Fn(&Segment) -> Option<&'a [f32]>,
) {
    let count = segments.last().map_or(0, |segment| segment.range.end);
    if threads.count() == 1 || count < MANY {
        for segment in segments {
            let piece = pieces.take(segment.range.clone(), gradient(segment), segment.decayed);
            piece.at_rate(segment.rate).apply(update);
        }
        return;
    }
    let mut units = Vec::with_capacity(count / PIECE + segments.len());
    for segment in segments {
        let (range, gradient) = (segment.range.clone(), gradient(segment));
        for start in range.clone().step_by(PIECE) {
            let end = (start + PIECE).min(range.end);
            let gradient = gradient.map(|g| &g[start - range.start..end - range.start]);
            let piece = pieces.take(start..end, gradient, segment.decayed);
            units.push(piece.at_rate(segment.rate));
        }
    }
    let mut memories = vec![(); threads.count()];
    threads.for_each(&mut memories, units.into_iter(), |(), piece| {
        piece.apply(update)
    });
}
