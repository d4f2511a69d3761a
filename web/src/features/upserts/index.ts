// Upserts: what was written into vector stores, and when.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/upserts.json";
export { UpsertList, type UpsertListProps, UpsertsPage } from "./upserts-page";

addTexts("upserts", texts);
