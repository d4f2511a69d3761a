//! What the tools for files share: a folder of the workspace that nothing leads out of.

use flowstone_core::{Error, FilePlace, Input, Inputs, Result, Run};

/// Programs and scripts that a person might run by a click.
const NEVER_WRITTEN: [&str; 13] = [
    ".bat", ".cmd", ".com", ".dll", ".exe", ".jar", ".msi", ".pif", ".ps1", ".scr", ".sh", ".sys",
    ".vbs",
];

pub(super) const PATH: Input<Option<String>> = Input::text("Workspace Path", "workspacePath")
    .describe(
        "Kept for flows of older installations. Files always lie in the folder of this workspace, \
         whatever stands here",
    )
    .optional();
pub(super) const BOUNDED: Input<bool> =
    Input::flag("Enforce Workspace Boundaries", "enforceWorkspaceBoundaries")
        .default(true)
        .describe("Files outside of the workspace's folder are out of reach; this stays on")
        .may_be_empty();
pub(super) const MAX_SIZE: Input<Option<f64>> = Input::number("Max File Size (MB)", "maxFileSize")
    .default(10.0)
    .describe("Largest file in megabytes; 10 where it is empty")
    .optional();
pub(super) const EXTENSIONS: Input<Option<String>> =
    Input::text("Allowed Extensions", "allowedExtensions")
        .describe("Endings of file names that are allowed, with commas. Empty for all")
        .placeholder(".txt, .md, .json")
        .optional();

/// Which files a tool may touch.
pub(super) struct Allowed {
    most_bytes: usize,
    extensions: Vec<String>,
}

impl Allowed {
    /// As the form says.
    ///
    /// # Errors
    /// Where it asks for files outside of the workspace.
    pub(super) fn read(inputs: &Inputs) -> Result<Self> {
        if !inputs.get(&BOUNDED)? {
            return Err(Error::invalid(
                &BOUNDED.field,
                "files outside of the workspace's folder are out of reach here: switch it on",
            ));
        }
        let megabytes = inputs.get(&MAX_SIZE)?.unwrap_or(10.0);
        if megabytes <= 0.0 {
            return Err(Error::invalid(&MAX_SIZE.field, "a number above zero is expected"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float stops at the largest number there is"
        )]
        let most_bytes = (megabytes * 1024.0 * 1024.0) as usize;
        let extensions = inputs.get(&EXTENSIONS)?.unwrap_or_default();
        let extensions = extensions.split(',').map(|it| it.trim().to_lowercase());
        let extensions =
            extensions.filter(|it| !it.is_empty()).map(|it| match it.strip_prefix('.') {
                Some(_) => it,
                None => format!(".{it}"),
            });
        Ok(Self { most_bytes, extensions: extensions.collect() })
    }

    /// Refuses a name that leads elsewhere or has a wrong ending. The port refuses such names too;
    /// here the model is told what would be right.
    pub(super) fn name(&self, name: &str) -> Result<()> {
        let lower = name.to_lowercase();
        let encoded = ["%2e", "%2f", "%5c", "%00", "%25"].iter().any(|it| lower.contains(it));
        if encoded || name.starts_with('.') || name.contains(['/', '\\', '\0', ':']) {
            return Err(Error::ModelAnswer(format!(
                "\"{name}\" is no file name: give one name without folders, such as notes.txt"
            )));
        }
        if self.extensions.is_empty() || self.extensions.iter().any(|it| lower.ends_with(it)) {
            return Ok(());
        }
        let listed = self.extensions.join(", ");
        Err(Error::ModelAnswer(format!("the name must end in one of these: {listed}")))
    }

    /// The same for a file that is to be written.
    pub(super) fn new_name(&self, name: &str) -> Result<()> {
        self.name(name)?;
        let lower = name.to_lowercase();
        match NEVER_WRITTEN.iter().find(|it| lower.ends_with(**it)) {
            Some(ending) => Err(Error::ModelAnswer(format!("no files in {ending} are written"))),
            None => Ok(()),
        }
    }

    /// Refuses a file that is too large.
    pub(super) fn size(&self, name: &str, bytes: usize) -> Result<()> {
        if bytes <= self.most_bytes {
            return Ok(());
        }
        let most = self.most_bytes;
        Err(Error::ModelAnswer(format!(
            "\"{name}\" is too large: at most {most} bytes are allowed"
        )))
    }
}

/// The folder of a run's workspace.
pub(super) fn folder(run: &Run) -> FilePlace<'_> {
    FilePlace::Workspace { workspace: &run.workspace }
}
