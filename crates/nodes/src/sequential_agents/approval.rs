//! The rows *Require Approval*: whether a person is asked before tools run.

use flowstone_core::{Input, Inputs, Result, sequence::Approval};

pub(super) const REQUIRED: Input<bool> = Input::flag("Require Approval", "interrupt")
    .describe("Stops before tools run until a person agrees; needs an Agent Memory")
    .may_be_empty();
pub(super) const PROMPT: Input<Option<String>> = Input::text("Approval Prompt", "approvalPrompt")
    .rows(4)
    .default(USUAL_PROMPT)
    .describe("What the model is told to ask the person; {tools} stands for the calls")
    .additional()
    .optional();
const USUAL_PROMPT: &str = "You want to call these tools: {tools}. Ask the person in one sentence whether you may go ahead.";
pub(super) const APPROVE: Input<Option<String>> =
    Input::text("Approve Button Text", "approveButtonText").default("Yes").additional().optional();
pub(super) const REJECT: Input<Option<String>> =
    Input::text("Reject Button Text", "rejectButtonText").default("No").additional().optional();

/// What a person is asked; `None` where nobody is.
pub(super) fn from_form(inputs: &Inputs) -> Result<Option<Approval>> {
    if !inputs.get(&REQUIRED)? {
        return Ok(None);
    }
    let text = |row: &Input<Option<String>>, usual: &str| -> Result<String> {
        Ok(inputs.get(row)?.unwrap_or_else(|| usual.to_owned()))
    };
    Ok(Some(Approval {
        prompt: text(&PROMPT, USUAL_PROMPT)?,
        approve: text(&APPROVE, "Yes")?,
        reject: text(&REJECT, "No")?,
    }))
}
