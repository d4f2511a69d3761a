// Credentials: their page, and the dialog and the field that others open in place.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/credentials.json";
export { CredentialDialog, type CredentialDialogProps } from "./credential-dialog";
export { CredentialField, type CredentialFieldProps } from "./credential-field";
export { CredentialsPage } from "./credentials-page";

addTexts("credentials", texts);
