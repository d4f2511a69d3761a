// Which flows use a thing, and deleting it with that knowledge.
export { DeleteUsedDialog, type DeleteUsedProps } from "./delete-used-dialog";
export { UsageList } from "./usage-list";
