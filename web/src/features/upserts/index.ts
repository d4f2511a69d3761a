// Upserts: what was written into vector stores, and when.
export { UpsertsPage } from "./upserts-page";
