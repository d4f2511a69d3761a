//! What every memory must do.

use flowstone_core::{Memory, Message, Role, Run};

/// Laws of a memory that keeps exchanges itself: turns come back oldest first, sessions are apart,
/// clearing forgets one session only.
///
/// `run` and `other` differ in their session.
pub async fn suite(memory: &dyn Memory, run: &Run, other: &Run) {
    assert_ne!(run.session_id, other.session_id, "the suite needs two sessions");
    assert!(!memory.key().is_empty(), "prompts refer to the conversation by a name");
    assert!(memory.messages(run).await.expect("an empty memory can be read").is_empty());

    memory.remember(run, "Who are you?", "Ein Bär 🐻").await.expect("exchanges are kept");
    memory.remember(run, "Really?", "Yes").await.expect("exchanges are kept");
    memory.remember(other, "Elsewhere", "Indeed").await.expect("exchanges are kept");

    let turns = memory.messages(run).await.expect("turns can be read");
    let said: Vec<_> = turns.iter().map(|it| (it.role, it.text.as_str())).collect();
    assert_eq!(
        said,
        [
            (Role::User, "Who are you?"),
            (Role::Assistant, "Ein Bär 🐻"),
            (Role::User, "Really?"),
            (Role::Assistant, "Yes"),
        ]
    );

    memory.clear(run).await.expect("a session can be forgotten");
    assert!(memory.messages(run).await.expect("turns can be read").is_empty());
    assert_eq!(memory.messages(other).await.expect("turns can be read").len(), 2);
    memory.clear(run).await.expect("forgetting nothing is no error");
}

/// Laws of a memory that keeps a summary: nothing where nothing was said, one turn that does not
/// speak for the model where something was, sessions are apart, and clearing forgets one of them.
/// Gives the summary of `run`.
///
/// `run` and `other` differ in their session.
pub async fn summarises(memory: &dyn Memory, run: &Run, other: &Run) -> Message {
    assert_ne!(run.session_id, other.session_id, "the suite needs two sessions");
    assert!(!memory.key().is_empty(), "prompts refer to the conversation by a name");
    assert!(memory.messages(run).await.expect("an empty memory can be read").is_empty());

    memory.remember(run, "Who are you?", "Ein Bär 🐻").await.expect("exchanges are kept");
    memory.remember(run, "Really?", "Yes").await.expect("exchanges are kept");
    let turns = memory.messages(run).await.expect("turns can be read");
    let [summary] = turns.as_slice() else { panic!("one turn stands for all: {turns:?}") };
    assert_ne!(summary.role, Role::Assistant, "the model did not say this");
    assert!(!summary.text.is_empty(), "a summary says something");
    let again = memory.messages(run).await.expect("turns can be read");
    assert_eq!(again, turns, "nothing new was said, so nothing is written anew");
    assert!(memory.messages(other).await.expect("turns can be read").is_empty());

    memory.clear(run).await.expect("a session can be forgotten");
    assert!(memory.messages(run).await.expect("turns can be read").is_empty());
    memory.clear(run).await.expect("forgetting nothing is no error");
    summary.clone()
}
