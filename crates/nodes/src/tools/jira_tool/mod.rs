//! Jira's cloud (developer.atlassian.com/cloud/jira/platform/rest/v3).

mod rows;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, When},
};
use futures::FutureExt;
use serde_json::{Value, json};

use super::actions::{
    Action, Argument, Connection, Draft, Given, Group, ServiceTools, SignIn, choices,
};
use crate::files;

const HOST: Input<String> = Input::text("Host", "jiraHost")
    .describe("Where Jira is")
    .placeholder("https://example.atlassian.net");
const OWN_AUTHORITY: Input<bool> = Input::flag("Enable SSL Certificate", "enableSSL")
    .default(false)
    .describe("For a Jira whose certificate no public authority signed")
    .may_be_empty();
const AUTHORITY: Input<Option<String>> = Input::file("SSL Certificate", "caFile", ".pem, .crt")
    .describe("The certificate of the authority that signed it, in PEM")
    .show_when(&[When("enableSSL", Holds::Flag(true))])
    .optional();
const KIND: Input<String> = Input::options(
    "Type",
    "jiraType",
    &[
        Choice::new("issues", "Issues"),
        Choice::new("comments", "Issue Comments"),
        Choice::new("users", "Users"),
    ],
)
.describe("What the model works with");
const ISSUE_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Issue Actions", "issueActions", &ISSUE_CHOICES)
        .describe("What the model may do with issues; each is a tool")
        .show_when(&[When("jiraType", Holds::AnyOf(&["issues"]))]);
const ISSUE_CHOICES: [Choice; 7] = choices(&ISSUES);
const COMMENT_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Comment Actions", "commentActions", &COMMENT_CHOICES)
        .describe("What the model may do with comments; each is a tool")
        .show_when(&[When("jiraType", Holds::AnyOf(&["comments"]))]);
const COMMENT_CHOICES: [Choice; 5] = choices(&COMMENTS);
const USER_ACTIONS: Input<Vec<String>> =
    Input::multi_options("User Actions", "userActions", &USER_CHOICES)
        .describe("What the model may do with users; each is a tool")
        .show_when(&[When("jiraType", Holds::AnyOf(&["users"]))]);
const USER_CHOICES: [Choice; 5] = choices(&USERS);

static SPEC: Spec = Spec {
    label: "Jira",
    name: "jiraTool",
    version: 2.0,
    kind: "Jira",
    icon: "document-service.svg",
    category: "Tools",
    description: "Lets a model work with issues, comments and users of Jira",
    base_classes: &["Jira", "Tool"],
    credential: Some(CredentialSlot::required(&["jiraApi", "jiraApiBearerToken"])),
    inputs: &[
        HOST.field,
        OWN_AUTHORITY.field,
        AUTHORITY.field,
        KIND.field,
        ISSUE_ACTIONS.field,
        COMMENT_ACTIONS.field,
        USER_ACTIONS.field,
        rows::PROJECT_KEY,
        rows::ISSUE_TYPE,
        rows::ISSUE_SUMMARY,
        rows::ISSUE_DESCRIPTION,
        rows::ISSUE_PRIORITY,
        rows::ISSUE_KEY,
        rows::ASSIGNEE_ACCOUNT_ID,
        rows::TRANSITION_ID,
        rows::JQL_QUERY,
        rows::ISSUE_MAX_RESULTS,
        rows::COMMENT_ISSUE_KEY,
        rows::COMMENT_TEXT,
        rows::COMMENT_ID,
        rows::USER_QUERY,
        rows::USER_ACCOUNT_ID,
        rows::USER_EMAIL,
        rows::USER_DISPLAY_NAME,
        rows::USER_MAX_RESULTS,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "issues", row: &ISSUE_ACTIONS, actions: &ISSUES },
    Group { kind: "comments", row: &COMMENT_ACTIONS, actions: &COMMENTS },
    Group { kind: "users", row: &USER_ACTIONS, actions: &USERS },
];

/// The node.
pub(crate) static NODE: ServiceTools =
    ServiceTools::new(&SPEC, Some(&KIND), GROUPS, |it| connect(it).boxed());

async fn connect(inputs: &Inputs) -> Result<Connection> {
    let host = inputs.get(&HOST)?;
    let host = host.trim().trim_end_matches('/');
    if host.is_empty() {
        return Err(Error::missing(&HOST.field));
    }
    let credential = inputs.credential()?;
    let (kind, sign_in) = match credential.get("bearerToken") {
        Some(token) => ("jiraApiBearerToken", SignIn::Bearer(token.to_owned())),
        None => {
            let user = credential.require("username", "User Name")?.to_owned();
            let password = credential.require("accessToken", "Access Token")?.to_owned();
            ("jiraApi", SignIn::Basic { user, password })
        }
    };
    let mut connection = Connection::new("Jira", (host, "/rest/api/3/"), kind, sign_in);
    if inputs.get(&OWN_AUTHORITY)? {
        connection.client = Some(files::trusting(&AUTHORITY.field, inputs).await?);
    }
    Ok(connection)
}

const PROJECT: Argument =
    Argument::text("projectKey", "What the keys of the project's issues begin with")
        .row(&rows::PROJECT_KEY);
const ISSUE: Argument =
    Argument::text("issueKey", "The key of the issue, such as PROJ-123").required();
const TITLE: Argument = Argument::text("summary", "The title of the issue")
    .row(&rows::ISSUE_SUMMARY)
    .sent_as("fields/summary");
const DESCRIPTION: Argument =
    Argument::text("description", "What the issue says").row(&rows::ISSUE_DESCRIPTION).aside();
const PRIORITY: Argument = Argument::text("priority", "The priority, such as High")
    .row(&rows::ISSUE_PRIORITY)
    .sent_as("fields/priority/name");
const ASSIGNEE: Argument = Argument::text("assigneeAccountId", "The account id of who works on it")
    .row(&rows::ASSIGNEE_ACCOUNT_ID)
    .sent_as("fields/assignee/accountId");
const FROM: Argument = Argument::whole("startAt", "How many of the first ones are left out");

const ISSUES: [Action; 7] = [
    Action {
        choice: "listIssues",
        label: "List Issues",
        description: "Lists the issues of a project, or those that a search in JQL finds",
        arguments: &[
            PROJECT.aside(),
            Argument::text("jql", "A search in JQL, such as assignee = currentUser()")
                .row(&rows::JQL_QUERY)
                .aside(),
            Argument::whole("maxResults", "How many are listed at most")
                .row(&rows::ISSUE_MAX_RESULTS),
            Argument::text(
                "nextPageToken",
                "The nextPageToken of the list before, for what comes after it",
            ),
        ],
        made: Some(search),
        ..Action::get("search/jql?fields=*navigable")
    },
    Action {
        choice: "createIssue",
        label: "Create Issue",
        description: "Makes an issue",
        arguments: &[
            PROJECT.required().sent_as("fields/project/key"),
            Argument::text("issueType", "The type of the issue, such as Task or Bug")
                .required()
                .row(&rows::ISSUE_TYPE)
                .sent_as("fields/issuetype/name"),
            TITLE.required(),
            DESCRIPTION,
            PRIORITY,
            ASSIGNEE,
            Argument::texts("labels", "Labels of the issue").sent_as("fields/labels"),
        ],
        made: Some(described),
        ..Action::post("issue")
    },
    Action {
        choice: "getIssue",
        label: "Get Issue",
        description: "Reads an issue",
        arguments: &[ISSUE.row(&rows::ISSUE_KEY)],
        ..Action::get("issue/{issueKey}")
    },
    Action {
        choice: "updateIssue",
        label: "Update Issue",
        description: "Changes an issue; what is not said stays as it is",
        arguments: &[ISSUE.row(&rows::ISSUE_KEY), TITLE, DESCRIPTION, PRIORITY, ASSIGNEE],
        made: Some(described),
        ..Action::put("issue/{issueKey}")
    },
    Action {
        choice: "deleteIssue",
        label: "Delete Issue",
        description: "Deletes an issue for good",
        arguments: &[ISSUE.row(&rows::ISSUE_KEY)],
        ..Action::delete("issue/{issueKey}")
    },
    Action {
        choice: "assignIssue",
        label: "Assign Issue",
        description: "Gives an issue to a user",
        arguments: &[ISSUE.row(&rows::ISSUE_KEY), ASSIGNEE.required().sent_as("accountId")],
        ..Action::put("issue/{issueKey}/assignee")
    },
    Action {
        choice: "transitionIssue",
        label: "Transition Issue",
        description: "Takes an issue a step further, such as from open to done",
        arguments: &[
            ISSUE.row(&rows::ISSUE_KEY),
            Argument::text("transitionId", "The id of the step")
                .required()
                .row(&rows::TRANSITION_ID)
                .sent_as("transition/id"),
        ],
        ..Action::post("issue/{issueKey}/transitions")
    },
];

const COMMENT: Argument =
    Argument::text("commentId", "The id of the comment").required().row(&rows::COMMENT_ID);
const TEXT: Argument =
    Argument::text("text", "What the comment says").required().row(&rows::COMMENT_TEXT).aside();

const COMMENTS: [Action; 5] = [
    Action {
        choice: "listComments",
        label: "List Comments",
        description: "Lists the comments of an issue",
        arguments: &[
            ISSUE.row(&rows::COMMENT_ISSUE_KEY),
            Argument::whole("maxResults", "How many are listed at most"),
            FROM,
        ],
        ..Action::get("issue/{issueKey}/comment")
    },
    Action {
        choice: "createComment",
        label: "Create Comment",
        description: "Puts a comment under an issue",
        arguments: &[ISSUE.row(&rows::COMMENT_ISSUE_KEY), TEXT],
        made: Some(comment),
        ..Action::post("issue/{issueKey}/comment")
    },
    Action {
        choice: "getComment",
        label: "Get Comment",
        description: "Reads a comment",
        arguments: &[ISSUE, COMMENT],
        ..Action::get("issue/{issueKey}/comment/{commentId}")
    },
    Action {
        choice: "updateComment",
        label: "Update Comment",
        description: "Puts another text into the place of a comment",
        arguments: &[ISSUE, COMMENT, TEXT],
        made: Some(comment),
        ..Action::put("issue/{issueKey}/comment/{commentId}")
    },
    Action {
        choice: "deleteComment",
        label: "Delete Comment",
        description: "Deletes a comment",
        arguments: &[ISSUE, COMMENT],
        ..Action::delete("issue/{issueKey}/comment/{commentId}")
    },
];

const ACCOUNT: Argument = Argument::text("accountId", "The account id of the user")
    .required()
    .row(&rows::USER_ACCOUNT_ID)
    .in_query();
const MAIL: Argument =
    Argument::text("emailAddress", "The address of the user").row(&rows::USER_EMAIL);
const NAME: Argument =
    Argument::text("displayName", "The name of the user").row(&rows::USER_DISPLAY_NAME);

const USERS: [Action; 5] = [
    Action {
        choice: "searchUsers",
        label: "Search Users",
        description: "Looks for users by a part of their name or address",
        arguments: &[
            Argument::text("query", "A part of a name or of an address")
                .required()
                .row(&rows::USER_QUERY),
            Argument::whole("maxResults", "How many are listed at most")
                .row(&rows::USER_MAX_RESULTS),
            FROM,
        ],
        ..Action::get("user/search")
    },
    Action {
        choice: "getUser",
        label: "Get User",
        description: "Reads who a user is",
        arguments: &[ACCOUNT],
        ..Action::get("user")
    },
    Action {
        choice: "createUser",
        label: "Create User",
        description: "Invites a user",
        arguments: &[
            MAIL.required(),
            NAME.required(),
            Argument::text("username", "What older versions call the user").sent_as("name"),
        ],
        made: Some(new_user),
        ..Action::post("user")
    },
    Action {
        choice: "updateUser",
        label: "Update User",
        description: "Changes the name or the address of a user, where Jira lets that be done",
        arguments: &[ACCOUNT, MAIL, NAME],
        ..Action::put("user")
    },
    Action {
        choice: "deleteUser",
        label: "Delete User",
        description: "Takes a user out of Jira",
        arguments: &[ACCOUNT],
        ..Action::delete("user")
    },
];

/// Jira's cloud asks that a search is bounded, so without any the whole is asked for outright.
fn search(given: &Given, draft: &mut Draft) {
    let project = given.text("projectKey").map(|key| {
        let quoted = key.replace('\\', "\\\\").replace('"', "\\\"");
        format!("project = \"{quoted}\"")
    });
    let jql = match (project, given.text("jql")) {
        (Some(project), Some(jql)) => {
            // What orders the issues must stay behind all that chooses them.
            let at = jql.to_ascii_lowercase().find("order by").unwrap_or(jql.len());
            let (chosen, order) = (jql[..at].trim(), jql[at..].trim());
            let both =
                if chosen.is_empty() { project } else { format!("{project} AND ({chosen})") };
            format!("{both} {order}").trim().to_owned()
        }
        (Some(project), None) => format!("{project} ORDER BY updated DESC"),
        (None, Some(jql)) => jql.to_owned(),
        (None, None) => "project IS NOT EMPTY ORDER BY updated DESC".to_owned(),
    };
    draft.ask("jql", jql);
}

fn described(given: &Given, draft: &mut Draft) {
    if let Some(text) = given.text("description") {
        draft.put("fields/description", document(text));
    }
}

fn comment(given: &Given, draft: &mut Draft) {
    draft.put("body", document(given.text("text").unwrap_or_default()));
}

/// Jira refuses users that are said to use nothing; so they may use Jira itself.
fn new_user(_: &Given, draft: &mut Draft) {
    draft.put("products", json!(["jira-software"]));
}

/// Text as Atlassian's documents hold it: a paragraph a line, for empty lines none.
fn document(text: &str) -> Value {
    let lines = text.lines().filter(|it| !it.trim().is_empty());
    let paragraph =
        |line: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": line}]});
    json!({"type": "doc", "version": 1, "content": lines.map(paragraph).collect::<Vec<_>>()})
}
