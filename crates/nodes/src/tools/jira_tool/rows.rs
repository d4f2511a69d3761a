//! What a form of Jira holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Default, Holds, When},
};

use crate::tools::actions::rows;

pub(super) const PROJECT_KEY: Field = rows::text(
    "Project Key",
    "projectKey",
    &[When("issueActions", Holds::AnyOf(&["listIssues", "createIssue"]))],
    "What the keys of the project's issues begin with",
);
pub(super) const ISSUE_TYPE: Field = rows::text(
    "Issue Type",
    "issueType",
    &[When("issueActions", Holds::AnyOf(&["createIssue"]))],
    "The type of an issue, such as Task or Bug",
);
pub(super) const ISSUE_SUMMARY: Field = rows::text(
    "Summary",
    "issueSummary",
    &[When("issueActions", Holds::AnyOf(&["createIssue", "updateIssue"]))],
    "The title of the issue",
);
pub(super) const ISSUE_DESCRIPTION: Field = rows::text(
    "Description",
    "issueDescription",
    &[When("issueActions", Holds::AnyOf(&["createIssue", "updateIssue"]))],
    "What the issue says",
);
pub(super) const ISSUE_PRIORITY: Field = rows::text(
    "Priority",
    "issuePriority",
    &[When("issueActions", Holds::AnyOf(&["createIssue", "updateIssue"]))],
    "The priority, such as High",
);
pub(super) const ISSUE_KEY: Field = rows::text(
    "Issue Key",
    "issueKey",
    &[When(
        "issueActions",
        Holds::AnyOf(&["getIssue", "updateIssue", "deleteIssue", "assignIssue", "transitionIssue"]),
    )],
    "The key of an issue, such as PROJ-123",
);
pub(super) const ASSIGNEE_ACCOUNT_ID: Field = rows::text(
    "Assignee Account ID",
    "assigneeAccountId",
    &[When("issueActions", Holds::AnyOf(&["assignIssue", "createIssue", "updateIssue"]))],
    "The account id of who works on it",
);
pub(super) const TRANSITION_ID: Field = rows::text(
    "Transition ID",
    "transitionId",
    &[When("issueActions", Holds::AnyOf(&["transitionIssue"]))],
    "The id of the step to take",
);
pub(super) const JQL_QUERY: Field = rows::text(
    "JQL Query",
    "jqlQuery",
    &[When("issueActions", Holds::AnyOf(&["listIssues"]))],
    "A search in the language of Jira (JQL)",
);
pub(super) const ISSUE_MAX_RESULTS: Field = rows::starting(
    rows::number(
        "Max Results",
        "issueMaxResults",
        &[When("issueActions", Holds::AnyOf(&["listIssues"]))],
        "How many issues are listed at most",
    ),
    Default::Number(50.0),
);
pub(super) const COMMENT_ISSUE_KEY: Field = rows::text(
    "Issue Key (for Comments)",
    "commentIssueKey",
    &[When("commentActions", Holds::AnyOf(&["listComments", "createComment"]))],
    "The key of an issue, such as PROJ-123",
);
pub(super) const COMMENT_TEXT: Field = rows::text(
    "Comment Text",
    "commentText",
    &[When("commentActions", Holds::AnyOf(&["createComment", "updateComment"]))],
    "What the comment says",
);
pub(super) const COMMENT_ID: Field = rows::text(
    "Comment ID",
    "commentId",
    &[When("commentActions", Holds::AnyOf(&["getComment", "updateComment", "deleteComment"]))],
    "The id of a comment",
);
pub(super) const USER_QUERY: Field = rows::text(
    "Search Query",
    "userQuery",
    &[When("userActions", Holds::AnyOf(&["searchUsers"]))],
    "A part of a name or of an address",
);
pub(super) const USER_ACCOUNT_ID: Field = rows::text(
    "Account ID",
    "userAccountId",
    &[When("userActions", Holds::AnyOf(&["getUser", "updateUser", "deleteUser"]))],
    "The account id of a user",
);
pub(super) const USER_EMAIL: Field = rows::text(
    "Email Address",
    "userEmail",
    &[When("userActions", Holds::AnyOf(&["createUser", "updateUser"]))],
    "The address of the user",
);
pub(super) const USER_DISPLAY_NAME: Field = rows::text(
    "Display Name",
    "userDisplayName",
    &[When("userActions", Holds::AnyOf(&["createUser", "updateUser"]))],
    "The name of the user",
);
pub(super) const USER_MAX_RESULTS: Field = rows::starting(
    rows::number(
        "User Max Results",
        "userMaxResults",
        &[When("userActions", Holds::AnyOf(&["searchUsers"]))],
        "How many users are listed at most",
    ),
    Default::Number(50.0),
);
