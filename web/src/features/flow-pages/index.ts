// The pages of one flow beside its canvas: settings, API, messages, leads, upserts.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/flowPages.json";
export { FlowLayout } from "./flow-layout";

addTexts("flowPages", texts);
