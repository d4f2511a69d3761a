//! What a form of Google Drive holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Choice, Default, Holds, When},
};

use crate::tools::actions::rows;

const ORDER_BY_CHOICES: &[Choice] = &[
    Choice::new("name", "Name"),
    Choice::new("createdTime", "Created Time"),
    Choice::new("modifiedTime", "Modified Time"),
    Choice::new("quotaBytesUsed", "Size"),
    Choice::new("folder", "Folder"),
];
const SHARE_ROLE_CHOICES: &[Choice] = &[
    Choice::new("reader", "Reader"),
    Choice::new("writer", "Writer"),
    Choice::new("commenter", "Commenter"),
    Choice::new("owner", "Owner"),
];
const SHARE_TYPE_CHOICES: &[Choice] = &[
    Choice::new("user", "User"),
    Choice::new("group", "Group"),
    Choice::new("domain", "Domain"),
    Choice::new("anyone", "Anyone"),
];

pub(super) const FILE_ID: Field = rows::text(
    "File ID",
    "fileId",
    &[When(
        "fileActions",
        Holds::AnyOf(&["getFile", "updateFile", "deleteFile", "copyFile", "downloadFile"]),
    )],
    "The id in the address of the file, behind /d/",
);
pub(super) const SHARE_FILE_ID: Field = rows::text(
    "File ID",
    "fileId",
    &[When("shareActions", Holds::AnyOf(&["shareFile", "getPermissions", "removePermission"]))],
    "The id in the address of the file, behind /d/",
);
pub(super) const FOLDER_ID: Field = rows::text(
    "Folder ID",
    "folderId",
    &[When("folderActions", Holds::AnyOf(&["listFolderContents", "deleteFolder"]))],
    "The id in the address of the folder, behind /folders/",
);
pub(super) const PERMISSION_ID: Field = rows::text(
    "Permission ID",
    "permissionId",
    &[When("shareActions", Holds::AnyOf(&["removePermission"]))],
    "The id of a permission",
);
pub(super) const FILE_NAME: Field = rows::text(
    "File Name",
    "fileName",
    &[When("fileActions", Holds::AnyOf(&["createFile", "copyFile"]))],
    "What the file is called",
);
pub(super) const FOLDER_FILE_NAME: Field = rows::text(
    "Folder Name",
    "fileName",
    &[When("folderActions", Holds::AnyOf(&["createFolder"]))],
    "What the folder is called",
);
pub(super) const FILE_CONTENT: Field = rows::text(
    "File Content",
    "fileContent",
    &[When("fileActions", Holds::AnyOf(&["createFile"]))],
    "The text in the file",
);
pub(super) const MIME_TYPE: Field = rows::text(
    "MIME Type",
    "mimeType",
    &[When("fileActions", Holds::AnyOf(&["createFile"]))],
    "The type of the file, such as text/plain",
);
pub(super) const PARENT_FOLDER_ID: Field = rows::text(
    "Parent Folder ID",
    "parentFolderId",
    &[When("fileActions", Holds::AnyOf(&["createFile", "copyFile"]))],
    "Ids of the folders it is in, with commas between them; My Drive where it is empty",
);
pub(super) const FOLDER_PARENT_FOLDER_ID: Field = rows::text(
    "Parent Folder ID",
    "parentFolderId",
    &[When("folderActions", Holds::AnyOf(&["createFolder"]))],
    "Ids of the folders it is in, with commas between them; My Drive where it is empty",
);
pub(super) const DESCRIPTION: Field = rows::text(
    "File Description",
    "description",
    &[When("fileActions", Holds::AnyOf(&["createFile", "updateFile"]))],
    "What is said about the file",
);
pub(super) const FOLDER_DESCRIPTION: Field = rows::text(
    "Folder Description",
    "description",
    &[When("folderActions", Holds::AnyOf(&["createFolder"]))],
    "What is said about the folder",
);
pub(super) const SEARCH_QUERY: Field = rows::text(
    "Search Query",
    "searchQuery",
    &[When("searchActions", Holds::AnyOf(&["searchFiles"]))],
    "A search in the language of Drive, such as name contains 'report'",
);
pub(super) const MAX_RESULTS: Field = rows::starting(
    rows::number(
        "Max Results",
        "maxResults",
        &[When("fileActions", Holds::AnyOf(&["listFiles"]))],
        "How many are listed at most",
    ),
    Default::Number(10.0),
);
pub(super) const SEARCH_MAX_RESULTS: Field = rows::starting(
    rows::number(
        "Max Results",
        "maxResults",
        &[When("searchActions", Holds::AnyOf(&["searchFiles"]))],
        "How many are listed at most",
    ),
    Default::Number(10.0),
);
pub(super) const ORDER_BY: Field = rows::choice(
    "Order By",
    "orderBy",
    ORDER_BY_CHOICES,
    &[When("fileActions", Holds::AnyOf(&["listFiles"]))],
    "In which order they are listed",
);
pub(super) const SEARCH_ORDER_BY: Field = rows::choice(
    "Order By",
    "orderBy",
    ORDER_BY_CHOICES,
    &[When("searchActions", Holds::AnyOf(&["searchFiles"]))],
    "In which order they are listed",
);
pub(super) const SHARE_ROLE: Field = rows::choice(
    "Share Role",
    "shareRole",
    SHARE_ROLE_CHOICES,
    &[When("shareActions", Holds::AnyOf(&["shareFile"]))],
    "What may be done with it",
);
pub(super) const SHARE_TYPE: Field = rows::choice(
    "Share Type",
    "shareType",
    SHARE_TYPE_CHOICES,
    &[When("shareActions", Holds::AnyOf(&["shareFile"]))],
    "Who it is shared with",
);
pub(super) const EMAIL_ADDRESS: Field = rows::text(
    "Email Address",
    "emailAddress",
    &[When("shareActions", Holds::AnyOf(&["shareFile"]))],
    "The address of the user or group",
);
pub(super) const DOMAIN_NAME: Field = rows::text(
    "Domain Name",
    "domainName",
    &[When("shareActions", Holds::AnyOf(&["shareFile"]))],
    "The domain that it is shared with",
);
pub(super) const SEND_NOTIFICATION_EMAIL: Field = rows::starting(
    rows::flag(
        "Send Notification Email",
        "sendNotificationEmail",
        &[When("shareActions", Holds::AnyOf(&["shareFile"]))],
        "Tells the user or group by mail",
    ),
    Default::Flag(true),
);
pub(super) const EMAIL_MESSAGE: Field = rows::text(
    "Email Message",
    "emailMessage",
    &[When("shareActions", Holds::AnyOf(&["shareFile"]))],
    "What that mail says",
);
pub(super) const INCLUDE_ITEMS_FROM_ALL_DRIVES: Field = rows::flag(
    "Include Items From All Drives",
    "includeItemsFromAllDrives",
    &[When("fileActions", Holds::AnyOf(&["listFiles"]))],
    "Lists files of shared drives too",
);
pub(super) const SEARCH_INCLUDE_ITEMS_FROM_ALL_DRIVES: Field = rows::flag(
    "Include Items From All Drives",
    "includeItemsFromAllDrives",
    &[When("searchActions", Holds::AnyOf(&["searchFiles"]))],
    "Lists files of shared drives too",
);
pub(super) const SUPPORTS_ALL_DRIVES: Field = rows::flag(
    "Supports All Drives",
    "supportsAllDrives",
    &[When(
        "fileActions",
        Holds::AnyOf(&[
            "listFiles",
            "getFile",
            "createFile",
            "updateFile",
            "deleteFile",
            "copyFile",
            "downloadFile",
        ]),
    )],
    "Works on shared drives too",
);
pub(super) const FOLDER_SUPPORTS_ALL_DRIVES: Field = rows::flag(
    "Supports All Drives",
    "supportsAllDrives",
    &[When("folderActions", Holds::AnyOf(&["createFolder", "listFolderContents", "deleteFolder"]))],
    "Works on shared drives too",
);
pub(super) const SEARCH_SUPPORTS_ALL_DRIVES: Field = rows::flag(
    "Supports All Drives",
    "supportsAllDrives",
    &[When("searchActions", Holds::AnyOf(&["searchFiles"]))],
    "Works on shared drives too",
);
pub(super) const SHARE_SUPPORTS_ALL_DRIVES: Field = rows::flag(
    "Supports All Drives",
    "supportsAllDrives",
    &[When("shareActions", Holds::AnyOf(&["shareFile", "getPermissions", "removePermission"]))],
    "Works on shared drives too",
);
pub(super) const FIELDS: Field = rows::text(
    "Fields",
    "fields",
    &[When("fileActions", Holds::AnyOf(&["listFiles", "getFile"]))],
    "Which fields are given, such as files(id, name); * gives all",
);
pub(super) const ACKNOWLEDGE_ABUSE: Field = rows::flag(
    "Acknowledge Abuse",
    "acknowledgeAbuse",
    &[When("fileActions", Holds::AnyOf(&["getFile", "downloadFile"]))],
    "Downloads even what Drive takes for harmful",
);
