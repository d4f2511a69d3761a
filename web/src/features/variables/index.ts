// Variables: values that flows read by name.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/variables.json";
export { VariablesPage } from "./variables-page";

addTexts("variables", texts);
