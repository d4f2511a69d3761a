//! The members of a flow and the ways between them, checked once before a run.

use std::{collections::BTreeSet, sync::Arc};

use flowstone_core::{
    Error as NodeError, Tool,
    sequence::{Chooses, Duty, Leads, Opening},
};

use super::{Seat, Wire};
use crate::{Error, Result, trace::At};

/// How many turns a run may take where the flow does not say: what ends loops that never do.
const MOST_TURNS: u64 = 100;

/// What is walked.
pub(crate) struct Graph {
    pub(super) seats: Vec<Seat>,
    /// How runs begin.
    pub(super) opening: Opening,
    /// Where they begin.
    pub(super) first: Vec<Way>,
    /// By seat; nothing for those that take no turns.
    pub(super) places: Vec<Place>,
    /// The seat of the leader, in a team.
    pub(super) leader: Option<usize>,
    pub(super) most_turns: u64,
}

/// What lies around a seat.
#[derive(Default)]
pub(super) struct Place {
    /// Where the run goes on; for a fork see [`branches`](Self::branches).
    pub(super) ways: Vec<Way>,
    /// Ways of a fork by their names.
    pub(super) branches: Vec<(String, Vec<Way>)>,
    /// Seats that all must have acted before this one does.
    pub(super) needs: BTreeSet<usize>,
    /// Seats that run the tools it calls.
    pub(super) servers: Vec<usize>,
    /// Tools of the members wired to it.
    pub(super) tools: Vec<Arc<dyn Tool>>,
}

/// Where a run may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To a member, once all that it waits for have acted.
    To(usize),
    /// Back to a member, at once.
    Back(usize),
    /// To a fork, which chooses.
    Fork(usize),
    /// Nowhere: the path ends.
    End,
}

impl Graph {
    pub(super) fn new(seats: Vec<Seat>, wires: &[Wire]) -> Result<Self> {
        let of = |wanted: fn(&Duty) -> bool| -> Vec<usize> {
            let seats = seats.iter().enumerate();
            seats.filter(|(_, seat)| wanted(&seat.member.duty)).map(|(at, _)| at).collect()
        };
        let starts = of(|it| matches!(it, Duty::Begins(_)));
        let leaders = of(|it| matches!(it, Duty::Leads { .. }));
        let labels = |of: &[usize]| -> String {
            let labels: Vec<&str> = of.iter().map(|it| &*seats[*it].at.label).collect();
            labels.join(", ")
        };
        match (starts.as_slice(), leaders.as_slice()) {
            ([start], []) => Self::sequence(*start, seats, wires),
            ([], [leader]) => Self::team(*leader, seats),
            ([], []) => Err(Error::Members(
                "the flow has no beginning: add a Start node, or a Supervisor with its workers"
                    .to_owned(),
            )),
            ([], many) => Err(Error::Members(format!(
                "the flow has several supervisors ({}): keep one of them",
                labels(many)
            ))),
            (many, []) => Err(Error::Members(format!(
                "the flow begins in several places ({}): keep one Start node",
                labels(many)
            ))),
            _ => Err(Error::Members(
                "the flow has a Start node and a Supervisor: a flow is either a sequence or a team"
                    .to_owned(),
            )),
        }
    }

    fn sequence(start: usize, seats: Vec<Seat>, wires: &[Wire]) -> Result<Self> {
        let ends = |it: &Seat| matches!(it.member.duty, Duty::Ends | Duty::GoesBack(_));
        if !seats.iter().any(ends) {
            return Err(Error::Members(
                "the flow never ends: wire an End node, or a Loop node, to the last of its nodes"
                    .to_owned(),
            ));
        }
        different_names(&seats)?;
        let mut places: Vec<Place> = seats.iter().map(|_| Place::default()).collect();
        let mut first = Vec::new();
        for wire in wires {
            let Some(way) = way_to(wire.to, &seats)? else { continue };
            let (from, to) = (&seats[wire.from].member.duty, &seats[wire.to].member.duty);
            match from {
                Duty::Begins(_) => add(&mut first, way),
                Duty::Acts(_) if let Duty::Serves(server) = to => {
                    places[wire.from].servers.push(wire.to);
                    places[wire.from].tools.extend(server.tools().iter().cloned());
                }
                Duty::Acts(_) | Duty::Serves(_) => {
                    if let Duty::Serves(server) = from {
                        places[wire.to].tools.extend(server.tools().iter().cloned());
                    }
                    if let Way::To(to) = way {
                        places[to].needs.insert(wire.from);
                    }
                    add(&mut places[wire.from].ways, way);
                }
                Duty::Chooses(_) => {
                    let branches = &mut places[wire.from].branches;
                    match branches.iter_mut().find(|(name, _)| alike(name, &wire.way)) {
                        Some((_, ways)) => add(ways, way),
                        None => branches.push((wire.way.clone(), vec![way])),
                    }
                }
                _ => {}
            }
        }
        if first.is_empty() {
            let reason = "nothing is wired to it: connect the node that acts first".to_owned();
            return Err(NodeError::Unsupported(reason).at(&seats[start].at.label).into());
        }
        let Duty::Begins(opening) = &seats[start].member.duty else {
            return Err(Error::Members("the flow has no Start node".to_owned()));
        };
        let opening = opening.clone();
        Ok(Self { seats, opening, first, places, leader: None, most_turns: MOST_TURNS })
    }

    fn team(leader: usize, seats: Vec<Seat>) -> Result<Self> {
        let Duty::Leads { opening, most_turns, .. } = &seats[leader].member.duty else {
            return Err(Error::Members("the flow has no Supervisor".to_owned()));
        };
        let (opening, most_turns) = (opening.clone(), *most_turns);
        let mut places: Vec<Place> = seats.iter().map(|_| Place::default()).collect();
        let mut has_workers = false;
        for (place, seat) in places.iter_mut().zip(&seats) {
            if let Duty::Works { leader: wanted, .. } = &seat.member.duty
                && *wanted == seats[leader].member.node_id
            {
                place.ways.push(Way::Back(leader));
                has_workers = true;
            }
        }
        if !has_workers {
            let reason = "it has no worker: wire it to one worker at least".to_owned();
            return Err(NodeError::Unsupported(reason).at(&seats[leader].at.label).into());
        }
        different_names(&seats)?;
        let first = vec![Way::Back(leader)];
        Ok(Self { seats, opening, first, places, leader: Some(leader), most_turns })
    }

    /// The names by which a leader may choose its workers, in the order of the flow.
    pub(super) fn workers(&self) -> impl Iterator<Item = (&str, usize)> {
        let led = |at: &usize| !self.places[*at].ways.is_empty() && self.leader.is_some();
        let seats = (0..self.seats.len()).filter(led);
        seats.map(|it| (&*self.seats[it].member.name, it))
    }

    pub(super) fn at(&self, seat: usize) -> &At {
        &self.seats[seat].at
    }

    pub(super) fn by_id(&self, node: &str) -> Option<usize> {
        self.seats.iter().position(|it| it.at.id == node)
    }

    pub(super) fn fork(&self, seat: usize) -> Option<&dyn Chooses> {
        match &self.seats[seat].member.duty {
            Duty::Chooses(it) => Some(it.as_ref()),
            _ => None,
        }
    }

    pub(super) fn lead(&self, seat: usize) -> Option<&dyn Leads> {
        match &self.seats[seat].member.duty {
            Duty::Leads { acts, .. } => Some(acts.as_ref()),
            _ => None,
        }
    }

    /// The way of a fork that is called `answer`; the end where that is said and nothing is wired.
    pub(super) fn branch(&self, seat: usize, answer: &str) -> Result<&[Way], NodeError> {
        let branches = &self.places[seat].branches;
        if let Some((_, ways)) = branches.iter().find(|(name, _)| alike(name, answer)) {
            return Ok(ways);
        }
        if alike(answer, "end") {
            return Ok(&[Way::End]);
        }
        let names: Vec<&str> = branches.iter().map(|(name, _)| name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Err(NodeError::Unsupported(format!(
            "it answers {answer:?}, and no wire leads on from an output of this name. The outputs \
             that are wired: {names}"
        )))
    }
}

/// Outputs are saved with and without the case and the blanks that their author wrote.
fn alike(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    one == other || plain(one) == plain(other) && !plain(one).is_empty()
}

fn add(ways: &mut Vec<Way>, way: Way) {
    if !ways.contains(&way) {
        ways.push(way);
    }
}

/// Where a wire to `seat` leads; nowhere for what is only plugged in.
fn way_to(seat: usize, seats: &[Seat]) -> Result<Option<Way>> {
    Ok(match &seats[seat].member.duty {
        Duty::Acts(_) | Duty::Serves(_) => Some(Way::To(seat)),
        Duty::Chooses(_) => Some(Way::Fork(seat)),
        Duty::Ends => Some(Way::End),
        Duty::GoesBack(name) => {
            let target = seats.iter().position(|it| takes_turns(it) && it.member.name == *name);
            let Some(target) = target else {
                let names: Vec<&str> =
                    seats.iter().filter(|it| takes_turns(it)).map(|it| &*it.member.name).collect();
                let reason = format!(
                    "there is no node called {name}. It may go to one of these: {}",
                    names.join(", ")
                );
                let error = NodeError::InvalidInput { label: "Loop To".to_owned(), reason };
                return Err(error.at(&seats[seat].at.label).into());
            };
            Some(Way::Back(target))
        }
        _ => None,
    })
}

fn takes_turns(seat: &Seat) -> bool {
    matches!(seat.member.duty, Duty::Acts(_) | Duty::Serves(_))
}

fn different_names(seats: &[Seat]) -> Result<()> {
    let named = |it: &&Seat| takes_turns(it) || matches!(it.member.duty, Duty::Works { .. });
    let named: Vec<&Seat> = seats.iter().filter(named).collect();
    for (at, seat) in named.iter().enumerate() {
        if let Some(other) = named[..at].iter().find(|it| it.member.name == seat.member.name) {
            let reason = format!(
                "{} has the same name, {}: routes could not tell them apart. Rename one",
                other.at.label, seat.member.label
            );
            return Err(NodeError::Unsupported(reason).at(&seat.at.label).into());
        }
    }
    Ok(())
}
