// The whole menu: only pages that exist. The palette and the start page read it too.
import { Activity, Braces, KeyRound, KeySquare, LayoutTemplate, Library, ListTree, type LucideIcon, MessageSquareText, MessagesSquare, Workflow, Wrench } from "lucide-react";
import { may, type KnownUser } from "~/api/session";

export interface NavItem {
  /** The page's address; its route is in `router.tsx`. */
  to: "/chatflows" | "/agentflows" | "/marketplaces" | "/tools" | "/credentials" | "/variables" | "/apikey" | "/runs" | "/executions" | "/messages" | "/document-stores";
  /** Its name, a key of the common texts. */
  label: "nav.chatflows" | "nav.agentflows" | "nav.marketplaces" | "nav.tools" | "nav.credentials" | "nav.variables" | "nav.apiKeys" | "nav.runs" | "nav.executions" | "nav.messages" | "nav.documentStores";
  icon: LucideIcon;
  /** Who may see it: any of these permissions. */
  permissions: readonly string[];
}

export interface NavGroup {
  label: "nav.build" | "nav.knowledge" | "nav.run" | "nav.quality" | "nav.admin";
  items: readonly NavItem[];
}

/** A new page is one line here, one name in `NavItem`, and one route. Groups without a page do not show. */
export const NAVIGATION: readonly NavGroup[] = [
  {
    label: "nav.build",
    items: [
      { to: "/chatflows", label: "nav.chatflows", icon: MessagesSquare, permissions: ["chatflows:view"] },
      { to: "/agentflows", label: "nav.agentflows", icon: Workflow, permissions: ["agentflows:view"] },
      { to: "/marketplaces", label: "nav.marketplaces", icon: LayoutTemplate, permissions: ["templates:marketplace", "templates:custom"] },
      { to: "/tools", label: "nav.tools", icon: Wrench, permissions: ["tools:view"] },
      { to: "/credentials", label: "nav.credentials", icon: KeyRound, permissions: ["credentials:view"] },
      { to: "/variables", label: "nav.variables", icon: Braces, permissions: ["variables:view"] },
      { to: "/apikey", label: "nav.apiKeys", icon: KeySquare, permissions: ["apikeys:view"] },
    ],
  },
  {
    label: "nav.knowledge",
    items: [{ to: "/document-stores", label: "nav.documentStores", icon: Library, permissions: ["documentStores:view"] }],
  },
  {
    label: "nav.run",
    items: [
      { to: "/runs", label: "nav.runs", icon: Activity, permissions: ["executions:view"] },
      { to: "/executions", label: "nav.executions", icon: ListTree, permissions: ["executions:view"] },
      { to: "/messages", label: "nav.messages", icon: MessageSquareText, permissions: ["chatflows:view", "agentflows:view"] },
    ],
  },
  { label: "nav.quality", items: [] },
  { label: "nav.admin", items: [] },
];

/** The groups that `user` may see something of. */
export function navigationFor(user: KnownUser | null): NavGroup[] {
  return NAVIGATION.map((group) => ({ ...group, items: group.items.filter((item) => item.permissions.some((permission) => may(user, permission))) })).filter(
    (group) => group.items.length > 0,
  );
}

/** Whether `user` may see the page at `path`; pages outside the menu ask nothing here. */
export function maySee(user: KnownUser | null, path: string): boolean {
  const items = NAVIGATION.flatMap((group) => group.items);
  const item = items.find(({ to }) => path === to || path.startsWith(`${to}/`));
  return !item || item.permissions.some((permission) => may(user, permission));
}

/** The entry of the menu that a page without one of its own belongs to; `flowType` is that of the flow in the address. */
export function sectionOf(path: string, flowType: string | null | undefined): NavItem["to"] | null {
  if (path.startsWith("/marketplace/")) return "/marketplaces";
  if (!path.startsWith("/flow/") || !flowType) return null;
  return flowType === "CHATFLOW" ? "/chatflows" : "/agentflows";
}

/** Where somebody begins: the first page they may see. */
export function startFor(user: KnownUser | null): string {
  return navigationFor(user)[0]?.items[0]?.to ?? "/account";
}
