// The list page: what every list of the product is made of.
export { arrange, type ListRules } from "./arrange";
export { BulkActions, type BulkAction } from "./bulk-bar";
export { deleteWithUndo, useLeaving } from "./deletion";
export { type ListFilter } from "./filter-bar";
export { ListPage, type ListPageProps } from "./list-page";
export { type ListState, useListState } from "./list-state";
export { type ListColumn, type RowTools } from "./list-table";
export { type ListSearch, listSearch } from "./search";
