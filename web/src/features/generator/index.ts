// An agentflow out of a description.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/generator.json";
export { GeneratorDialog } from "./generator-dialog";
export { NewFromDescription } from "./new-from-description";

addTexts("generator", texts);
