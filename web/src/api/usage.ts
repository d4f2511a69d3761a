// Which flows use a credential, a variable, a tool or a key.
import { queryOptions } from "@tanstack/react-query";
import { api } from ".";

export type UsageKind = "credentials" | "variables" | "tools" | "apikeys";

export interface UsageRow {
  id: string;
  name: string;
  type: string;
  /** Only the draft uses it, not the published flow. */
  inDraft: boolean;
}

export function usageQuery(kind: UsageKind, id: string) {
  return queryOptions({
    queryKey: ["usage", kind, id],
    queryFn: ({ signal }) => api.request<UsageRow[]>(`/usage/${kind}/${encodeURIComponent(id)}`, { signal }),
    staleTime: 0,
    retry: false,
  });
}
