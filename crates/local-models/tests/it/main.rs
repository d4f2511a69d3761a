//! The built-in models as their callers use them: on a tiny model made here, whose answers are
//! known, and on the real ones.

#![cfg(test)]

mod chat;
mod install;
mod pool;
mod real;
mod tiny;
