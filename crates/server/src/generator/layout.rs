//! Where the nodes of a generated flow stand: in columns by how far they are from the beginning.

use std::collections::HashMap;

/// Width of a column and height of a row in it.
const COLUMN: i64 = 320;
const ROW: i64 = 160;
/// Size of a step.
const WIDTH: i64 = 220;
const HEIGHT: i64 = 80;
/// Free space inside of an iteration, and its smallest size.
const PADDING: i64 = 60;
const SMALLEST: (i64, i64) = (400, 250);

/// A node to be placed.
pub(super) struct Step<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// The iteration it stands inside of.
    pub(super) inside: Option<&'a str>,
}

/// Where a node stands, in the iteration it is inside of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: i64,
    pub(super) y: i64,
    /// The same on the canvas.
    pub(super) absolute_x: i64,
    pub(super) absolute_y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A place for each of `steps`, in their order.
pub(super) fn lay_out(steps: &[Step<'_>], edges: &[(&str, &str)]) -> Vec<Place> {
    let mut places = vec![Place { width: WIDTH, height: HEIGHT, ..Place::default() }; steps.len()];
    for (at, step) in steps.iter().enumerate() {
        let inner = members(steps, Some(step.id));
        if inner.is_empty() {
            continue;
        }
        let (width, height) = arrange(&inner, steps, edges, &mut places);
        for member in &inner {
            places[*member].x += PADDING;
            places[*member].y += PADDING;
        }
        places[at].width = (width + 2 * PADDING).max(SMALLEST.0);
        places[at].height = (height + 2 * PADDING).max(SMALLEST.1);
    }
    arrange(&members(steps, None), steps, edges, &mut places);
    let outer: HashMap<&str, (i64, i64)> =
        steps.iter().zip(&places).map(|(it, place)| (it.id, (place.x, place.y))).collect();
    for (step, place) in steps.iter().zip(&mut places) {
        let (x, y) = step.inside.and_then(|it| outer.get(it)).copied().unwrap_or_default();
        place.absolute_x = place.x + x;
        place.absolute_y = place.y + y;
    }
    places
}

fn members(steps: &[Step<'_>], inside: Option<&str>) -> Vec<usize> {
    let each = steps.iter().enumerate().filter(|(_, it)| it.inside == inside);
    each.map(|(at, _)| at).collect()
}

/// Places nodes in columns, from 0 on, without overlaps; the size that takes.
fn arrange(
    members: &[usize],
    steps: &[Step<'_>],
    edges: &[(&str, &str)],
    places: &mut [Place],
) -> (i64, i64) {
    let mut column: HashMap<&str, usize> = members.iter().map(|at| (steps[*at].id, 0)).collect();
    // As often as the longest way is long; a circle ends it.
    for _ in members {
        let mut moved = false;
        for (from, to) in edges {
            let (Some(source), Some(target)) = (column.get(from), column.get(to)) else { continue };
            if source + 1 > *target && source + 1 < members.len() + 1 {
                let next = source + 1;
                column.insert(to, next);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let last = column.values().copied().max().unwrap_or_default();
    let (mut x, mut tallest) = (0, 0);
    let mut columns = Vec::new();
    for number in 0..=last {
        let here: Vec<usize> =
            members.iter().copied().filter(|at| column[steps[*at].id] == number).collect();
        let height: i64 = here.iter().map(|at| places[*at].height + ROW - HEIGHT).sum();
        let width = here.iter().map(|at| places[*at].width).max().unwrap_or(WIDTH);
        tallest = tallest.max(height);
        columns.push((here, x, height));
        x += width + COLUMN - WIDTH;
    }
    for (here, x, height) in columns {
        let mut y = (tallest - height) / 2;
        for at in here {
            (places[at].x, places[at].y) = (x, y);
            y += places[at].height + ROW - HEIGHT;
        }
    }
    (x - (COLUMN - WIDTH), tallest - (ROW - HEIGHT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(a: &Place, b: &Place) -> bool {
        let apart = a.x + a.width <= b.x
            || b.x + b.width <= a.x
            || a.y + a.height <= b.y
            || b.y + b.height <= a.y;
        !apart
    }

    #[test]
    fn nodes_stand_from_left_to_right_and_iterations_around_their_own() {
        let step = |id, inside| Step { id, inside };
        let steps = [
            step("start", None),
            step("fork", None),
            step("a", None),
            step("b", None),
            step("each", None),
            step("in", Some("each")),
            step("then", Some("each")),
        ];
        let edges = [
            ("start", "fork"),
            ("fork", "a"),
            ("fork", "b"),
            ("a", "each"),
            ("b", "each"),
            ("in", "then"),
        ];
        let places = lay_out(&steps, &edges);
        for (from, to) in edges {
            let at = |id| &places[steps.iter().position(|it| it.id == id).unwrap()];
            assert!(at(from).x + at(from).width < at(to).x, "{from} before {to}");
        }
        for one in 0..5 {
            for other in 0..one {
                assert!(!overlap(&places[one], &places[other]), "{one} and {other}");
            }
        }
        let (each, then) = (&places[4], &places[6]);
        assert!(then.x + then.width < each.width && then.y + then.height < each.height);
        assert_eq!((then.absolute_x, then.absolute_y), (each.x + then.x, each.y + then.y));
    }

    #[test]
    fn a_circle_ends() {
        let steps = [Step { id: "a", inside: None }, Step { id: "b", inside: None }];
        assert_eq!(lay_out(&steps, &[("a", "b"), ("b", "a")]).len(), 2);
    }
}
