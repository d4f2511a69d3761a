// Document stores: documents in, chunks, vectors, and what is found among them.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/documentStores.json";
export { ChunksPage } from "./chunks-page";
export { HistoryPage } from "./history-page";
export { LoaderPage } from "./loader-page";
export { QueryPage } from "./query-page";
export { StoreApiPage } from "./api-page";
export { NewStoreDialog } from "./store-dialogs";
export { StoreLayout } from "./store-layout";
export { StorePage } from "./store-page";
export { StoresPage } from "./stores-page";
export { TargetsPage } from "./targets-page";

addTexts("documentStores", texts);
