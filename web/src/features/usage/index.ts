// Which flows use a thing, and deleting it with that knowledge.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/usage.json";
export { DeleteUsedDialog, type DeleteUsedProps } from "./delete-used-dialog";
export { UsageList } from "./usage-list";

addTexts("usage", texts);
