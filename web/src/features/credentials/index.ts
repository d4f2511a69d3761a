// Credentials: their page, and the dialog and the field that others open in place.
export { CredentialDialog, type CredentialDialogProps } from "./credential-dialog";
export { CredentialField, type CredentialFieldProps } from "./credential-field";
export { CredentialsPage } from "./credentials-page";
