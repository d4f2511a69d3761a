//! Google Drive, in the name of a user that allowed it
//! (developers.google.com/workspace/drive/api/reference/rest/v3).

mod rows;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, When},
};
use flowstone_providers::{google, service::Content};
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;

use super::actions::{Action, Argument, Connection, Draft, Given, Group, ServiceTools, choices};
use crate::account;

const KIND: Input<String> = Input::options(
    "Type",
    "driveType",
    &[
        Choice::new("file", "File"),
        Choice::new("folder", "Folder"),
        Choice::new("search", "Search"),
        Choice::new("share", "Share"),
    ],
)
.describe("What the model works with");
const FILE_ACTIONS: Input<Vec<String>> =
    Input::multi_options("File Actions", "fileActions", &FILE_CHOICES)
        .describe("What the model may do with files; each is a tool")
        .show_when(&[When("driveType", Holds::AnyOf(&["file"]))]);
const FILE_CHOICES: [Choice; 7] = choices(&FILES);
const FOLDER_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Folder Actions", "folderActions", &FOLDER_CHOICES)
        .describe("What the model may do with folders; each is a tool")
        .show_when(&[When("driveType", Holds::AnyOf(&["folder"]))]);
const FOLDER_CHOICES: [Choice; 3] = choices(&FOLDERS);
const SEARCH_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Search Actions", "searchActions", &SEARCH_CHOICES)
        .describe("What the model may look for; each is a tool")
        .show_when(&[When("driveType", Holds::AnyOf(&["search"]))]);
const SEARCH_CHOICES: [Choice; 1] = choices(&SEARCHES);
const SHARE_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Share Actions", "shareActions", &SHARE_CHOICES)
        .describe("What the model may do with permissions; each is a tool")
        .show_when(&[When("driveType", Holds::AnyOf(&["share"]))]);
const SHARE_CHOICES: [Choice; 3] = choices(&SHARES);

static SPEC: Spec = Spec {
    label: "Google Drive",
    name: "googleDriveTool",
    version: 1.0,
    kind: "GoogleDrive",
    icon: "document-service.svg",
    category: "Tools",
    description: "Lets a model work with files and folders of Google Drive",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["googleDriveOAuth2"])),
    inputs: &[
        KIND.field,
        FILE_ACTIONS.field,
        FOLDER_ACTIONS.field,
        SEARCH_ACTIONS.field,
        SHARE_ACTIONS.field,
        rows::FILE_ID,
        rows::SHARE_FILE_ID,
        rows::FOLDER_ID,
        rows::PERMISSION_ID,
        rows::FILE_NAME,
        rows::FOLDER_FILE_NAME,
        rows::FILE_CONTENT,
        rows::MIME_TYPE,
        rows::PARENT_FOLDER_ID,
        rows::FOLDER_PARENT_FOLDER_ID,
        rows::DESCRIPTION,
        rows::FOLDER_DESCRIPTION,
        rows::SEARCH_QUERY,
        rows::MAX_RESULTS,
        rows::SEARCH_MAX_RESULTS,
        rows::ORDER_BY,
        rows::SEARCH_ORDER_BY,
        rows::SHARE_ROLE,
        rows::SHARE_TYPE,
        rows::EMAIL_ADDRESS,
        rows::DOMAIN_NAME,
        rows::SEND_NOTIFICATION_EMAIL,
        rows::EMAIL_MESSAGE,
        rows::INCLUDE_ITEMS_FROM_ALL_DRIVES,
        rows::SEARCH_INCLUDE_ITEMS_FROM_ALL_DRIVES,
        rows::SUPPORTS_ALL_DRIVES,
        rows::FOLDER_SUPPORTS_ALL_DRIVES,
        rows::SEARCH_SUPPORTS_ALL_DRIVES,
        rows::SHARE_SUPPORTS_ALL_DRIVES,
        rows::FIELDS,
        rows::ACKNOWLEDGE_ABUSE,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "file", row: &FILE_ACTIONS, actions: &FILES },
    Group { kind: "folder", row: &FOLDER_ACTIONS, actions: &FOLDERS },
    Group { kind: "search", row: &SEARCH_ACTIONS, actions: &SEARCHES },
    Group { kind: "share", row: &SHARE_ACTIONS, actions: &SHARES },
];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, Some(&KIND), GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    let address = ("https://www.googleapis.com", "/drive/v3/");
    let kind = "googleDriveOAuth2";
    async move { Connection::of_account("Google Drive", address, kind, inputs, account::GOOGLE) }
        .boxed()
}

const FILE: Argument = Argument::text("fileId", "The id of the file").required();
const FOLDER: Argument =
    Argument::text("folderId", "The id of the folder").required().row(&rows::FOLDER_ID);
const MOST: Argument = Argument::whole("pageSize", "How many are listed at most, up to 1000");
const PAGE: Argument =
    Argument::text("pageToken", "The nextPageToken of the list before, for what comes after it");
const ORDER: Argument =
    Argument::text("orderBy", "In which order, such as name, or modifiedTime desc");
const FIELDS: Argument =
    Argument::text("fields", "Which fields are given, such as files(id, name); * gives all")
        .row(&rows::FIELDS);
const EVERYWHERE: Argument =
    Argument::flag("includeItemsFromAllDrives", "Lists files of shared drives too");
const SHARED: Argument =
    Argument::flag("supportsAllDrives", "Works on shared drives too").in_query();
const ABUSE: Argument =
    Argument::flag("acknowledgeAbuse", "Downloads even what Drive takes for harmful")
        .row(&rows::ACKNOWLEDGE_ABUSE);
const NAME: Argument = Argument::text("name", "What it is called");
const ABOUT: Argument = Argument::text("description", "What is said about it");
const PARENTS: Argument =
    Argument::text("parents", "Ids of the folders it is in, with commas between them").aside();

const FILES: [Action; 7] = [
    Action {
        choice: "listFiles",
        label: "List Files",
        description: "Lists files and folders",
        arguments: &[
            MOST.row(&rows::MAX_RESULTS),
            PAGE,
            ORDER.row(&rows::ORDER_BY),
            Argument::text("query", "A search such as name contains 'report'").sent_as("q"),
            Argument::text("spaces", "Where: drive or appDataFolder"),
            FIELDS,
            EVERYWHERE.row(&rows::INCLUDE_ITEMS_FROM_ALL_DRIVES),
            SHARED.row(&rows::SUPPORTS_ALL_DRIVES),
        ],
        ..Action::get("files")
    },
    Action {
        choice: "getFile",
        label: "Get File",
        description: "Reads what a file is called, its type and more, without what is in it",
        arguments: &[
            FILE.row(&rows::FILE_ID),
            FIELDS,
            SHARED.row(&rows::SUPPORTS_ALL_DRIVES),
            ABUSE,
        ],
        ..Action::get("files/{fileId}")
    },
    Action {
        choice: "createFile",
        label: "Create File",
        description: "Makes a file, with a text in it where one is said",
        arguments: &[
            NAME.required().row(&rows::FILE_NAME),
            PARENTS.row(&rows::PARENT_FOLDER_ID),
            Argument::text("mimeType", "The type of the file, such as text/plain")
                .row(&rows::MIME_TYPE),
            ABOUT.row(&rows::DESCRIPTION),
            Argument::text("content", "The text in the file").row(&rows::FILE_CONTENT).aside(),
            SHARED.row(&rows::SUPPORTS_ALL_DRIVES),
        ],
        made: Some(with_content),
        ..Action::post("files")
    },
    Action {
        choice: "updateFile",
        label: "Update File",
        description: "Changes what a file is called, where it is and more; what is in it stays",
        arguments: &[
            FILE.row(&rows::FILE_ID),
            NAME,
            ABOUT.row(&rows::DESCRIPTION),
            Argument::flag("starred", "Whether it has a star"),
            Argument::flag("trashed", "Whether it is in the bin"),
            Argument::text("parents", "Ids of folders to put it into, with commas between them")
                .sent_as("addParents")
                .in_query(),
            SHARED.row(&rows::SUPPORTS_ALL_DRIVES),
        ],
        ..Action::patch("files/{fileId}")
    },
    Action {
        choice: "deleteFile",
        label: "Delete File",
        description: "Deletes a file for good",
        arguments: &[FILE.row(&rows::FILE_ID), SHARED.row(&rows::SUPPORTS_ALL_DRIVES)],
        ..Action::delete("files/{fileId}")
    },
    Action {
        choice: "copyFile",
        label: "Copy File",
        description: "Copies a file",
        arguments: &[
            FILE.row(&rows::FILE_ID),
            NAME.required().row(&rows::FILE_NAME),
            PARENTS.row(&rows::PARENT_FOLDER_ID),
            SHARED.row(&rows::SUPPORTS_ALL_DRIVES),
        ],
        made: Some(in_folders),
        ..Action::post("files/{fileId}/copy")
    },
    Action {
        choice: "downloadFile",
        label: "Download File",
        description: "Reads what is in a file of text. Documents of Google itself cannot be read so",
        arguments: &[FILE.row(&rows::FILE_ID), ABUSE, SHARED.row(&rows::SUPPORTS_ALL_DRIVES)],
        ..Action::get("files/{fileId}?alt=media")
    },
];

const FOLDERS: [Action; 3] = [
    Action {
        choice: "createFolder",
        label: "Create Folder",
        description: "Makes a folder",
        arguments: &[
            NAME.required().row(&rows::FOLDER_FILE_NAME),
            PARENTS.row(&rows::FOLDER_PARENT_FOLDER_ID),
            ABOUT.row(&rows::FOLDER_DESCRIPTION),
            SHARED.row(&rows::FOLDER_SUPPORTS_ALL_DRIVES),
        ],
        made: Some(new_folder),
        ..Action::post("files")
    },
    Action {
        choice: "listFolderContents",
        label: "List Folder Contents",
        description: "Lists what is in a folder",
        arguments: &[
            FOLDER.aside(),
            MOST,
            ORDER,
            EVERYWHERE,
            SHARED.row(&rows::FOLDER_SUPPORTS_ALL_DRIVES),
        ],
        made: Some(of_folder),
        ..Action::get("files")
    },
    Action {
        choice: "deleteFolder",
        label: "Delete Folder",
        description: "Deletes a folder with all that is in it",
        arguments: &[FOLDER, SHARED.row(&rows::FOLDER_SUPPORTS_ALL_DRIVES)],
        ..Action::delete("files/{folderId}")
    },
];

const SEARCHES: [Action; 1] = [Action {
    choice: "searchFiles",
    label: "Search Files",
    description: "Looks for files and folders",
    arguments: &[
        Argument::text("query", "A search in Drive's language, such as name contains 'report'")
            .required()
            .row(&rows::SEARCH_QUERY)
            .sent_as("q"),
        MOST.row(&rows::SEARCH_MAX_RESULTS),
        ORDER.row(&rows::SEARCH_ORDER_BY),
        EVERYWHERE.row(&rows::SEARCH_INCLUDE_ITEMS_FROM_ALL_DRIVES),
        SHARED.row(&rows::SEARCH_SUPPORTS_ALL_DRIVES),
    ],
    ..Action::get("files")
}];

const SHARES: [Action; 3] = [
    Action {
        choice: "shareFile",
        label: "Share File",
        description: "Lets others use a file or a folder",
        arguments: &[
            FILE.row(&rows::SHARE_FILE_ID),
            Argument::one_of(
                "role",
                "What may be done with it",
                &["reader", "writer", "commenter", "owner"],
            )
            .required()
            .row(&rows::SHARE_ROLE),
            Argument::one_of(
                "type",
                "Who it is shared with",
                &["user", "group", "domain", "anyone"],
            )
            .required()
            .row(&rows::SHARE_TYPE),
            Argument::text("emailAddress", "The address of the user or group")
                .row(&rows::EMAIL_ADDRESS),
            Argument::text("domain", "The domain that it is shared with").row(&rows::DOMAIN_NAME),
            Argument::flag("allowFileDiscovery", "A search finds it"),
            Argument::flag("sendNotificationEmail", "Tells the user or group by mail")
                .row(&rows::SEND_NOTIFICATION_EMAIL)
                .in_query(),
            Argument::text("emailMessage", "What that mail says")
                .row(&rows::EMAIL_MESSAGE)
                .in_query(),
            SHARED.row(&rows::SHARE_SUPPORTS_ALL_DRIVES),
        ],
        made: Some(handed_over),
        ..Action::post("files/{fileId}/permissions")
    },
    Action {
        choice: "getPermissions",
        label: "Get Permissions",
        description: "Lists who may use a file or a folder",
        arguments: &[FILE.row(&rows::SHARE_FILE_ID), SHARED.row(&rows::SHARE_SUPPORTS_ALL_DRIVES)],
        ..Action::get("files/{fileId}/permissions")
    },
    Action {
        choice: "removePermission",
        label: "Remove Permission",
        description: "Takes a permission away",
        arguments: &[
            FILE.row(&rows::SHARE_FILE_ID),
            Argument::text("permissionId", "The id of the permission")
                .required()
                .row(&rows::PERMISSION_ID),
            SHARED.row(&rows::SHARE_SUPPORTS_ALL_DRIVES),
        ],
        ..Action::delete("files/{fileId}/permissions/{permissionId}")
    },
];

fn in_folders(given: &Given, draft: &mut Draft) {
    let parents: Vec<Value> = given.list("parents").into_iter().map(Value::from).collect();
    if !parents.is_empty() {
        draft.put("parents", parents);
    }
}

fn new_folder(given: &Given, draft: &mut Draft) {
    draft.put("mimeType", google::FOLDER);
    in_folders(given, draft);
}

/// What is in a file goes to another address than what is said of it alone.
fn with_content(given: &Given, draft: &mut Draft) {
    in_folders(given, draft);
    let Some(text) = given.text("content") else { return };
    let Content::Json(about) = std::mem::replace(&mut draft.content, Content::Empty) else {
        return;
    };
    "/upload/drive/v3/files".clone_into(&mut draft.path);
    draft.ask("uploadType", "multipart");
    draft.content = Content::File {
        about,
        media_type: given.text("mimeType").unwrap_or("text/plain").to_owned(),
        text: text.to_owned(),
    };
}

fn of_folder(given: &Given, draft: &mut Draft) {
    let folder = google::quoted(given.text("folderId").unwrap_or_default());
    draft.ask("q", format!("{folder} in parents and trashed = false"));
}

/// Drive gives an owner's place away only where that is said twice.
fn handed_over(given: &Given, draft: &mut Draft) {
    if given.text("role") == Some("owner") {
        draft.ask("transferOwnership", true);
    }
}
